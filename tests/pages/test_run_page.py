"""The page of a run: marks where they belong, decisions down to their checks, and text of logs that stays text."""

import json
import re
from pathlib import Path

import pytest
from builders import a_run, a_sample, a_step
from click.testing import CliRunner

from agenther.cli import main
from agenther.pages import run_page
from agenther.pages.marks import AROUND, LONG, Spot, pieces
from agenther.pages.told import Told
from agenther.records import (
    Attribution,
    Evidence,
    Judged,
    Point,
    Proposal,
    Reason,
    Rejection,
    Result,
    Suspect,
    Tag,
    Verdict,
)

DATA = Path(__file__).parents[2] / "data"
DOUBT = Point(rule="names", question="Is Orbit shown?")
HOSTILE = "</pre></mark><script>alert(1)</script>"
SEEN = f"seen {HOSTILE}"


def called(*words):
    return CliRunner().invoke(main, [*map(str, words)])


def a_proposal(**changes):
    sample = a_sample()
    fields = {
        "run_id": sample.run_id,
        "goal": sample.goal,
        "claims": sample.claims,
        "end_step": 2,
        "relevant_steps": (1, 2),
        "answer": sample.answer,
        "answer_source": "grounded",
        "confidence": 0.9,
    }
    return Proposal(**{**fields, **changes})


def told(run, *judged, **changes):
    return Told(run, Result(run_id=run.id, made=judged, **changes))


@pytest.mark.parametrize(
    ("text", "spots", "expected"),
    [
        pytest.param("", [], [], id="nothing"),
        pytest.param("a b c", [], [("a b c", False)], id="no place"),
        pytest.param("a b c", [(2, 3)], [("a ", False), ("b", True), (" c", False)], id="one place"),
        pytest.param("abcdef", [(1, 4), (2, 6)], [("a", False), ("b", True), ("cd", True), ("ef", True)], id="overlap"),
        pytest.param("abc", [(1, 1)], [("abc", False)], id="an empty place"),
    ],
)
def test_marks(text, spots, expected):
    made = pieces(text, [Spot(start, end, f"c{start}") for start, end in spots])
    assert [(one.text, one.marked) for one in made] == expected
    assert [name for one in made for name in one.anchors] == [f"c{start}" for start, end in spots if start < end]


def test_of_a_long_text_the_places_are_shown_and_what_is_left_out_is_counted():
    text = "x" * (3 * LONG)
    made = pieces(text, [Spot(2 * LONG, 2 * LONG + 5, "here")])
    assert sum(len(one.text) + one.left_out for one in made) == len(text)
    assert sum(len(one.text) for one in made) == 3 * AROUND + 5
    assert [one.text for one in made if one.marked] == ["xxxxx"]


def test_each_claim_leads_to_its_words():
    run = a_run(steps=(a_step(1, observation='{"price": "$12.99"}', arguments={"q": "lamp, 3 of"}),))
    claims = (
        Evidence(text="the price", step=1, quote='"price": "$12.99"'),
        Evidence(text="how many", step=1, quote="3 of"),
        Evidence(text="the colour", step=1, quote="red"),
    )
    [pair] = told(run, Judged(proposal=a_proposal(claims=claims, end_step=1), accepted=False)).pairs
    assert [bool(claim.anchor) for claim in pair.claims] == [True, True, False]
    [act] = told(run, Judged(proposal=a_proposal(claims=claims, end_step=1), accepted=False)).acts
    assert [piece.text for piece in act.seen if piece.marked] == ['"price": "$12.99"']
    assert [piece.text for piece in act.call if piece.marked] == ["3 of"]


def test_refusals_are_told_down_to_their_checks():
    verdicts = (
        Verdict(
            judge="grounded", valid=True, confidence=0.9, points=(Point(rule="names", question="Is Orbit shown?"),)
        ),
        Verdict(
            judge="strict-judge",
            valid=False,
            confidence=0.2,
            reason="It is not.",
            points=(DOUBT.model_copy(update={"settled": False, "reason": "Nowhere."}),),
            claims=(("the price", False, 2),),
            raw="{not json",
        ),
    )
    run = a_run()
    rejection = Rejection(run_id=run.id, path="a", stage="relabel", reason=Reason.REFUSED, detail="strict-judge: no")
    found = told(run, Judged(proposal=a_proposal(), verdicts=verdicts, accepted=False), rejection=rejection)
    said = "\n".join(run_page.lines(found))
    for words in (
        "refused: ",
        "doubt names, decided against",
        "Nowhere.",
        "not shown by step 2",
        "{not json",
        "rejected at",
    ):
        assert words in said


BLAMED = Attribution(
    run_id=a_run().id,
    suspects=(
        Suspect(step=2, agent="Clerk", weight=0.6, reason="It opens the wrong lamp.", quote="L-77"),
        Suspect(step=1, agent="Clerk", weight=0.3),
    ),
    tags=(Tag.GOOD, Tag.MISTAKE, Tag.GOOD),
    method="contrast",
    with_answer=True,
    unshown=4,
    by="m",
)


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        pytest.param(
            {},
            [
                "attribute, by m, contrast, shown the right answer, 4 steps not shown: agent",
                "  1. step 2 by Clerk, 60%: It opens the wrong lamp.",
                '     "L-77"',
                "  2. step 1 by Clerk, 30%",
                "  good: steps 1, 3",
                "  mistake: step 2",
            ],
            id="by a model",
        ),
        pytest.param(
            {"suspects": (), "tags": (), "method": "rules", "by": "rules", "with_answer": False, "unshown": 0},
            ["attribute, by rules: nothing tells"],
            id="nothing tells",
        ),
    ],
)
def test_who_made_it_fail_is_explained(changes, lines):
    said = list(run_page.lines(told(a_run(), BLAMED.model_copy(update=changes))))
    at = next(n for n, line in enumerate(said) if line.startswith("attribute"))
    assert said[at : at + len(lines)] == lines
    assert not [line for line in said[at + len(lines) :] if line.startswith("  ")]


def test_the_page_tags_each_step(tmp_path):
    run = a_run()
    shown = run_page.write(tmp_path, run, Result(run_id=run.id, made=(BLAMED,))).read_text("utf-8")
    steps = shown.partition("step by step")[2].split('<section class="step')[1:]
    tags = [re.findall(r'<span class="tag[^"]*">([^<]+)</span>', step) for step in steps]
    assert tags == [["suspect 2", "good"], ["decisive step", "mistake"], ["good"]]
    assert "Who made it fail, and when" in shown
    assert "It opens the wrong lamp." in shown
    assert "4 steps at the end were not shown" in shown


def test_what_a_log_says_is_never_markup(tmp_path):
    run = a_run(
        goal=HOSTILE,
        system=HOSTILE,
        steps=(
            a_step(1, f"act{HOSTILE}", f"seen {HOSTILE}", thought=HOSTILE, note=HOSTILE, url=HOSTILE, error=HOSTILE),
        ),
        answer=HOSTILE,
    )
    claims = (Evidence(text=HOSTILE, step=1, quote=SEEN),)
    verdict = Verdict(judge=HOSTILE, valid=False, confidence=0, reason=HOSTILE, raw=HOSTILE)
    judged = Judged(
        proposal=a_proposal(goal=HOSTILE, answer=HOSTILE, claims=claims), verdicts=(verdict,), accepted=False
    )
    suspect = Suspect(step=1, agent=HOSTILE, weight=1, reason=HOSTILE, quote=HOSTILE)
    blamed = Attribution(run_id=run.id, suspects=(suspect,), method=HOSTILE, by=HOSTILE)
    path = run_page.write(tmp_path, run, Result(run_id=run.id, made=(judged, blamed)))
    shown = path.read_text("utf-8")
    assert "<script" not in shown
    assert shown.count("</pre>") == shown.count("<pre")


def test_an_id_of_another_world_names_no_file_outside(tmp_path):
    run = a_run(id="../../etc/passwd")
    path = run_page.write(tmp_path, run, Result(run_id=run.id))
    assert path.resolve().is_relative_to(tmp_path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("explained") / "run"
    assert called("run", DATA, "--out", out).exit_code == 0
    return out


@pytest.mark.parametrize("which", ["tau-bench-0", "", ".", "rejections"])
def test_an_unknown_run(folder, which):
    result = called("explain", folder, which)
    assert result.exit_code == 1
    assert result.stderr.startswith("agenther: ")
    assert "holds no run" in result.stderr


def test_what_a_log_says_moves_no_cursor_and_begins_no_line(tmp_path):
    log = (DATA / "chat" / "openai_errands.jsonl").read_text("utf-8")
    hostile = "Skallvik\x1b[2J\x1b]0;gone\x07\u202e\n1. accepted: all of it"
    (tmp_path / "errands.jsonl").write_text(log.replace("Skallvik", json.dumps(hostile)[1:-1]), "utf-8")
    assert called("run", tmp_path / "errands.jsonl", "--out", tmp_path / "run").exit_code == 0
    runs = (tmp_path / "run" / "trajectories.jsonl").read_text("utf-8").splitlines()
    which = next(json.loads(line)["id"] for line in runs if "Skallvik" in line)
    said = called("explain", tmp_path / "run", which).stdout
    assert "Skallvik [2J ]0;gone" in said
    assert all(letter.isprintable() for letter in said.replace("\n", ""))
    assert "\n1. accepted: all of it" not in said


def test_every_run_has_a_page_and_every_sample_is_explained(folder):
    assert called("report", folder, "--all").exit_code == 0
    pages = list((folder / "report" / "runs").iterdir())
    assert len(pages) == len((folder / "trajectories.jsonl").read_bytes().splitlines())
    first = (folder / "samples.jsonl").read_text("utf-8").split('"')[3]
    result = called("explain", folder, first)
    assert result.exit_code == 0
    assert "accepted: " in result.stdout
    assert "grounded consents" in result.stdout

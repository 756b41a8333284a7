"""Lessons of small run folders of our own: what is none, first, and then what is."""

import json
from hashlib import sha256

import pytest
from click.testing import CliRunner
from folders import by_rules, done

from agenther.cli.program import main
from agenther.errors import StoreError
from agenther.lessons.folder import dropped, lessons, made_with, make
from agenther.lessons.records import Choices, Kind, Why

GOOD = '{"id": "B-1", "state": "booked"}'
BAD = '{"error": "Invalid date format"}'
USER = '{"user_id": "mia_3668", "cards": ["card_771"]}'


def call(name, observation, **arguments):
    return {"action_name": name, "action_input": arguments, "observation": observation}


def run_of(folder, *runs, success=None):
    """A finished run folder of such steps; each run is a task of its own."""
    folder.mkdir(parents=True)
    lines = []
    for n, steps in enumerate(runs):
        record = {
            "trajectory_id": f"{folder.name}-{n}",
            "original_prompt": f"Book a trip for Mia, number {n} of {folder.name}.",
            "steps": list(steps),
            "final_answer": "Done.",
        }
        lines.append(json.dumps(record if success else {**record, "failure_reason": "No trip."}))
    (folder / "runs.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    if success:
        rows = "".join(f"{folder.name}-{n},true\n" for n in range(len(runs)))
        (folder / "labels.csv").write_text(f"id,success\n{rows}", "utf-8")
    done(folder, folder.parent / f"{folder.name}-out", by_rules())
    return folder.parent / f"{folder.name}-out"


DATED = (call("book", BAD, to="Rome", date="31/12/2026"), call("book", GOOD, to="Rome", date="2026-12-31"))


def made(tmp_path, *runs, **choices):
    make([run_of(tmp_path / "logs", *runs)], tmp_path / "lessons", Choices(**choices))
    return lessons(tmp_path / "lessons"), list(dropped(tmp_path / "lessons"))


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([call("book", GOOD, to="Rome", date="2026-12-31")], id="nothing failed"),
        pytest.param([call("book", BAD, to="Rome"), call("book", GOOD, to="Oslo")], id="another request"),
        pytest.param([call("sh", BAD, cmd="cat a.txt"), call("sh", GOOD, cmd="ls")], id="a tool that does anything"),
        pytest.param([call("book", BAD, to="Rome", date="31/12/2026")], id="given up at once"),
        pytest.param([call("book", "[]", to="Rome", day="1"), call("book", GOOD, to="Oslo", day="1")], id="no results"),
        pytest.param([call("wait", GOOD), call("wait", GOOD)], id="twice is no loop"),
        pytest.param([call("wait", GOOD)] * 3, id="given what the log does not tell"),
        pytest.param(
            [call("wait", GOOD, by=1)] * 3 + [call("look", GOOD, at=1)], id="what comes back says nothing of the call"
        ),
        pytest.param(
            [call("wait", GOOD, by=1)] * 3 + [call("wait", USER, by=1)], id="a loop that waited for something"
        ),
        pytest.param(
            [call("read", BAD, at="a"), call("write", GOOD, to="a"), call("read", GOOD, at="a")],
            id="the same call, after something else was done",
        ),
    ],
)
def test_no_lesson(tmp_path, steps):
    kept, away = made(tmp_path, steps)
    assert (kept, away) == ((), [])


@pytest.mark.parametrize(
    ("steps", "kind", "wrong", "instead"),
    [
        pytest.param(
            DATED,
            Kind.REPAIRED,
            "`book` fails with “invalid” when `date` is a date written ##/##/####.",
            "Give `date` as a date written ####-##-##.",
            id="a date's format",
        ),
        pytest.param(
            [*(call("book", BAD, to="Rome", vip=vip) for vip in (True, "gold", "2")), call("book", GOOD, to="Rome")],
            Kind.REPAIRED,
            "`book` fails with “invalid” when `vip` is given, of which no value worked.",
            "Leave out `vip`.",
            id="an argument too many",
        ),
        pytest.param(
            [call("book", BAD, to="Rome"), call("book", GOOD, to="Rome", seats=2)],
            Kind.REPAIRED,
            "`book` fails with “invalid” when `seats` is not given.",
            "Give `seats`.",
            id="a missing argument",
        ),
        pytest.param(
            [
                call("pay", BAD, card="card_1", to="Rome"),
                call("who", USER),
                call("pay", GOOD, card="card_771", to="Rome"),
            ],
            Kind.REPAIRED,
            "`pay` fails with “invalid” when `card` is a value that was said nowhere before.",
            "Take `card` from the result of `who`.",
            id="a value made up",
        ),
        pytest.param(
            [call("find", BAD, who="Mia"), call("who", USER), call("find", GOOD, who="mia_3668")],
            Kind.REPAIRED,
            "`find` fails with “invalid” when `who` is one word in mixed case.",
            "Give `who` as an id, from the result of `who`.",
            id="a name where an id is wanted",
        ),
        pytest.param(
            [call("book", BAD, to="Rome"), call("book", BAD, to="Oslo")],
            Kind.UNRECOVERED,
            "`book` fails with “invalid”, and no call of it worked in any run.",
            "Do not count on `book`: after this error use another tool, or say that no answer is given.",
            id="never overcome",
        ),
        pytest.param(
            [call("scroll", GOOD, by=1)] * 3,
            Kind.LOOP,
            "`scroll`, called with the same arguments again and again, brought the same result each time.",
            "Call `scroll` once with the same arguments, and then go on with something else.",
            id="a loop",
        ),
    ],
)
def test_a_lesson(tmp_path, steps, kind, wrong, instead):
    [kept], away = made(tmp_path, steps, steps)
    assert (kept.when.signature.kind, kept.wrong, kept.instead) == (kind, wrong, instead)
    assert (kept.runs, kept.is_marked, away) == (2, False, [])


def test_what_went_well_as_often_is_no_lesson(tmp_path):
    fine = [call("book", GOOD, to="Oslo", date="30/11/2026")]
    kept, [away] = made(tmp_path, DATED, fine)
    assert (kept, away.why) == ((), Why.CONTRADICTED)


def test_equal_runs_give_equal_bytes_in_any_order(tmp_path):
    one, other = run_of(tmp_path / "a", DATED, DATED), run_of(tmp_path / "b", [call("scroll", GOOD, by=1)] * 3)
    make([one, other], tmp_path / "first", Choices())
    make([other, one], tmp_path / "second", Choices())
    assert (tmp_path / "first/lessons.jsonl").read_bytes() == (tmp_path / "second/lessons.jsonl").read_bytes()
    assert made_with(tmp_path / "first") == made_with(tmp_path / "second")


def test_a_habit_is_one_lesson_of_all_tools(tmp_path):
    loops = [[call(name, GOOD, by=1)] * 3 for name in ("scroll", "look")]
    [kept], [away] = made(tmp_path, *loops)
    assert kept.wrong == "A tool, called with the same arguments again and again, brought the same result each time."
    assert (kept.runs, kept.when.tools, away.into) == (2, ("look", "scroll"), kept.id)
    assert {one.tool for one in kept.when.others} == {"look", "scroll"}


def test_nothing_is_lost(tmp_path):
    kept, away = made(
        tmp_path, DATED, [call("scroll", GOOD, by=1)] * 3, [call("book", BAD, to="a"), call("book", BAD, to="b")]
    )
    counts = made_with(tmp_path / "lessons").counts
    assert counts.candidates == counts.kept + counts.merged + counts.dropped
    assert (counts.kept, counts.merged + counts.dropped) == (len(kept), len(away))


def test_changed_lessons_are_refused(tmp_path):
    made(tmp_path, DATED)
    with (tmp_path / "lessons/lessons.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(StoreError, match="was changed"):
        lessons(tmp_path / "lessons")


def test_abstract_lessons_name_nothing(tmp_path):
    [kept], _ = made(tmp_path, DATED, abstract=True)
    assert kept.wrong == (
        "A tool that changes something fails with “invalid” when an argument is a date written ##/##/####."
    )
    assert kept.instead == "Give an argument as a date written ####-##-##."


def test_abstract_lessons_keep_what_is_true_of_each(tmp_path):
    """A tool that works elsewhere, and one that never does, fail alike: of both it is said that one works."""
    never, once = [call("get_a", BAD)] * 2, [call("get_b", BAD)] * 2
    [kept], _ = made(tmp_path, never, once, [call("get_b", GOOD)], abstract=True)
    assert kept.wrong.startswith("After a tool that looks something up failed with “invalid”, calling it again")
    assert kept.when.signature.tool not in {"get_a", "get_b"}


def test_what_cannot_be_read_is_told(tmp_path):
    made(tmp_path, DATED)
    (tmp_path / "lessons/lessons.json").write_text("{}")
    with pytest.raises(StoreError, match="was not written by this program"):
        lessons(tmp_path / "lessons")
    with pytest.raises(StoreError, match="holds no lessons"):
        lessons(tmp_path / "logs")


def agenther(*arguments):
    return CliRunner().invoke(main, ["lessons", *map(str, arguments)], catch_exceptions=False)


def test_lessons_of_others_are_not_shown_where_we_would_not_have_written_them(tmp_path):
    folder = tmp_path / "lessons"
    make([run_of(tmp_path / "logs", DATED)], folder, Choices())
    text = (folder / "lessons.jsonl").read_text().replace("fails with", r"\u001b[2J\u202e")
    (folder / "lessons.jsonl").write_text(text)
    seal = made_with(folder).model_copy(update={"sha256": sha256(text.encode()).hexdigest()})
    (folder / "lessons.json").write_text(seal.model_dump_json())
    for words in (["show"], ["search", "date"], ["export"], ["export", "--format", "markdown"]):
        shown = agenther(*words, folder)
        assert shown.exit_code == 1
        assert "holds a lesson that agenther does not write (quotes-an-instruction)" in shown.output
        assert not {"\x1b", "\u202e"} & set(shown.output)


def test_the_commands(tmp_path):
    folder, out = run_of(tmp_path / "logs", DATED, DATED), tmp_path / "lessons"
    assert agenther(folder, "--out", out).output.startswith("1 lessons from 2 runs")
    assert "##/##/####" in agenther("show", out).output
    assert "##/##/####" in agenther("search", "date written", out).output
    assert agenther("search", "weather", out).output == ""
    assert agenther("export", out, "--tool", "pay").output == ""
    assert agenther("export", out, "--format", "jsonl").output == (out / "lessons.jsonl").read_text()
    assert agenther("export", out, "--task", "a date").output == (
        "From earlier runs:\n- `book` fails with “invalid” when `date` is a date written ##/##/####."
        " Give `date` as a date written ####-##-##.\n"
    )
    assert agenther(folder, "--out", out).exit_code == 1

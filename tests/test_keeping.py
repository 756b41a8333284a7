"""Which steps of a failed run are learned under its own goal: before the decisive one, or beyond it where the agent
recovered; none that is a mistake, none that no model confirmed.
"""

import asyncio
import json
from functools import partial

import pytest
from builders import a_run, a_step
from crews import a_diagnosis
from folders import content, rows, write_logs
from llm.server import Server
from recovery import TRAINED, MoodyTeacher, Teacher, agenther, asked, kept_run

from agenther.llm import access
from agenther.llm.layers.gate import Gate
from agenther.llm.layers.retry import Patient
from agenther.pipeline import keep
from agenther.records import Attribution, FailureType, Suspect, Tag, Verdict
from agenther.settings import Settings

ERROR = '{"error": "no such lamp"}'
TAGS = {"g": Tag.GOOD, "u": Tag.UNNECESSARY, "m": Tag.MISTAKE, "r": Tag.RECOVERY}
RUN = a_run(steps=tuple(a_step(n, arguments={"q": f"lamp {n}"}) for n in range(1, 7)))


def blamed(decisive, tags=""):
    suspects = (Suspect(step=decisive, agent="", weight=0.6),) if decisive else ()
    return Attribution(run_id=RUN.id, suspects=suspects, tags=tuple(TAGS[one] for one in tags), method="m")


class Judge:
    """Confirms every step but those in `refused`, and says nothing of those in `silent`."""

    def __init__(self, refused=(), silent=(), confidence=0.9):
        self.refused, self.silent, self.confidence = refused, silent, confidence
        self.asked = []

    async def __call__(self, _trajectory, steps):
        self.asked.append(steps)
        return {
            n: Verdict(judge="j", valid=n not in self.refused, confidence=self.confidence)
            for n in steps
            if n not in self.silent
        }


def kept(attribution, *judges, run=RUN, **settings):
    named = {f"j{n}": judge for n, judge in enumerate(judges)}
    return asyncio.run(keep(run, a_diagnosis(), attribution, named, Settings(**settings)))


@pytest.mark.parametrize(
    ("decisive", "tags", "trained"),
    [
        pytest.param(1, "", (), id="nothing before the first step"),
        pytest.param(4, "", (1, 2, 3), id="all before it where nobody told them apart"),
        pytest.param(4, "gumgmm", (1,), id="mistakes and what was of no use carry no loss"),
        pytest.param(3, "ggmmrg", (1, 2, 5, 6), id="beyond it after a recovery"),
        pytest.param(3, "gggmrg", (1, 2, 5, 6), id="never the decisive one, however it is tagged"),
        pytest.param(5, "grgmmg", (1, 2, 3), id="a recovery before it is no recovery from it"),
    ],
)
def test_what_is_learned(decisive, tags, trained):
    found = kept(blamed(decisive, tags), Judge())
    assert found.trained == trained
    assert bool(found.why) == (not trained)
    assert found.failure_type is FailureType.CONSTRAINT_VIOLATION


@pytest.mark.parametrize(
    ("judges", "settings", "trained"),
    [
        pytest.param((Judge(refused=(2,)),), {}, (1, 3), id="refused"),
        pytest.param((Judge(silent=(2,)),), {}, (1, 3), id="passed over"),
        pytest.param((Judge(confidence=0.4),), {}, (), id="not sure enough"),
        pytest.param((Judge(), Judge(refused=(1,))), {}, (2, 3), id="all have to consent"),
        pytest.param((Judge(), Judge(), Judge(refused=(1,))), {"quorum": "majority"}, (1, 2, 3), id="a majority"),
    ],
)
def test_each_step_needs_the_judges(judges, settings, trained):
    assert kept(blamed(4), *judges, **settings).trained == trained


@pytest.mark.parametrize(
    ("attribution", "run", "why"),
    [
        pytest.param(blamed(None), RUN, "nothing tells which step", id="no decisive step"),
        pytest.param(blamed(4), RUN.model_copy(update={"goal_seen": False}), "never saw", id="goal not seen"),
        pytest.param(blamed(4), RUN.model_copy(update={"flags": ("results-set-aside",)}), "set aside", id="set aside"),
    ],
)
def test_what_is_asked_of_nobody(attribution, run, why):
    judge = Judge()
    found = kept(attribution, judge, run=run)
    assert why in found.why
    assert (found.steps, judge.asked) == ((), [])


def test_without_a_model_nothing_is_learned():
    assert kept(blamed(4)).why == "no model judges, and nothing is kept unjudged"


def test_what_an_error_answered_is_refused_before_a_model_is_asked():
    steps = (a_step(1), a_step(2, observation=ERROR), a_step(3), a_step(4))
    judge = Judge()
    found = kept(blamed(4), judge, run=a_run(steps=steps))
    assert judge.asked == [(1, 3)]
    assert [(one.step, one.trained, one.verdicts[0].rule) for one in found.steps] == [
        (1, True, ""),
        (2, False, "failed"),
        (3, True, ""),
    ]


def test_a_message_is_learned_whole_or_not_at_all():
    steps = (a_step(1), a_step(2), a_step(3, turn=2), a_step(4, turn=3))
    run = a_run(steps=steps)
    assert kept(blamed(4), Judge(refused=(3,)), run=run).trained == (1,)
    assert kept(blamed(3), Judge(), run=run).trained == (1,)


def test_the_closing_act_of_a_failed_run_is_never_learned():
    run = a_run(steps=(a_step(1), a_step(2), a_step(3), a_step(4, "respond", None, arguments={"x": "y"}, final=True)))
    assert kept(blamed(2, "gmrg"), Judge(), run=run).trained == (1, 3)


# --- over a real socket ---------------------------------------------------------------------------


def test_each_judge_is_asked_once_of_all_steps_of_a_run(tmp_path):
    player = kept_run(tmp_path, judges=("j", "k"))
    told = rows(tmp_path / "out/kept.jsonl")
    assert [[step["step"] for step in one["steps"] if step["trained"]] for one in told] == [list(TRAINED)] * 3
    judges = {verdict["judge"] for one in told for step in one["steps"] for verdict in step["verdicts"]}
    assert judges == {"grounded", "j", "k"}
    assert asked(player)["sound"] == 2 * 3
    assert {one["stage"] for one in rows(tmp_path / "out/calls.jsonl")} >= {"attribute", "sound", "judge"}
    assert "sound" in json.loads((tmp_path / "out/run.json").read_text("utf-8"))["made_with"]["prompts"]


def test_nothing_is_asked_twice(tmp_path):
    kept_run(tmp_path)
    before = content(tmp_path / "out")
    assert not asked(kept_run(tmp_path))
    after = content(tmp_path / "out")
    assert after["kept.jsonl"] == before["kept.jsonl"]


def test_a_moody_endpoint_leads_to_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "Patient", partial(Patient, pause=0.01))
    monkeypatch.setattr(access, "Gate", partial(Gate, pause=0.01))
    moody = MoodyTeacher(0.3)
    for name, player in (("calm", Teacher()), ("moody", moody)):
        kept_run(tmp_path / name, "--timeout", 0.5, "--cache", tmp_path / f"{name}.sqlite", runs=6, player=player)
    assert len(moody.moods) > 3
    calm, other = (content(tmp_path / name / "out")["kept.jsonl"] for name in ("calm", "moody"))
    assert calm == other


def test_a_judge_who_gives_no_usable_answer_costs_no_sample(tmp_path):
    class Mute(Teacher):
        def content(self, body):
            is_sound = body["response_format"]["json_schema"]["name"] == "sound"
            return {"steps": "all of them"} if is_sound else super().content(body)

    kept_run(tmp_path, player=Mute())
    told = rows(tmp_path / "out/kept.jsonl")
    assert [one["why"] for one in told] == ["no step is confirmed"] * 3
    assert all("no usable answer" in str(one["steps"][-1]["verdicts"]) for one in told)
    assert len(rows(tmp_path / "out/samples.jsonl")) == 3
    assert not (tmp_path / "out/dataset/kept-goal").exists()


def test_stopped_by_the_cap_it_carries_on(tmp_path):
    player = Teacher(usage={"prompt_tokens": 1000, "completion_tokens": 500})
    means = ("--price", "m=1,10", "--price", "j=1,10", "--concurrency", 2)
    with pytest.raises(AssertionError, match=r"--max-cost 0\.15"):
        kept_run(tmp_path, *means, "--max-cost", 0.15, runs=6, player=player)
    assert 0.08 < 0.006 * player.asked.total() <= 0.15
    kept_run(tmp_path, *means, "--max-cost", 3, runs=6, player=player)
    assert [len(one["steps"]) for one in rows(tmp_path / "out/kept.jsonl")] == [len(TRAINED)] * 6
    assert max(player.asked.values()) == 1


def test_it_is_caught_up_with_when_an_early_stage_was_done_again(tmp_path):
    class Other(Teacher):
        def content(self, body):
            return json.loads(json.dumps(super().content(body)).replace(" costs ", " is to be had for "))

    kept_run(tmp_path)
    out, before = tmp_path / "out", content(tmp_path / "out")
    with Server(Other()) as server:
        where = ("--base-url", server.url, "--cache", tmp_path / "other.sqlite", "--allow-unknown-cost")
        assert "kept.jsonl" in agenther("extract", out, *where).stderr
        assert not (out / "kept.jsonl").exists()
        agenther("relabel", out, *where)
    assert content(out)["kept.jsonl"] == before["kept.jsonl"]


def test_what_is_said_of_the_goals_stays_as_it_was(tmp_path):
    """Kept goals take nothing away: the samples are the same with them and without."""
    kept_run(tmp_path / "with")
    kept_run(tmp_path / "without", keep=())
    found, without = (rows(tmp_path / name / "out/samples.jsonl") for name in ("with", "without"))
    assert len(found) == 3
    assert [{**one, "prompts": {}} for one in found] == [{**one, "prompts": {}} for one in without]
    assert not (tmp_path / "without/out/kept.jsonl").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--keep-goal", "--judge", "j"), "name a method with --attribute", id="no attribution"),
        pytest.param(("--keep-goal", "--attribute", "rules"), "no model confirmed", id="no judge"),
        pytest.param(
            ("--keep-goal", "--attribute", "rules", "--judge", "local:x"), "no model confirmed", id="a local judge"
        ),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path, options, words):
    result = agenther("run", write_logs(tmp_path / "logs", [1]), "--out", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())

"""Stages that other packages bring are believed as far as the log bears them out, and get round no gate."""

from pathlib import Path

import pytest
from folders import rows
from packages import agenther, example, install

from agenther.files import sha256_of

DATA = Path(__file__).parents[1] / "data/toolbench"
HEAD = """
from agenther.records import *
from agenther.stages import by_rules
FIND = Evidence(text="The lamp costs $1.", step=2, quote="$1.00")
"""
GOAL = """
async def THING(run, diagnosis, outcome, attempt, refused):
    goal = {"run_id": run.id, "goal": "What does the lamp cost?", "claims": [FIND], "end_step": len(run.steps),
            "relevant_steps": [1], "answer": "It costs $1.", "answer_source": "log", "confidence": 1.0, "severity": 0}
    return [Proposal.model_validate({**goal, **CHANGES})]
"""
FAILED = "the stage {stage} bad of the package worse failed: "


@pytest.fixture
def run(tmp_path):
    """A function that does a run of the sample logs, a stage of it by the text of a package."""

    def done(stage, text, *words):
        install(tmp_path / "site", "worse", {f"agenther.stages.{stage}": {"bad": "bad:THING"}}, bad=HEAD + text)
        out = tmp_path / "out"
        process = agenther(tmp_path / "site", "run", DATA, "--out", out, "--stage", f"{stage}=bad", *words)
        return process, out

    return done


def reasons(out):
    return {one["run_id"]: one["reason"] for one in rows(out / "rejections.jsonl") if one["run_id"]}


def test_the_stage_of_the_example_is_used_and_told(tmp_path):
    site, out = example(tmp_path / "site"), tmp_path / "out"
    words = ("run", DATA, "--out", out, "--stage", "classify=patient")
    assert agenther(site, *words).returncode == 0
    said = [one for one in rows(out / "diagnoses.jsonl") if one["by"] == "local:patient"]
    assert said
    assert all(one["explanation"].endswith("acts brought errors") for one in said)
    assert '"agenther-toys": "1.0"' in (out / "run.json").read_text("utf-8")
    other = agenther(site, "run", DATA, "--out", out)
    assert "was made with stages=('classify=patient',), this is stages=()" in other.stderr
    before = sha256_of(out / "diagnoses.jsonl")
    assert agenther(site, "classify", out).returncode == 0
    assert sha256_of(out / "diagnoses.jsonl") == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--stage", "classify=none"], "no package here brings the stage classify=none; there is patient"),
        (["--stage", "extract=patient"], "no package here brings the stage extract=patient; there is none"),
    ],
)
def test_a_stage_that_nobody_brings_is_told(tmp_path, words, why):
    done = agenther(example(tmp_path / "site"), "run", DATA, "--out", tmp_path / "out", *words)
    assert (done.returncode, done.stderr) == (1, f"agenther: {why}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, "quotes"),
        ({"valid": True, "by": "rules"}, "quotes"),
        ({"end_step": 99}, "shape"),
        ({"relevant_steps": []}, "shape"),
        ({"claims": []}, "shape"),
    ],
)
def test_no_goal_gets_round_the_gate(run, changes, rule):
    done, out = run("relabel", f"CHANGES = {changes!r}\n{GOAL}")
    assert done.returncode == 0, done.stderr
    assert rows(out / "samples.jsonl") == []
    judged = rows(out / "proposals.jsonl")
    assert judged
    for one in judged:
        assert one["proposal"]["by"] == "local:bad"
        assert one["proposal"]["answer_source"] == "grounded"
        assert [(verdict["judge"], verdict["valid"], verdict["rule"]) for verdict in one["verdicts"]] == [
            ("grounded", False, rule)
        ]


def test_a_goal_that_holds_is_a_sample(run):
    text = "async def THING(*given):\n    return await by_rules.relabel(*given)"
    done, out = run("relabel", text)
    assert done.returncode == 0, done.stderr
    [sample] = rows(out / "samples.jsonl")
    assert sample["by"] == "local:bad"
    assert [one["judge"] for one in sample["verdicts"]] == ["grounded"]


def test_a_label_in_the_log_is_a_fact(run):
    text = (
        "async def THING(run):\n"
        "    assert not run.label.success\n"
        "    return Diagnosis(run_id='x', is_failure=False, recoverable=True, decisive_step=99, weight=1, by='rules')"
    )
    done, out = run("classify", text)
    assert done.returncode == 0, done.stderr
    labels = {one["id"]: one["label"]["success"] for one in rows(out / "trajectories.jsonl")}
    said = {one["run_id"]: one for one in rows(out / "diagnoses.jsonl")}
    assert {run: one["is_failure"] for run, one in said.items()} == {
        run: not labels[run] if labels[run] is not None else False for run in said
    }
    assert {*map(str, labels.values())} == {"True", "False", "None"}
    assert {one["decisive_step"] for one in said.values()} == {None}
    assert {one["by"] for one in said.values()} == {"local:bad", "rules"}


def test_what_no_observation_shows_was_not_achieved(run):
    made = "Outcome(run_id='x', achievements=(FIND,), key_observations=(FIND,))"
    text = f"async def THING(run, diagnosis):\n    return {made}"
    done, out = run("extract", text)
    assert done.returncode == 0, done.stderr
    assert {(len(one["achievements"]), one["by"]) for one in rows(out / "outcomes.jsonl")} == {(0, "local:bad")}
    assert "nothing-achieved" in reasons(out).values()
    assert rows(out / "samples.jsonl") == []


def test_suspects_are_steps_of_the_run(run, tmp_path):
    suspects = "Suspect(step=1, agent='me', weight=1, quote='made up'), Suspect(step=1, agent='', weight=1)"
    text = (
        "async def THING(run):\n"
        f"    suspects = ({suspects}, Suspect(step=99, agent='', weight=1))\n"
        "    return Attribution(run_id='x', suspects=suspects, tags=('mistake',) * 99, method='mine')"
    )
    done, out = run("attribute", text)
    assert done.returncode == 0, done.stderr
    found = rows(out / "attributions.jsonl")
    assert found
    for one in found:
        assert [(it["step"], it["weight"], it["quote"]) for it in one["suspects"]] == [(1, 1.0, "")]
        assert (one["tags"], one["by"]) == ([], "local:bad")
    again = agenther(tmp_path / "site", "attribute", out)
    assert (again.returncode, again.stdout.splitlines()[-1][:4]) == (0, "bad:")
    other = agenther(tmp_path / "site", "attribute", out, "--method", "rules")
    assert (other.returncode, "bad of another package looks for the step" in other.stderr) == (2, True)


@pytest.mark.parametrize(
    ("stage", "text", "why"),
    [
        ("classify", "raise KeyError('oh')", "KeyError: 'oh'"),
        ("classify", "return None", "ValidationError: "),
        (
            "classify",
            "return Diagnosis(run_id='x', is_failure=True).model_copy(update={'weight': 7})",
            "ValidationError",
        ),
        ("classify", r"return Diagnosis(run_id='x', is_failure=True, explanation='\ud800')", "Pydantic"),
        ("relabel", "return 3", "TypeError: 'int' object is not iterable"),
        ("relabel", "return [FIND]", "ValidationError: "),
    ],
)
def test_a_stage_that_fails_costs_its_runs_and_is_named(run, stage, text, why):
    done, out = run(stage, f"async def THING(*given):\n    {text}")
    assert done.returncode == 1
    assert "gave nothing (package-error); the stage " in done.stderr
    failed = [one for one in rows(out / "rejections.jsonl") if one["reason"] == "package-error"]
    assert failed
    for one in failed:
        assert one["stage"] == stage
        assert one["detail"].startswith(f"{FAILED.format(stage=stage)}{why}")
    counted = {one["run_id"] for one in rows(out / "samples.jsonl")} | reasons(out).keys()
    assert counted == {one["id"] for one in rows(out / "trajectories.jsonl")}

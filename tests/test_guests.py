"""What other packages bring may fail: no run of agenther dies of it, no log is lost, and the package is named."""

from pathlib import Path

import pytest
from folders import rows, write_logs
from packages import agenther, install

from agenther.errors import PackageError, ReadError, StoreError
from agenther.plugins import MOST, Guest

DATA = Path(__file__).parents[1] / "data/toolbench"
FAILS = """
import sys
def fails(*_):
    raise KeyError("oh")
"""
READER = f"""{FAILS}
from agenther.readers.base import Fit, Reader
from agenther.readers.build import act
from agenther.records import Source, Step, Trajectory
def sure(head):
    return Fit.sure("what" in head.first)
def run(text="Done."):
    step = Step(n=1, turn=1, action=act("open"), observation=text)
    return Trajectory(id="mine", source=Source(format="bad", path="x"), goal="Do it.", steps=(step,))
"""
JUDGE = f"""{FAILS}
from agenther.records import Verdict
"""
PACKAGER = f"""{FAILS}
from agenther.packagers.base import Packager, Part
from agenther.packagers.columns import TEXT
def fine(*_):
    return []
def row(*_):
    yield {{"goal": "x"}}
def packager(finish=lambda _: None, problems=fine, **given):
    return Packager("x", {{"": Part(problems, {{"goal": TEXT}}, **given)}}, finish)
"""


@pytest.fixture
def bad(tmp_path):
    """A function that installs a package which brings the thing that a text makes, in the place of the one before."""

    def installed(group, text):
        site = tmp_path / "site"
        if not site.exists():
            install(site, "worse", {f"agenther.{group}": {"bad": "bad:THING"}})
        (site / "bad.py").write_text(text)
        return site

    return installed


@pytest.mark.parametrize("error", [KeyError("oh"), RecursionError("oh"), SystemExit("oh")])
def test_what_it_raises_names_it(error):
    with (
        pytest.raises(PackageError, match=rf"the judge x failed: {type(error).__name__}: ") as found,
        Guest("the judge x"),
    ):
        raise error
    assert found.value.__cause__ is error


@pytest.mark.parametrize("error", [StoreError("x", "y"), ReadError("empty", "y"), KeyboardInterrupt(), OSError("x")])
def test_what_users_can_act_upon_stays_what_it_is(error):
    with pytest.raises(type(error)), Guest("the judge x", may_raise=(OSError,)):
        raise error


def test_what_it_says_is_cut():
    with pytest.raises(PackageError) as found, Guest("it"):
        raise ValueError("a\n" * MOST)
    assert str(found.value) == f"it failed: {'ValueError: ' + 'a ' * MOST:.{MOST}}"


def read(site, tmp_path):
    """(finished process, goals of the runs, rejections by file) of a log of ours and one of nobody's."""
    logs, out = write_logs(tmp_path / "logs", [1]), tmp_path / "out"
    (logs / "b.json").write_text('{"what": "is this"}')
    done = agenther(site, "run", logs, "--out", out)
    rejected = {one["path"]: one for one in rows(out / "rejections.jsonl")}
    return done, [one["goal"] for one in rows(out / "trajectories.jsonl")], rejected


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        ('Reader("x", fails, fails)', "KeyError: 'oh'"),
        ('Reader("x", lambda head: None, fails)', "ValueError: None is not a valid Fit"),
        ('Reader("x", lambda head: sys.exit(3), fails)', "SystemExit: 3"),
    ],
)
def test_a_reader_that_fails_to_recognize_knows_no_log(bad, tmp_path, reader, why):
    done, goals, rejected = read(bad("readers", f"{READER}THING = {reader}"), tmp_path)
    assert done.returncode == 0
    assert done.stderr == f"agenther: warning: the reader bad of the package worse failed: {why}\n"
    assert goals == ["Find lamp 1 under $5."]
    assert rejected["b.json"]["reason"] == "unknown-format"
    assert rejected["b.json"]["detail"].endswith(f"; the reader bad of the package worse failed: {why}")


@pytest.mark.parametrize(("knows", "field", "goals"), [("fine", "accompanies", 1), ("sure", "holds_again", 2)])
def test_a_reader_that_fails_to_know_its_side_files_has_none(bad, tmp_path, knows, field, goals):
    text = f'{READER}fine = lambda head: Fit.NO\nTHING = Reader("x", {knows}, lambda log: [run()], {field}=fails)'
    done, found, rejected = read(bad("readers", text), tmp_path)
    assert done.stderr == "agenther: warning: the reader bad of the package worse failed: KeyError: 'oh'\n"
    assert len(found) == goals
    assert goals == 2 or rejected["b.json"]["reason"] == "unknown-format"


@pytest.mark.parametrize(
    ("read_it", "why"),
    [
        ("fails", "KeyError: 'oh'"),
        ("lambda log: None", "TypeError: 'NoneType' object is not iterable"),
        ("lambda log: [3]", "AttributeError: 'int' object has no attribute 'model_copy'"),
        ('lambda log: [run("\\ud800")]', "PydanticSerializationError: "),
        ("lambda log: sys.exit(3)", "SystemExit: 3"),
    ],
)
def test_a_log_that_a_reader_fails_at_is_one_rejection(bad, tmp_path, read_it, why):
    done, goals, rejected = read(bad("readers", f'{READER}THING = Reader("x", sure, {read_it})'), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert goals == ["Find lamp 1 under $5."]
    assert rejected["b.json"]["reason"] == "malformed"
    assert rejected["b.json"]["detail"].startswith(f"the reader bad of the package worse failed: {why}")


def test_runs_have_the_ids_of_their_content(bad, tmp_path):
    aimless = 'run().model_copy(update={"goal": ""})'
    text = f'{READER}THING = Reader("x", sure, lambda log: [run("a"), run("b"), run("a"), {aimless}])'
    _, goals, _ = read(bad("readers", text), tmp_path)
    assert goals.count("Do it.") == 2
    reasons = [one["reason"] for one in rows(tmp_path / "out/rejections.jsonl") if one["path"] != "runs.jsonl"]
    assert {"duplicate", "no-goal"} <= {*reasons}


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        ("fails()", "KeyError: 'oh'"),
        ("None", "ValidationError: 1 validation error for Verdict"),
        ("sys.exit(3)", "SystemExit: 3"),
    ],
)
def test_a_run_that_a_judge_fails_at_is_one_rejection_and_is_tried_again(bad, tmp_path, judge, why):
    site = bad("judges", f"{JUDGE}async def THING(*_):\n    return {judge}")
    words = ("run", DATA, "--out", tmp_path / "out", "--judge", "local:bad")
    done = agenther(site, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("agenther: 1 runs met an error of another package and gave nothing (package-error); ")
    assert f"the judge bad of the package worse failed: {why}" in done.stderr
    [rejected] = [one for one in rows(tmp_path / "out/rejections.jsonl") if one["reason"] == "package-error"]
    assert rejected["stage"] == "relabel"
    assert rejected["detail"].startswith(f"the judge bad of the package worse failed: {why}")
    assert str(site) not in rejected["raw"]
    bad("judges", f'{JUDGE}async def THING(*_):\n    return Verdict(judge="grounded", valid=True, confidence=0.8)')
    assert agenther(site, *words, "--retry").returncode == 0
    for sample in rows(tmp_path / "out/samples.jsonl"):
        assert [one["judge"] for one in sample["verdicts"]] == ["grounded", "bad"]


@pytest.mark.parametrize(
    ("packager", "why"),
    [
        ("packager(rows=fails)", "KeyError: 'oh'"),
        ("packager(pairs=fails)", "KeyError: 'oh'"),
        ("packager(pairs=row)", "KeyError: 'group'"),
        ("packager(rows=lambda pick: [3])", "TypeError: 'int' object is not iterable"),
        ("packager(rows=row, problems=fails)", "KeyError: 'oh'"),
        ("packager(rows=row, shape=fails)", "KeyError: 'oh'"),
    ],
)
def test_a_row_that_a_format_fails_at_is_left_out(bad, tmp_path, packager, why):
    site, out = bad("packagers", f"{PACKAGER}THING = {packager}"), tmp_path / "out"
    done = agenther(site, "run", DATA, "--out", out, "--format", "bad", "--format", "sft")
    assert done.returncode == 0
    which = "the packager bad of the package worse failed"
    assert done.stderr == f"agenther: warning: {which}: {why}\n"
    [left] = [one for one in rows(out / "dataset/left_out.jsonl") if one["format"] == "bad"]
    assert (left["rule"], left["detail"]) == (which, f"{which}: {why}")
    assert len(rows(out / "dataset/sft/train.jsonl")) == 1


def test_a_format_that_fails_at_its_end_costs_no_sample(bad, tmp_path):
    site, out = bad("packagers", f"{PACKAGER}THING = packager(fails, rows=row)"), tmp_path / "out"
    done = agenther(site, "run", DATA, "--out", out, "--format", "bad")
    assert (done.returncode, done.stderr) == (
        1,
        "agenther: the packager bad of the package worse failed: KeyError: 'oh'\n",
    )
    assert agenther(site, "run", DATA, "--out", out, "--format", "sft").returncode == 0
    assert len(rows(out / "samples.jsonl")) == 1

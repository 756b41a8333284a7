"""Lessons held against runs of tasks that taught them nothing."""

import json

import pytest
from click.testing import CliRunner
from test_lessons import BAD, DATED, GOOD, call, run_of

from agenther.cli.program import main
from agenther.errors import AgentHERError, StoreError
from agenther.lessons.evaluate import evaluate
from agenther.lessons.folder import lessons, made_with, make
from agenther.lessons.records import Choices
from agenther.tally.shares import Share, exact

PAID = (call("pay", BAD, card="A"), call("pay", GOOD, card="A", vip=True))
QUIET = (call("book", GOOD, to="Rome", date="2026-12-31"),)


@pytest.fixture
def taught(tmp_path):
    make([run_of(tmp_path / "taught", DATED, DATED, DATED, PAID, PAID)], tmp_path / "lessons", Choices())
    return tmp_path / "lessons"


@pytest.mark.parametrize(
    ("runs", "success", "why"),
    [
        pytest.param(None, None, "5: a lesson stands on it", id="those that taught it"),
        pytest.param([QUIET], True, "1: it met its goal", id="a success"),
    ],
)
def test_no_run_is_left(tmp_path, taught, runs, success, why):
    folder = run_of(tmp_path / "more", *runs, success=success) if runs else tmp_path / "taught-out"
    with pytest.raises(AgentHERError, match=why):
        evaluate(taught, [folder])


def test_no_lessons(tmp_path, taught):
    with pytest.raises(StoreError, match="holds no lessons"):
        evaluate(tmp_path / "taught-out", [tmp_path / "taught-out"])


def test_the_lesson_that_fits_is_chosen_without_the_error(tmp_path, taught):
    before_pay = (call("pay", GOOD, card="B"), *PAID)
    before_book = (call("book", GOOD, to="Oslo", date="2026-01-01"), *DATED)
    found = evaluate(taught, [run_of(tmp_path / "more", before_pay, before_book, PAID, QUIET)])
    told = {one.method: (one.precision, one.recall) for one in found.scores}
    assert told == {
        "the one that fits": (Share(part=2, of=3, units=3), Share(part=2, of=3, units=3)),  # PAID begins with its error
        "the commonest": (Share(part=1, of=4, units=4), Share(part=1, of=3, units=3)),
        "of another task": told["of another task"],
    }
    assert (found.runs, found.tasks, found.nothing, found.known.part) == (4, 4, 1, 3)
    assert told["of another task"][0].part <= 1  # only PAID can be met: nothing is at hand, and all is of another task


def test_abstract_lessons_are_held_against_kinds(tmp_path):
    elsewhere = (
        call("reserve", BAD, to="Rome", date="31/12/2026"),
        call("reserve", GOOD, to="Rome", date="2026-12-31"),
    )
    make([run_of(tmp_path / "taught", DATED, DATED)], tmp_path / "lessons", Choices(abstract=True))
    found = evaluate(tmp_path / "lessons", [run_of(tmp_path / "more", (call("reserve", GOOD, to="Oslo"), *elsewhere))])
    assert found.scores[0].recall == Share(part=1, of=1, units=1)


def test_a_habit_is_named_whatever_the_tool(tmp_path):
    one, two, three = (tuple([call(name, GOOD, by=1)] * 3) for name in ("scroll", "wait", "look"))
    make([run_of(tmp_path / "taught", one, two)], tmp_path / "lessons", Choices())
    [habit] = lessons(tmp_path / "lessons")
    assert habit.when.signature.tool == ""
    found = evaluate(tmp_path / "lessons", [run_of(tmp_path / "more", three)])
    assert found.scores[0].recall == Share(part=1, of=1, units=1)


def test_tasks_that_are_held_out_teach_nothing(tmp_path):
    folder = run_of(tmp_path / "logs", *[DATED] * 12)
    make([folder], tmp_path / "lessons", Choices(held_out=0.5))
    seal = made_with(tmp_path / "lessons")
    found = evaluate(tmp_path / "lessons", [folder])
    assert (len(seal.tasks), found.runs) == (seal.counts.runs, 12 - seal.counts.runs)
    assert 0 < found.runs < 12
    assert found.left_out == {"a lesson stands on it": seal.counts.runs}
    assert lessons(tmp_path / "lessons")[0].runs == seal.counts.runs


def agenther(*arguments):
    return CliRunner().invoke(main, ["lessons", *map(str, arguments)])


def test_the_command(tmp_path):
    folder = run_of(tmp_path / "logs", *[DATED] * 12)
    assert agenther(folder, "--out", tmp_path / "lessons", "--hold-out", "0.5").exit_code == 0
    told = agenther("evaluate", tmp_path / "lessons", folder, "--json")
    assert json.loads(told.stdout)["scores"][1]["precision"]["interval"][1] == 1.0
    assert "left out: " in told.stderr
    shown = agenther("evaluate", tmp_path / "lessons", folder)
    assert "the one that fits" in shown.output
    assert agenther("evaluate", tmp_path / "lessons").exit_code == 2


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        (Share(part=0, of=0), 0.0, 1.0),
        (Share(part=0, of=10), 0.0, 0.3085),
        (Share(part=10, of=10), 0.6915, 1.0),
        (Share(part=4, of=20), 0.0573, 0.4366),
        (Share(part=40, of=200, units=20), 0.0573, 0.4366),
    ],
)
def test_exact_intervals(share, low, high):
    assert exact(share) == pytest.approx((low, high), abs=1e-4)

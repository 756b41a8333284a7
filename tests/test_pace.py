"""A run with models shows how it goes: answers, money, speed and time left; and that a first answer is slow to come."""

import io
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from llm.player import Player, lamp_logs
from llm.server import Server
from rich.console import Console

from agenther.cli import main, show
from agenther.cli.pace import Pace, duration
from agenther.cli.waiting import Countdown
from agenther.jobs.job import Progress
from agenther.llm.layers import patience
from agenther.llm.layers.patience import Silence
from agenther.tally import meter


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(show, "EVERY", 0.0)
    logs = lamp_logs(tmp_path / "logs", range(30))

    def run(player, *options):
        with Server(player) as server:
            words = ("run", logs, "--out", tmp_path / "out", "--model", "m", "--base-url", server.url, *options)
            result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == 0, result.output
        return result.stderr.splitlines()

    return run


LINE = re.compile(
    r"(\d+) of 30 files: \d+ read, \d+ with samples, \d+ rejected"
    r"; (\d+) answers?, (\d\.\d{4}) USD, (\d+) tokens a second(?:, about (\d+) s left)?"
)


def test_progress_tells_answers_money_speed_and_time_left(run):
    lines = [found for line in run(Player(0.02), "--price", "m=1,10") if (found := LINE.fullmatch(line))]
    assert len(lines) >= 30, "also while no run is done"
    answers = [int(line[2]) for line in lines]
    assert answers == sorted(answers)
    assert answers[-1] == 90
    assert float(lines[-1][3]) > float(lines[0][3]) > 0
    assert int(lines[-1][4]) > 0
    assert lines[-1][5] is not None
    assert lines[0][5] is None, "too little is known"


def test_of_ones_own_model_no_money_is_told(run):
    lines = run(Player())
    assert any("answers, " in line and "tokens a second" in line for line in lines)
    assert not any("answers, 0.0000 USD" in line for line in lines)


def test_answers_that_were_kept_are_no_speed(tmp_path, run):
    run(Player())
    lines = run(Player(), "--out", tmp_path / "again")
    assert any("90 answers" in line for line in lines)
    assert not any("tokens a second" in line for line in lines)


# --- time left -----------------------------------------------------------------------------------


def pace(answers, calls, runs, expected, seconds, monkeypatch):
    monkeypatch.setattr(meter.time, "monotonic", lambda: 1000.0 + seconds)
    access = SimpleNamespace(meter=meter.Meter(answers, answers, 10 * answers, 1000.0), waves=None)
    items = (SimpleNamespace(calls=calls),)
    told = Pace(access, SimpleNamespace(runs=runs, items=items) if expected else None)
    return lambda settled, took: told.left(Progress(settled=settled, calls=took))


@pytest.mark.parametrize(
    ("answers", "settled", "took", "left"),
    [
        pytest.param(9, 0, 0, None, id="too early"),
        pytest.param(10, 0, 0, 290, id="as expected at first"),
        pytest.param(100, 50, 100, 50 * 2 / 1, id="then as far as runs got"),
        pytest.param(120, 50, 100, (50 * 2 - 20) / 1.2, id="and those at work"),
        pytest.param(200, 100, 200, 0.5, id="at the end"),
    ],
)
def test_time_left(monkeypatch, answers, settled, took, left):
    seconds = 10 if answers == 10 else 100
    found = pace(answers, 300, 100, True, seconds, monkeypatch)(settled, took)
    assert found == (pytest.approx(left) if left is not None else None)


def test_nothing_is_foretold_without_an_estimate(monkeypatch):
    assert pace(100, 300, 100, False, 100, monkeypatch)(50, 100) is None


def test_durations():
    assert [duration(s) for s in (0.4, 40, 89, 91, 5300, 5500, 90_000)] == [
        *("0 s", "40 s", "89 s", "2 min", "88 min", "1.5 h", "25.0 h"),
    ]


# --- a slow first answer -------------------------------------------------------------------------


def test_a_slow_first_answer_is_told_and_again_later(run, monkeypatch):
    monkeypatch.setattr(patience, "FIRST", 0.2)
    lines = [line for line in run(Player(1.0), "--concurrency", 3) if "no answer to" in line]
    assert len(lines) == 3, "after 0.2, 0.4 and 0.8 seconds"
    assert lines[0] == "agenther: m: no answer to the first 3 calls for 0 s; it may be slow, or still loading"


def test_a_quick_one_is_not(run):
    assert not any("no answer to" in line for line in run(Player(0.1)))


def test_under_the_bar_it_is_told_until_there_is_one():
    countdown, console = Countdown(), Console(width=100, record=True, file=io.StringIO())
    countdown.silent(Silence("m", 1, 12.3))
    console.print(countdown)
    countdown.silent(Silence("m", 1, 0))
    console.print(countdown)
    assert console.export_text().split("\n") == [
        "m: no answer to the first call for 12 s; it may be slow, or still loading",
        "",
        "",
    ]

"""Waits for models: what a person is told of them, and when a run is not waited for any longer."""

import io
import re
import time

import pytest
from click.testing import CliRunner
from folders import rows
from llm.batches import BatchServer
from llm.player import Player, lamp_logs
from llm.server import Server, fails, hang, says
from rich.console import Console, Group

from agenther.cli import main, waiting
from agenther.cli.waiting import Countdown, Lines
from agenther.llm.layers.patience import Wait

BUSY = fails(429, "Rate limit reached, please slow down", "rate_limit_exceeded")


@pytest.fixture
def logs(tmp_path):
    return lamp_logs(tmp_path / "logs", range(12))


def agenther(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.fixture
def run(tmp_path, logs):
    def run(behaviour, *options):
        url = behaviour if isinstance(behaviour, str) else ""
        with Server(says("") if url else behaviour) as server:
            where = ("--model", "m", "--base-url", url or server.url, "--cache", tmp_path / "answers.sqlite")
            return agenther("run", logs, "--out", tmp_path / "out", *where, "--allow-unknown-cost", *options)

    return run


def told(result):
    """What was said of waits."""
    return [line for line in result.stderr.splitlines() if "asked again in" in line]


class Busy(Player):
    """Turns away all calls until so many were, and then answers as a player."""

    def __init__(self, refusal, times):
        super().__init__()
        self.refusal, self.left = refusal, times

    async def answer(self, request, body):
        if self.left > 0:
            self.left -= 1
            return await self.refusal(request)
        return await super().answer(request, body)


# --- a run is told what it waits for -------------------------------------------------------------


def test_a_wait_is_told_once_and_the_run_goes_on(tmp_path, run):
    result = run(Busy(fails(429, "Slow\x1b[2J down", headers={"Retry-After": "1"}), 4))
    assert result.exit_code == 0
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12
    assert told(result) == ["agenther: m: status 429: Slow[2J down; asked again in 1.0 s (--patience 600)"]


def test_so_is_another_failure(tmp_path, run):
    result = run(Busy(fails(500, "out of paper"), 1))
    assert result.exit_code == 0
    [line] = told(result)
    assert re.match(r"agenther: m: status 500: out of paper; asked again in (?:1\.\d|2\.0) s", line)


# --- it stops ------------------------------------------------------------------------------------


def test_an_overload_that_does_not_pass_stops_it_and_the_same_command_carries_on(tmp_path, run):
    before = time.monotonic()
    result = run(BUSY, "--patience", 3)
    assert time.monotonic() - before < 10
    assert result.exit_code == 1
    assert told(result)[0].endswith("please slow down; asked again in 1.0 s (--patience 3)")
    last = result.stderr.splitlines()[-1]
    assert "status 429: Rate limit reached, please slow down; no answer came for 3 s (--patience 3)" in last
    assert "what is done is kept, and the same command carries on" in last
    assert run(Player()).exit_code == 0
    assert len(rows(tmp_path / "out/samples.jsonl")) == 12


NO_USE = [
    pytest.param(fails(429, "later", headers={"Retry-After": "3600"}), "later; it asks to wait 3600 s", id="an hour"),
    pytest.param(fails(503, "down", headers={"Retry-After": "601"}), "it asks to wait 601 s", id="a second too long"),
    pytest.param(fails(500, "down", headers={"Retry-After": "900"}), "it asks to wait 900 s", id="no overload"),
    pytest.param(fails(429, "no money", "insufficient_quota"), "used up: no money; add credit", id="no credit"),
    pytest.param(fails(429, "50 requests per day are over"), "used up: 50 requests per day", id="a quota for the day"),
    pytest.param("http://127.0.0.1:9/v1", "nothing listens at 127.0.0.1:9", id="nobody listens"),
]


@pytest.mark.parametrize(("behaviour", "words"), NO_USE)
def test_where_no_waiting_helps_it_stops_at_once(run, behaviour, words):
    before = time.monotonic()
    result = run(behaviour)
    assert time.monotonic() - before < 5
    assert result.exit_code == 1
    assert words in result.stderr.splitlines()[-1]
    assert not told(result)


@pytest.mark.parametrize("command", ["classify", "probe"])
def test_every_command_that_asks_models_tells_and_stops(tmp_path, logs, command):
    out = tmp_path / "out"
    with Server(Player()) as server:
        models = ("--model", "m", "--judge", "j", "--base-url", server.url, "--allow-unknown-cost")
        assert agenther("run", logs, "--out", out, *models, "--cache", tmp_path / "first.sqlite").exit_code == 0
    more = ("--model-judges",) if command == "probe" else ()
    with Server(BUSY) as server:
        where = ("--base-url", server.url, "--allow-unknown-cost", "--cache", tmp_path / "new.sqlite")
        result = agenther(command, out, *where, "--patience", 1.5, *more)
    assert result.exit_code == 1
    assert told(result)
    assert "(--patience 1.5)" in result.stderr.splitlines()[-1]


class BusyBatches(BatchServer):
    """Turns away the first uploads."""

    left = 1

    async def _upload(self, request):
        if self.left > 0:
            self.left -= 1
            return await fails(429, "one at a time", headers={"Retry-After": "1"})(request)
        return await super()._upload(request)


@pytest.mark.parametrize(("times", "code", "words"), [(1, 0, "batches: batch_1"), (99, 1, "no answer came for")])
def test_batches_wait_no_other_way(tmp_path, logs, times, code, words):
    with BusyBatches() as server:
        server.left = times
        where = ("--base-url", server.url, "--cache", tmp_path / "a.sqlite", "--allow-unknown-cost", "--batch")
        result = agenther("run", logs, "--out", tmp_path / "out", "--model", "m", *where, "--patience", 2.5)
    assert result.exit_code == code
    assert told(result) == ["agenther: m: the batch API fails (one at a time); asked again in 1.0 s (--patience 2.5)"]
    assert words in result.output


# --- calls that were cut off ---------------------------------------------------------------------


def test_calls_that_are_cut_off_are_told_and_counted(run):
    result = run(Busy(hang, 3), "--timeout", 1, "--concurrency", 3)
    assert result.exit_code == 0
    words = "no answer within 1 s (--timeout), which the provider may bill all the same; now with room for 300 tokens"
    assert f"{words}; asked again" in told(result)[0]
    last = result.stderr.splitlines()[-1]
    assert last == (
        "agenther: 3 calls were cut off at --timeout, and the provider may bill them all the same; "
        "here each counts as nothing"
    )


def test_under_a_cap_they_count_as_all_that_they_can_cost(run):
    price = ("--price", "m=1,10", "--max-cost", 0.12, "--timeout", 0.3, "--concurrency", 1)
    result = run(Busy(hang, 99), *price)
    assert result.exit_code == 1
    assert "here each counts as the most that it can cost" in result.stderr
    assert "would be crossed by the next call" in result.stderr.splitlines()[-1]


# --- lines and the bar ---------------------------------------------------------------------------

SEQUENCES = [
    pytest.param([(0, "m", 429, 1), (0.1, "m", 429, 1), (0.2, "m", 429, 2)], [0], id="a flood"),
    pytest.param([(0, "m", 429, 1), (1, "m", 503, 1), (1, "j", 429, 1)], [0, 1, 2], id="other kinds"),
    pytest.param([(0, "m", 429, 1), (1, "m", 429, 2), (3, "m", 429, 4), (7, "m", 429, 8)], [0, 3], id="longer"),
    pytest.param([(0, "m", 429, 300), (0.1, "m", 429, 300), (300, "m", 429, 300)], [0, 2], id="long ones"),
    pytest.param([(0, "m", 500, 1), (29, "m", 500, 1), (31, "m", 500, 1)], [0, 1], id="now and then"),
]


@pytest.mark.parametrize(("waits", "expected"), SEQUENCES)
def test_the_same_is_not_said_over_and_over(monkeypatch, waits, expected):
    said = []
    lines = Lines(said.append)
    kept = []
    for number, (at, model, status, seconds) in enumerate(waits):
        monkeypatch.setattr(waiting.time, "monotonic", lambda at=at: 1000.0 + at)
        before = len(said)
        lines.tell(Wait(model, "busy", status, seconds, 0, 600))
        kept += [number] * (len(said) - before)
    assert kept == expected


def test_under_the_bar_it_counts_down(monkeypatch):
    countdown, console = Countdown(), Console(width=60, record=True, file=io.StringIO())

    def shown(at):
        monkeypatch.setattr(waiting.time, "monotonic", lambda: at)
        console.print(Group(countdown))
        return console.export_text()

    assert shown(1000.0) == "\n"
    countdown.tell(Wait("m", "status 429: [b]slow down[/b]", 429, 30, 0, 600))
    countdown.tell(Wait("m", "status 500", 500, 1, 0, 600))
    assert shown(1000.0) == "waiting 30 s for m: status 429: [b]slow down[/b]\n"
    assert shown(1025.0) == "waiting 5.0 s for m: status 429: [b]slow down[/b]\n"
    assert shown(1031.0) == "\n"
    countdown.tell(Wait("m", "many words " * 20, 429, 30, 0, 600))
    assert shown(1031.0) == f"{('waiting 30 s for m: ' + 'many words ' * 20)[:59]}…\n", "one line"

"""Whole runs with a real model at real servers: to their end, killed and carried on, capped.

`make test-live` builds the servers. LIVE_LOGS names other logs than three of `data`.
"""

import json
import os
import sqlite3
import time
from pathlib import Path

import pytest
from live.servers import COMMANDS, TABLE, agenther, is_here, served

pytestmark = pytest.mark.live
DATA = Path(__file__).parents[2] / "data"
THREE = ("chat/anthropic_library.jsonl", "chat/openai_trip.json", "toolbench/answer/G1_answer/40834_ChatGPT_CoT@1.json")
LOGS = [path] if (path := os.environ.get("LIVE_LOGS")) else [DATA / name for name in THREE]
TIMEOUT = 600
ENDS = ("samples from", "got no answer that could be used", "of no use")
"""How a run ends at a model that is as weak as this one."""


@pytest.fixture(scope="module", params=COMMANDS)
def place(request, tmp_path_factory):
    """(server, its address, folder)."""
    if not is_here(request.param):
        pytest.skip(f"{request.param} or the model is not installed; `make test-live` does it")
    folder = tmp_path_factory.mktemp(request.param)
    with served(request.param, folder / "server.log") as url:
        yield request.param, url, folder


def run(place, name, out, *options, kill_when=None, cache="answers"):
    """(exit code, what it said, its last line) of `agenther run`."""
    server, url, folder = place
    cache = folder / f"{cache}.sqlite"
    before, kept = time.monotonic(), answers(cache)[0]
    where = ("--model", "smollm2", "--base-url", url, "--cache", cache, "--timeout", TIMEOUT, "--concurrency", 4)
    words = ("run", *LOGS, "--out", folder / out, *where, *options)
    code, said = agenther(*words, kill_when=kill_when and (lambda: kill_when(cache)))
    number, tokens = answers(cache)
    last = said.strip().splitlines()[-1]
    TABLE.append((server, name, code, number - kept, tokens, f"{time.monotonic() - before:.0f}", last[:300]))
    assert "Traceback" not in said, said
    return code, said, last


def answers(cache):
    """(how many, tokens of all of them)."""
    if not cache.exists():
        return 0, 0
    with sqlite3.connect(cache) as file:
        try:
            bodies = [json.loads(body) for (body,) in file.execute("SELECT body FROM answers")]
        except sqlite3.OperationalError:  # it is being made
            return 0, 0
    return len(bodies), sum(body["usage"]["completion_tokens"] for body in bodies)


def test_a_run_that_is_killed_is_carried_on_with_to_its_end_and_asks_nothing_twice(place):
    folder = place[2]
    code, _, _ = run(place, "killed after 3 answers", "first", kill_when=lambda cache: answers(cache)[0] >= 3)
    assert code == -9
    _, said, end = run(place, "carried on with", "first")
    assert any(words in end for words in ENDS), said
    before = answers(folder / "answers.sqlite")
    _, said, again = run(place, "the same, from the cache", "second")
    assert again.replace("second", "first") == end, said
    assert answers(folder / "answers.sqlite") == before
    if (folder / "first/run.json").exists():
        for name in ("samples.jsonl", "rejections.jsonl"):
            assert (folder / "first" / name).read_bytes() == (folder / "second" / name).read_bytes()


def test_a_cap_stops_it_and_more_money_carries_on(place):
    price = ("--price", "smollm2=1,1")
    code, said, end = run(place, "capped", "capped", *price, "--max-cost", 0.02, cache="capped")
    assert (code, "--max-cost" in end) == (1, True), said
    _, said, end = run(place, "with more money", "capped", *price, "--max-cost", 9)
    assert any(words in end for words in ENDS), said

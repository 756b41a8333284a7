"""Answers are kept before they are used, found again by all that decides them, and forgotten on request."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest
from click.testing import CliRunner
from server import chat

from agenther.cli import main
from agenther.errors import ModelError, StoreError
from agenther.llm.answers import ask
from agenther.llm.clients.chat import read
from agenther.llm.clients.scripted import Scripted
from agenther.llm.layers.cache import Answer, Cache, default_path
from agenther.llm.layers.cached import Cached, key
from agenther.llm.model import Completion, Message, Request, Schema
from agenther.llm.schemas import SaidVerdict
from agenther.settings import Price
from agenther.tally.ledger import billed

REQUEST = Request((Message("system", "Be brief."), Message("user", "Hello")), Schema("judge", {"type": "object"}), 0.3)
OTHERS = [
    pytest.param({"messages": (Message("user", "Be brief."), Message("user", "Hello"))}, id="role"),
    pytest.param({"messages": (Message("system", "Be brief."), Message("user", "Hello!"))}, id="words"),
    pytest.param({"messages": (Message("system", "Be brief.Hello"),)}, id="messages run together"),
    pytest.param({"schema": Schema("judge", {"type": "array"})}, id="schema"),
    pytest.param({"schema": None}, id="no schema"),
    pytest.param({"temperature": 0.7}, id="temperature"),
    pytest.param({"max_tokens": 9}, id="length"),
    pytest.param({"attempt": 2}, id="attempt"),
    pytest.param({"again": 1}, id="asked again"),
]


def body(text, **more):
    return json.dumps(chat(text, **more))


def answer(text="{}", **more):
    return read(body(text, **more).encode())


class Asked(Scripted):
    """Counts how often it was asked."""

    def __init__(self, *answers, name="m"):
        self.requests = []
        left = list(answers)

        def next_one(request):
            self.requests.append(request)
            return left.pop(0) if len(left) > 1 else left[0]

        super().__init__(next_one, name)


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "answers.sqlite")
    yield made
    made.close()


def complete(model, *requests):
    async def all_of_them():
        return [await model.complete(request) for request in requests]

    return asyncio.run(all_of_them())


def test_the_same_is_asked_once(cache):
    asked = Asked(answer("one"), answer("two"))
    assert [said.text for said in complete(Cached(asked, cache), REQUEST, REQUEST)] == ["one", "one"]
    assert len(asked.requests) == 1


@pytest.mark.parametrize("change", OTHERS)
def test_anything_else_is_another_question(cache, change):
    asked = Asked(answer("one"), answer("two"))
    said = complete(Cached(asked, cache), REQUEST, replace(REQUEST, **change))
    assert [one.text for one in said] == ["one", "two"]


def test_other_models_are_others_and_two_of_one_name_too():
    assert len({key(model, copy, REQUEST) for model in ("a", "b") for copy in (1, 2)}) == 4


def test_an_endpoint_may_move(cache):
    for endpoint in ("http://a/v1", "http://b/v1"):
        [said] = complete(Cached(Asked(answer(endpoint)), cache, endpoint), REQUEST)
        assert said.text == "http://a/v1"


def test_the_same_is_asked_once_also_at_the_same_time(cache):
    class Slow(Asked):
        async def complete(self, request):
            await asyncio.sleep(0.05)
            return await super().complete(request)

    async def at_once(model):
        return await asyncio.gather(*(model.complete(REQUEST) for _ in range(5)), return_exceptions=True)

    asked = Slow(answer("one"), answer("two"))
    assert [said.text for said in asyncio.run(at_once(Cached(asked, cache)))] == ["one"] * 5
    assert len(asked.requests) == 1


def test_those_that_wait_ask_themselves_when_nothing_came_of_it(cache):
    class Fails(Asked):
        async def complete(self, request):
            await asyncio.sleep(0.01)
            if not self.requests:
                self.requests.append(request)
                raise ModelError("m", "no")
            return await super().complete(request)

    async def at_once(model):
        return await asyncio.gather(*(model.complete(REQUEST) for _ in range(3)), return_exceptions=True)

    first, *others = asyncio.run(at_once(Cached(Fails(answer("one"), answer("two")), cache)))
    assert isinstance(first, ModelError)
    assert [said.text for said in others] == ["one", "one"]


def test_what_an_answer_cost_is_kept_with_it(cache):
    def paid(price, *answers):
        with billed() as bill:
            complete(Cached(Asked(*answers), cache, price=price), REQUEST)
        return bill.entries("r")[0].usd

    dear, cheap = Price(prompt=0.01, cached=0.001, completion=0.1), Price(prompt=0.005, completion=0.05)
    first = paid(dear, answer("one"))
    assert first == pytest.approx(26 * 0.01 + 64 * 0.001 + 7 * 0.1)
    assert paid(cheap) == paid(None) == first, "the price of the day on which it was asked"


def test_a_price_that_was_not_known_may_be_known_later(cache):
    def paid(price, *answers):
        with billed() as bill:
            complete(Cached(Asked(*answers), cache, price=price), REQUEST)
        return bill.entries("r")[0].usd

    assert paid(None, answer("one")) is None
    assert paid(Price(completion=0.5)) == pytest.approx(3.5)


def test_what_is_of_no_use_can_be_forgotten(cache):
    good = '{"is_valid": true, "confidence": 1, "rejection_reason": "", "claims": []}'
    others = [replace(REQUEST, attempt=number) for number in range(1, 5)]
    said = [answer("Hm."), answer(good), answer("", finish="content_filter"), answer('{"is_valid": 3}')]
    complete(Cached(Asked(*said), cache), *others)
    assert cache.forget_unusable("another") == 0
    assert cache.forget_unusable("m") == 3
    again = Asked(answer("new"), answer("new"), answer("new"))
    assert [one.text for one in complete(Cached(again, cache), *others)] == ["new", good, "new", "new"]


def test_what_comes_back_is_what_came(cache):
    said = answer("  {} ", finish="length")
    cache.put(b"1", "m", "", "judge", Answer(replace(said, retries=3), 0.25))
    found, usd = cache.get(b"1")
    assert usd == 0.25
    assert (found.text, found.finish_reason, found.raw, found.retries) == ("  {} ", "length", said.raw, 3)
    assert found.usage.prompt == 90


def test_an_answer_is_kept_before_it_is_used(cache):
    class Used(Completion):
        """What `Cached` does with an answer after keeping it is to look at its usage."""

        usage = property(lambda _: 1 / 0)

    said = object.__new__(Used)
    for name, value in {"text": "kept", "finish_reason": "stop", "raw": body("kept"), "retries": 0}.items():
        object.__setattr__(said, name, value)
    with pytest.raises(ZeroDivisionError):
        complete(Cached(Asked(said), cache), REQUEST)
    assert cache.get(key("m", 1, REQUEST)).said.text == "kept"


def test_a_prompt_that_was_turned_down_is_not_kept(cache):
    asked = Asked(Completion("", "context_length"))
    complete(Cached(asked, cache), REQUEST, REQUEST)
    assert len(asked.requests) == 2


def test_bad_answers_are_kept_too_and_not_mistaken_for_the_next(cache):
    good = '{"is_valid": true, "confidence": 1, "rejection_reason": "", "claims": []}'
    asked = Asked(answer(""), answer(""), answer(good))
    for _ in range(2):
        said, _ = asyncio.run(ask(Cached(asked, cache), REQUEST, SaidVerdict))
        assert said.is_valid
    assert len(asked.requests) == 3


def test_answers_are_billed_whether_they_were_kept_or_not(cache):
    model = Cached(Asked(answer("a"), answer("b", usage=None)), cache)
    bills = []
    for _ in range(2):
        with billed() as bill:
            complete(model, REQUEST, replace(REQUEST, attempt=2))
        bills.append(bill.entries("r"))
    assert bills[0] == bills[1]
    [entry] = bills[0]
    assert (entry.stage, entry.model, entry.calls, entry.uncounted) == ("judge", "m", 2, 1)
    assert (entry.prompt, entry.cached, entry.completion) == (90 + 4, 64, 7)


def test_several_processes_at_once(tmp_path):
    path = tmp_path / "answers.sqlite"
    code = (
        "import sys; from pathlib import Path\n"
        "from agenther.llm.layers.cache import *; from agenther.llm.model import *\n"
        "cache = Cache(Path(sys.argv[1]))\n"
        "answer = Answer(Completion('x', raw='{}'), 0)\n"
        "for n in range(200): cache.put(f'{sys.argv[2]}{n}'.encode(), 'm', '', 'judge', answer)"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, path, str(number)]) for number in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    cache = Cache(path)
    assert cache.kept()[0].answers == 600
    cache.close()


def test_another_process_that_opens_it_is_waited_for(monkeypatch, tmp_path):
    connect, path = sqlite3.connect, tmp_path / "answers.sqlite"
    other = connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite3, "connect", lambda path, **given: connect(path, **given | {"timeout": 0}))
    Timer(0.3, other.execute, ["COMMIT"]).start()
    cache = Cache(path)
    cache.check()
    cache.close()
    other.close()


def test_where_it_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "agenther" / "answers.sqlite"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert str(default_path()) == "/home/me/.cache/agenther/answers.sqlite"


# --- what cannot be used is one line -------------------------------------------------------------


def no_database(path):
    path.write_bytes(b"not a database, but longer than its header is" * 100)


def torn(path):
    cache = Cache(path)
    for number in range(500):
        cache.put(str(number).encode(), "m", "", "judge", Answer(answer("x" * 500), 0.5))
    cache.close()
    content = path.read_bytes()
    path.write_bytes(content[:5000] + b"\xff" * 90_000 + content[95_000:])


def of_others(path):
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE bookmarks (url)")
    file.close()


def of_later(path):
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 9")
    file.close()


@pytest.mark.parametrize("spoil", [no_database, torn, of_others, of_later])
def test_a_file_that_is_no_cache(tmp_path, spoil):
    spoil(tmp_path / "answers.sqlite")
    before = (tmp_path / "answers.sqlite").read_bytes()
    with closing(Cache(tmp_path / "answers.sqlite")) as cache:
        with pytest.raises(StoreError, match="choose another --cache"):
            cache.kept()
        assert (tmp_path / "answers.sqlite").read_bytes() == before


@pytest.mark.parametrize("place", ["/dev/null/answers.sqlite", "/proc/answers.sqlite", "/"])
def test_a_place_where_no_file_can_be(place):
    with pytest.raises(StoreError, match="choose another --cache"):
        Cache(Path(place)).kept()


def test_a_full_disk(cache):
    cache._file.execute("PRAGMA max_page_count = 20")
    with pytest.raises(StoreError, match="full"):
        fill(cache)


def fill(cache):
    for number in range(50):
        cache.put(str(number).encode(), "m", "", "judge", Answer(answer("x" * 5000), 0.5))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written(tmp_path):
    filled(tmp_path / "answers.sqlite")
    (tmp_path / "answers.sqlite").chmod(0o400)
    with pytest.raises(StoreError, match="readonly"):
        Cache(tmp_path / "answers.sqlite").put(b"1", "m", "", "judge", Answer(answer(), 0.5))


# --- show and prune ------------------------------------------------------------------------------


def filled(path):
    cache = Cache(path)
    for number in range(30):
        cache.put(f"a{number}".encode(), "old", "", "judge", Answer(answer("x" * 9000), 0.5))
    cache._file.execute("UPDATE answers SET created = ?", (time.time() - 100 * 86_400,))
    for number in range(5):
        cache.put(f"b{number}".encode(), "new", "http://h/v1", "judge", Answer(answer(), 0.5))
    cache.close()


@pytest.mark.parametrize(
    ("options", "left"),
    [
        pytest.param([], 35, id="only shown"),
        pytest.param(["--older-than", "99"], 5, id="old"),
        pytest.param(["--older-than", "101"], 35, id="nothing so old"),
        pytest.param(["--model", "new"], 30, id="model"),
        pytest.param(["--model", "new", "--older-than", "1"], 35, id="both must hold"),
        pytest.param(["--all"], 0, id="all"),
    ],
)
def test_forgetting(tmp_path, options, left):
    path = tmp_path / "answers.sqlite"
    filled(path)
    before = path.stat().st_size
    result = CliRunner().invoke(main, ["cache", "--cache", str(path), *options])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"{left} answers -> {path}"
    assert ("\n  old " in result.stdout) == (left >= 30)
    if left < 30:
        assert path.stat().st_size < before / 2, "the disk gets its room back"

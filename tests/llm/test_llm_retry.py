"""When a call is made again, and after how long."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from unittest.mock import ANY

import pytest
from tenacity import Future, RetryCallState

from agenther.errors import ModelError
from agenther.llm.clients.faults import RefusedError, TransientError, UnusableError, meaning
from agenther.llm.clients.scripted import Scripted, in_order
from agenther.llm.clients.told import Told, retry_after, told
from agenther.llm.layers.gate import Gate
from agenther.llm.layers.patience import Patience, Wait
from agenther.llm.layers.retry import Patient, wait
from agenther.llm.model import Completion, Message, Request

REQUEST = Request((Message("user", "Hello"),))


def meant(status: int | None, code: str = "", message: str = "", **headers: str):
    return meaning("m", status, Told(code, message), headers)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 422, 451])
def test_never_again(status: int):
    assert isinstance(meant(status), ModelError)


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
def test_a_used_up_quota_is_never_asked_again(code: str):
    assert isinstance(meant(429, code), ModelError)


PER_DAY = [
    pytest.param("rate_limit_exceeded", "Limit reached on requests per day (RPD): 70", "", id="OpenAI, Groq"),
    pytest.param("", "Rate limit exceeded: free-models-per-day", "", id="OpenRouter"),
    pytest.param("RateLimitReached", "Rate limit of 9 per 86400s exceeded for UserByModelByDay", "", id="GitHub"),
    pytest.param("", "you have used up your daily free allocation", "", id="Cloudflare"),
    pytest.param("", "You exceeded your quota", '[{"quotaId": "GenerateRequestsPerDayPerProject"}]', id="Google"),
]


@pytest.mark.parametrize(("code", "message", "details"), PER_DAY)
def test_nor_is_one_for_the_day(code: str, message: str, details: str):
    error = meaning("m", 429, Told(code, message, "", details), {"retry-after": "2"})
    assert isinstance(error, UnusableError)
    assert message in str(error)


@pytest.mark.parametrize("message", ["60 requests per minute, 500 per day", "Slow down. Have a good day!"])
def test_one_for_the_minute_passes(message: str):
    assert isinstance(meant(429, "", message), TransientError)


def test_words_of_others_give_a_terminal_no_orders():
    assert str(meant(429, "", "slow\x1b[2J\ndown\u202e")) == "status 429: slow[2J down"


@pytest.mark.parametrize("status", [None, 200, 408, 409, 429, 500, 502, 503, 504, 520, 529])
def test_may_pass(status: int | None):
    assert isinstance(meant(status), TransientError)


@pytest.mark.parametrize(
    ("status", "code", "message", "finish"),
    [
        (400, "context_length_exceeded", "", "context_length"),
        (400, "", "This model's maximum context length is 4096 tokens", "context_length"),
        (400, "", "input length and `max_tokens` exceed context limit: 197202 + 21333 > 200000", "context_length"),
        (413, "", "", "context_length"),
        (400, "content_filter", "", "content_filter"),
    ],
)
def test_this_prompt_only(status: int, code: str, message: str, finish: str):
    assert meant(status, code, message) == Completion("", finish)


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (Told("", "max_tokens is too large: 8192. This model supports at most 4096 completion tokens", ""), True),
        (Told("", "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 and 8192", ""), True),
        (Told("", "too large", "max_completion_tokens"), True),
        (Told("", "`inputs` must have less than 1024 tokens. Given: 5000", ""), False),
        (Told("", "bad response_format", "response_format"), False),
    ],
)
def test_a_refusal_for_the_length_that_an_answer_may_have(error: Told, is_it: bool):
    outcome = meaning("m", 400, error, {})
    assert isinstance(outcome, RefusedError)
    assert outcome.bound == is_it


def test_a_rate_limit_that_speaks_of_context_is_a_rate_limit():
    assert isinstance(meant(429, "", "too many tokens per minute"), TransientError)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("2", 2), ("0.5", 0.5), ("-3", 0), (" 7 ", 7), ("1.5s", 1.5), ("250ms", 0.25), ("1m30.5s", 90.5)),
        *(("20 seconds", 20), ("", None), ("soon", None), ("Mon, 99 Foo", None), ("nan", None), ("inf", None)),
        *(("2026-99-99", None), ("5 apples", None)),
    ],
)
def test_retry_after(value: str, seconds: float | None):
    assert retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 25 < (retry_after({"retry-after": later}) or 0) <= 30
    later = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    assert 25 < (retry_after({"retry-after": later}) or 0) <= 30
    assert retry_after({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}) == 0


def test_retry_after_in_milliseconds_is_the_more_exact():
    assert retry_after({"retry-after-ms": "1250.5", "retry-after": "2"}) == 1.2505


WAITS = [
    ({"error": {"details": [{"@type": "RetryInfo", "retryDelay": "34.07s"}]}}, 34.07),
    ([{"error": {"details": [{"@type": "Help"}, {"retryDelay": {"seconds": 3, "nanos": 500000000}}]}}], 3.5),
    ({"error": {"message": "Rate limit reached. Please try again in 7m12.5s. See our page."}}, 432.5),
    ({"error": {"message": "Please try again in 86ms."}}, 0.086),
    ({"error": {"message": "Please retry after 20 seconds."}}, 20),
    ({"error": {"message": "slow", "metadata": {"retry_after_seconds": 4}}}, 4),
    ({"message": "slow", "retry_after_ms": 1500}, 1.5),
    ({"error": {"message": "Try again later, in a while"}}, None),
    ({"error": {"message": "do not retry after 3 failures"}}, None),
    ({"error": {"retryDelay": None}}, None),
]


@pytest.mark.parametrize(("body", "seconds"), WAITS)
def test_how_long_a_body_asks_to_wait(body, seconds):
    assert told(body).wait == (seconds and pytest.approx(seconds))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, ("", "", "")),
        ([1], ("", "", "")),
        ({"message": "no", "code": 400, "param": 3}, ("", "no", "", "", 400)),
        ({"message": 3, "code": None, "type": "overloaded"}, ("overloaded", "", "")),
        ({"error": {"message": "no", "code": "x", "param": "p"}}, ("x", "no", "p")),
        ({"error": "no", "error_type": "validation"}, ("validation", "no", "")),
        ({"error": ["no"]}, ("", "no", "")),
        ({"detail": "Not Found"}, ("", "Not Found", "")),
        (
            {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]},
            ("extra_forbidden", "Extra inputs are not permitted", "seed"),
        ),
        (
            {"error": {"message": '{"error": {"code": 429, "message": "Exhausted.", "status": "RESOURCE_EXHAUSTED"}}'}},
            ("RESOURCE_EXHAUSTED", "Exhausted.", "", "", 429),
        ),
        (
            {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": '{"error":"too hot"}'}}},
            ("", "Provider returned error; too hot", "", "", 400),
        ),
        ({"message": "[{'type': 'x', 'loc': ('body', 'seed'), 'msg': 'no', 'input': 8}]"}, ("", ANY, "seed")),
        ("<!DOCTYPE html><html><head><title>502 Bad Gateway</title>", ("", "a web page (502 Bad Gateway)", "")),
        ("<html>", ("", "a web page (without a title)", "")),
        ("upstream is down", ("", "upstream is down", "")),
        ([{"error": {"message": "no", "details": [1]}}], ("", "no", "", "[1]")),
    ],
)
def test_what_a_body_tells(body, expected):
    assert told(body) == Told(*expected)


@pytest.mark.parametrize(
    ("asked", "attempt", "least", "most"),
    [
        pytest.param(None, 1, 1, 2, id="the first pause"),
        pytest.param(None, 4, 8, 9, id="doubled each time"),
        pytest.param(None, 40, 60, 61, id="never longer than a minute"),
        pytest.param(30.0, 1, 30, 30, id="as the endpoint asks"),
        pytest.param(0.1, 1, 1, 2, id="the endpoint asks for less than the backoff"),
        pytest.param(900.0, 1, 900, 900, id="the endpoint asks for much, as far as the patience goes"),
    ],
)
def test_pauses(asked: float | None, attempt: int, least: float, most: float):
    state = RetryCallState(None, None, (), {})
    state.attempt_number = attempt
    state.outcome = Future.construct(attempt, TransientError("busy", wait=asked), has_exception=True)
    assert least <= wait(1, state) <= most


def test_calls_are_counted_and_the_last_reason_is_told():
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        raise TransientError(f"busy {len(asked)}")

    with pytest.raises(ModelError, match="busy 3, after 3 attempts"):
        asyncio.run(Patient(Scripted(answer), 3, pause=0).complete(REQUEST))
    assert len(asked) == 3


def test_an_error_that_stays_is_raised_at_once():
    with pytest.raises(ModelError, match="no answer left"):
        asyncio.run(Patient(in_order([]), 3, pause=0).complete(REQUEST))


def test_a_bug_is_not_retried():
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Patient(Scripted(answer), 3, pause=0).complete(REQUEST))
    assert len(asked) == 1


def test_cancelling_is_not_retried():
    class Slow:
        name = "slow"
        calls = 0

        async def complete(self, _request: Request) -> Completion:
            self.calls += 1
            await asyncio.sleep(60)
            return Completion("")

        async def aclose(self) -> None: ...

    slow = Slow()

    async def cancelled() -> None:
        task = asyncio.create_task(Patient(slow, 3, pause=0).complete(REQUEST))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert slow.calls == 1


def test_no_pause_is_longer_than_what_is_left_of_the_patience():
    heard: list[Wait] = []
    gate = Gate(patience=Patience(0.3, heard.append))

    def answer(_request: Request) -> str:
        raise TransientError("out of paper", status=500)

    before = time.monotonic()
    with pytest.raises(ModelError, match=r"out of paper; no answer came for 0 s .--patience 0.3."):
        asyncio.run(Patient(Scripted(answer), 9, pause=5, gate=gate).complete(REQUEST))
    assert 0.3 <= time.monotonic() - before < 2
    assert [round(wait.seconds, 1) for wait in heard] == [0.3]

"""An answer has as much room as its stage needs, and as its model thinks; a slow one is asked again with less."""

import asyncio
import json
import time

import pytest
from aiohttp import web
from server import Server, chat, hang, says

from agenther.address import address
from agenther.ladder import ASK_LESSON, STAGES
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.patience import Patience
from agenther.llm.layers.retry import Patient
from agenther.llm.layers.room import MOST_THOUGHTS, NEEDS, THOUGHTS, Roomy, was_thinking
from agenther.llm.model import Completion, Message, Request, Schema, Usage
from agenther.llm.money.purse import Purse


def request(stage="classify", again=0, text="Hello"):
    return Request((Message("user", text),), Schema(stage, {}), again=again)


def asked(server, *requests, timeout=10.0, most=32, together=False):
    """What is said to the requests, one after the other or together."""

    async def all_of_them():
        gate = Gate(most, pause=0.01, patience=Patience(600, waits.append))
        client = OpenAIClient("m", address(server.url), api_key="k")
        model = Roomy(Patient(Admitted(client, gate, Purse({}), timeout), pause=0.01, gate=gate))
        try:
            if together:
                return await asyncio.gather(*map(model.complete, requests))
            return [await model.complete(one) for one in requests]
        finally:
            await model.aclose()

    waits = []
    said = asyncio.run(all_of_them())
    return said, [wait.why for wait in waits]


def rooms(server):
    return [body["max_tokens"] for body in server.bodies]


# --- what a stage needs --------------------------------------------------------------------------


def test_every_stage_has_a_room_far_below_what_models_may_say():
    asked = {question for stage in STAGES.values() for question in stage.questions}
    assert NEEDS.keys() == asked | {ASK_LESSON.question}
    assert all(500 <= room <= 4_000 for room in NEEDS.values())


def test_an_answer_has_room_for_what_its_stage_needs_and_for_twice_that_when_asked_again():
    with Server(says("{}")) as server:
        asked(server, request("classify"), request("relabel"), request("classify", again=1))
        assert rooms(server) == [NEEDS["classify"], NEEDS["relabel"], 2 * NEEDS["classify"]]


# --- what a model thinks -------------------------------------------------------------------------


def thinking(needs, shown):
    """Thinks for so many tokens before it answers; `shown` is what it says of them."""

    async def answer(request):
        body = await request.json()
        room = body["max_tokens"]
        if room >= needs + 10:
            return await says("{}")(request)
        usage = {"prompt_tokens": 9, "completion_tokens": room}
        return web.json_response(chat(shown(room), "length", usage=usage))

    return answer


SHOWN = [
    pytest.param(lambda _room: "", id="nothing"),
    pytest.param(lambda room: "<think>" + "hm, " * room, id="as text"),
    pytest.param(lambda _room: None, id="null"),
]


@pytest.mark.parametrize("shown", SHOWN)
def test_a_model_that_is_cut_off_while_it_thinks_has_room_for_that_from_then_on(shown):
    with Server(thinking(5_000, shown)) as server:
        said, _ = asked(server, request(), request(again=1), request("judge"))
        assert [one.finish_reason for one in said] == ["length", "stop", "stop"]
        assert rooms(server) == [NEEDS["classify"], 2 * NEEDS["classify"] + THOUGHTS, NEEDS["judge"] + THOUGHTS]


def test_many_at_once_find_it_out_once():
    with Server(thinking(5_000, lambda _room: "")) as server:
        asked(server, *[request(text=str(n)) for n in range(20)], together=True)
        asked_for = set(rooms(server))
        assert asked_for == {NEEDS["classify"]}


def test_it_comes_to_an_end():
    with Server(thinking(10**9, lambda _room: "")) as server:
        asked(server, *[request()] * 6)
        assert rooms(server)[-1] == NEEDS["classify"] + MOST_THOUGHTS


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        (Completion('{"explanation": "' + "1." * 600, "length", Usage(9, 0, 600)), False),
        (Completion("a" * 100, "length", Usage(9, 0, 600)), True),
        (Completion("", "stop", Usage(9, 0, 600)), False),
        (Completion("", "length"), True),
        (Completion('<think>first</think>{"a": "' + "b" * 2000, "length", Usage(9, 0, 600)), False),
    ],
)
def test_words_without_end_are_no_thoughts(said, thought):
    assert was_thinking(said) is thought


# --- no answer in time ---------------------------------------------------------------------------


def slow(per_token):
    """Answers as long as it may, and takes so many seconds for each token."""

    async def answer(request):
        room = (await request.json())["max_tokens"]
        await asyncio.sleep(room * per_token)
        return await says("{}")(request)

    return answer


def test_an_answer_that_takes_too_long_is_told_at_once_and_asked_for_again_with_half_the_room():
    with Server(slow(0.004)) as server:
        said, waits = asked(server, request(), timeout=1.8)
        assert [one.text for one in said] == ["{}"]
        assert rooms(server) == [600, 300]
    [why] = waits
    assert why == (
        "no answer within 1.8 s (--timeout), which the provider may bill all the same; now with room for 300 tokens"
    )


def test_where_that_is_of_no_use_it_is_the_prompt_that_is_too_long():
    with Server(hang) as server:
        [said], waits = asked(server, request(), timeout=1.5)
        assert said.finish_reason == "context_length"
        assert said.text.startswith("no answer within 1.5 s")
        assert len(waits) == 1
        assert rooms(server) == [600, 300]


class OneByOne:
    """A server that answers one call at a time, in so many seconds, the first `quick` at once; the others wait."""

    def __init__(self, seconds, quick=0):
        self.seconds, self.quick = seconds, quick
        self.free = asyncio.Lock()

    async def __call__(self, request):
        async with self.free:
            await asyncio.sleep(0 if self.quick > 0 else self.seconds)
            self.quick -= 1
        return await says("{}")(request)


def test_a_server_that_answers_one_at_a_time_leaves_nearly_nobody_waiting_too_long():
    with Server(OneByOne(0.1)) as server:
        requests = [request(text=str(n)) for n in range(50)]
        said, waits = asked(server, *requests, timeout=3, most=50, together=True)
        assert all(one.text == "{}" for one in said)
        assert len(waits) <= 3, "all at once, and 20 wait too long"


def test_calls_that_wait_for_others_are_fewer_the_next_time_and_keep_their_room():
    before = time.monotonic()
    with Server(OneByOne(0.2, quick=4)) as server:
        said, waits = asked(server, *[request(text=str(n)) for n in range(20)], timeout=2.5, together=True)
        assert all(one.text == "{}" for one in said)
        assert set(rooms(server)) == {600}
        assert waits
        assert all(why.endswith("; now beside fewer others") for why in waits)
        assert len({json.dumps(body) for body in server.bodies}) == 20
        assert len(server.bodies) <= 40
    assert time.monotonic() - before < 30

"""An endpoint that reads a part of a prompt and does not say so is found out, and others are left alone."""

import asyncio
import json

import pytest
from server import Server, says

from agenther.address import address
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.layers.whole import Whole
from agenther.llm.model import Message, Request

WORDS = "the lamp costs 12.99 and is in stock, "


def question(size, text=WORDS):
    return Request((Message("system", "Be brief."), Message("user", (text * size)[:size])))


def again(order):
    """A question that is put again, in which most characters are blanks: those of the useless answer."""
    parts = {"said": Message("assistant", " " * 12_000), "asked": Message("user", (WORDS * 400)[:9_000])}
    return Request((Message("system", "Be brief."), *(parts[name] for name in order)))


def counting(tokens):
    """Answers, and counts the tokens of a prompt of so many bytes as told."""

    async def answer(request):
        body = await request.json()
        sent = sum(len(message["content"]) for message in body["messages"])
        return await says("fine", usage={"prompt_tokens": tokens(sent), "completion_tokens": 3})(request)

    return answer


def asked(tokens, *sizes):
    """(how each call ended, bytes of what was sent, what was told)."""
    told = []

    async def all_of_them(url):
        model = Whole(OpenAIClient("m", address(url), api_key="k"), told.append)
        try:
            return [(await model.complete(question(size))).finish_reason for size in sizes]
        finally:
            await model.aclose()

    with Server(counting(tokens)) as server:
        ends = asyncio.run(all_of_them(server.url))
        sent = [sum(len(message["content"]) for message in body["messages"]) for body in server.bodies]
    return ends, sent, told


def fair(sent):
    return round(sent / 4)


CUT = [
    pytest.param(lambda sent: min(fair(sent), 4096), id="to its context"),
    pytest.param(lambda sent: fair(sent) if fair(sent) < 4096 else 2050, id="to half of its context"),
    pytest.param(lambda sent: min(fair(sent), 2048), id="to an older one's"),
]


@pytest.mark.parametrize("tokens", CUT)
def test_a_prompt_that_was_cut_is_too_long(tokens):
    ends, sent, told = asked(tokens, 60_000, 4_000, 60_000, 4_000)
    assert ends == ["context_length", "stop", "context_length", "stop"]
    assert len(sent) == 5, "twice more with less, and no more than that for the second long one"
    assert len(told) == 1
    assert "num_ctx" in told[0]
    assert f"read {tokens(60_000):,} tokens" in told[0]


def test_one_that_is_cut_by_little_is_found_out_by_the_next():
    tokens = CUT[0].values[0]
    ends, _, told = asked(tokens, 17_500, 22_000, 18_000)
    assert ends == ["stop", "context_length", "context_length"]
    assert len(told) == 1


WHOLE = [
    pytest.param(fair, 0, id="a usual count"),
    pytest.param(lambda sent: sent // 2, 0, id="many tokens"),
    pytest.param(lambda sent: sent // 9, 1, id="a text of blanks"),
    pytest.param(lambda sent: 1_100 + sent // 40, 2, id="only what was not cached counts"),
    pytest.param(lambda _sent: 90, 0, id="a count of nothing"),
    pytest.param(lambda _sent: 2000, 2, id="a count that never changes"),
    pytest.param(lambda _sent: 0, 0, id="none"),
]


@pytest.mark.parametrize(("tokens", "more"), WHOLE)
def test_others_are_believed(tokens, more):
    sizes = (20_000, 19_000, 21_000, 22_000)
    ends, sent, told = asked(tokens, *sizes)
    assert ends == ["stop"] * 4
    assert len(sent) == 4 + more
    assert not told


@pytest.mark.parametrize("order", [("asked", "said"), ("said", "asked")])
def test_blanks_that_have_no_tokens_are_no_sign_of_a_cut(order):
    async def answer(request):
        body = await request.json()
        tokens = sum(len(message["content"].split()) for message in body["messages"])
        return await says("fine", usage={"prompt_tokens": tokens, "completion_tokens": 3})(request)

    async def once(url):
        model = Whole(OpenAIClient("m", address(url), api_key="k"), print)
        try:
            return (await model.complete(again(order))).finish_reason
        finally:
            await model.aclose()

    with Server(answer) as server:
        assert asyncio.run(once(server.url)) == "stop"
        assert len(server.bodies) == 2, "it was asked once more"


def test_a_call_that_finds_it_out_asks_for_a_short_answer():
    async def once(url):
        model = Whole(OpenAIClient("m", address(url), api_key="k"), print)
        await model.complete(question(60_000))
        await model.aclose()

    with Server(counting(CUT[0].values[0])) as server:
        asyncio.run(once(server.url))
        assert [body.get("max_tokens") for body in server.bodies] == [None, 256, 256]
        assert json.dumps(server.bodies[1]["messages"][0]) == json.dumps(server.bodies[0]["messages"][0])

"""One prompt that an endpoint will not take costs one run; a dead endpoint stops all."""

import asyncio

import pytest
from server import Server, chat, fails, says

from agenther.errors import AnswerError, ModelError
from agenther.llm.gate import Admitted, Gate
from agenther.llm.guard import IN_A_ROW, Guarded
from agenther.llm.model import Message, Request, Schema
from agenther.llm.openai_client import OpenAIClient
from agenther.llm.purse import Purse
from agenther.llm.retry import Patient


def request(text):
    return Request((Message("user", text),), Schema("extract", {}))


def asked(server, *texts, together=False):
    async def all_of_them():
        gate = Gate(pause=0.01)
        client = OpenAIClient("m", base_url=server.url, api_key="k")
        model = Guarded(Patient(Admitted(client, gate, Purse({})), attempts=2, pause=0.001, gate=gate))
        try:
            if together:
                return await asyncio.gather(*(one(model, text) for text in texts))
            return [await one(model, text) for text in texts]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them())


async def one(model, text):
    try:
        return (await model.complete(request(text))).text
    except (AnswerError, ModelError) as error:
        return error


def unless_poison(failure):
    async def answer(request):
        body = await request.json()
        bad = any("poison" in message["content"] for message in body["messages"])
        return await (failure if bad else says("fine"))(request)

    return answer


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(fails(500, "cannot digest"), id="a crash on this prompt"),
        pytest.param(fails(400, "what is that"), id="an unknown refusal"),
        pytest.param(fails(403, "blocked by the firewall"), id="a firewall"),
    ],
)
def test_one_bad_prompt_is_one_failure(failure):
    with Server(unless_poison(failure)) as server:
        said = asked(server, "poison", "well", "poison", "well")
    assert [said[1], said[3]] == ["fine", "fine"]
    for error in (said[0], said[2]):
        assert isinstance(error, AnswerError)
        assert str(error).startswith("extract: ")
        assert "a smaller prompt is answered" in str(error)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(fails(401, "bad key"), id="wrong key"),
        pytest.param(fails(404, "no such model"), id="unknown model"),
        pytest.param(fails(429, "no credit", "insufficient_quota"), id="no credit"),
        pytest.param(fails(500, "down"), id="down"),
    ],
)
def test_a_dead_endpoint_stops(failure):
    with Server(failure) as server:
        [error] = asked(server, "well")
    assert isinstance(error, ModelError)
    with Server(says("fine"), failure) as server:
        said = asked(server, "well", "well")
    assert said[0] == "fine"
    assert isinstance(said[1], ModelError), "also later"


def test_nobody_listens_any_more():
    with Server(says("fine")) as server:
        pass
    [error] = asked(server, "well")
    assert isinstance(error, ModelError)
    assert "no connection" in str(error)


def test_many_failures_in_a_row_stop_though_small_prompts_are_answered():
    with Server(unless_poison(fails(400, "no response_format here"))) as server:
        said = asked(server, *["poison"] * (IN_A_ROW + 1))
    assert [type(error) for error in said[: IN_A_ROW - 1]] == [AnswerError] * (IN_A_ROW - 1)
    assert isinstance(said[IN_A_ROW - 1], ModelError)
    assert "10 calls in a row failed" in str(said[IN_A_ROW - 1])


def test_a_success_between_them_is_no_row():
    with Server(unless_poison(fails(400, "what is that"))) as server:
        said = asked(server, *["poison", "well"] * 15)
    assert ModelError not in {type(one) for one in said}


def test_the_smallest_prompt_is_asked_in_the_same_manner():
    with Server(unless_poison(fails(400, "what is that"))) as server:
        asked(server, "poison")
        first, probe = server.bodies
    assert probe["response_format"] == first["response_format"]
    assert len(str(probe["messages"])) < 200
    assert chat("fine")["choices"]

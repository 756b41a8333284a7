"""One prompt that an endpoint will not take costs one run; a dead endpoint stops all."""

import asyncio

import pytest
from server import Server, chat, fails, says, status

from agenther.address import address
from agenther.errors import AnswerError, ModelError
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.guard import IN_A_ROW, Guarded
from agenther.llm.layers.retry import Patient
from agenther.llm.model import Message, Request, Schema
from agenther.llm.money.purse import Purse


def request(text, stage="extract", about=""):
    return Request((Message("user", text),), Schema(stage, {}), about=about)


def asked(server, *texts, together=False):
    async def all_of_them():
        gate = Gate(pause=0.01)
        client = OpenAIClient("m", address(server.url), api_key="k")
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
        said = await model.complete(text if isinstance(text, Request) else request(text))
    except (AnswerError, ModelError) as error:
        return error
    return said if said.finish_reason == "context_length" else said.text


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


# --- a prompt that is refused --------------------------------------------------------------------

TGI = status(422, {"error": "Input validation error: `inputs` must have less than 1024 tokens.", "error_type": "v"})
REFUSALS = [
    pytest.param(TGI, "must have less than 1024 tokens", id="TGI"),
    pytest.param(
        fails(400, "The input token count (50000) exceeds the maximum number of tokens allowed (32768)."),
        "token count",
        id="Gemini",
    ),
    pytest.param(fails(400, "what is that"), "what is that", id="other words"),
    pytest.param(status(422), "status 422", id="no words"),
]


@pytest.mark.parametrize(("refusal", "words"), REFUSALS)
def test_a_refused_prompt_is_taken_to_be_too_long(refusal, words):
    with Server(unless_poison(refusal)) as server:
        said = asked(server, *["poison", "well", "poison", "poison"] * 8)
    assert {one for one in said if isinstance(one, str)} == {"fine"}
    for one in said[0::4] + said[2::4] + said[3::4]:
        assert one.finish_reason == "context_length"
        assert words in one.text
        assert "a smaller prompt is answered" in one.text


def test_many_refused_prompts_at_a_time_share_the_question_whether_it_is_alive():
    calls = 64
    with Server(unless_poison(TGI)) as server:
        said = asked(server, *(f"poison {n}" for n in range(calls)), together=True)
        assert {one.finish_reason for one in said} == {"context_length"}
        assert calls < len(server.bodies) <= calls + 3


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
    with Server(unless_poison(fails(403, "not from here"))) as server:
        said = asked(server, *(request("poison", about=f"run {number}") for number in range(IN_A_ROW + 1)))
    assert [type(error) for error in said[: IN_A_ROW - 1]] == [AnswerError] * (IN_A_ROW - 1)
    assert isinstance(said[IN_A_ROW - 1], ModelError)
    assert "calls about 10 runs failed in a row" in str(said[IN_A_ROW - 1])


def test_many_failures_about_one_run_stop_nothing():
    with Server(unless_poison(fails(403, "not from here"))) as server:
        said = asked(server, *["poison"] * (2 * IN_A_ROW), "well")
    assert {type(error) for error in said[:-1]} == {AnswerError}
    assert said[-1] == "fine"


def test_a_success_between_them_is_no_row():
    with Server(unless_poison(fails(403, "blocked"))) as server:
        mixed = [request(text, about=f"run {number}") for number in range(15) for text in ("poison", "well")]
        said = asked(server, *mixed)
    assert ModelError not in {type(one) for one in said}


def test_a_refused_prompt_at_an_endpoint_that_is_alive_ends_a_row():
    async def answer(request):
        text = str((await request.json())["messages"])
        failures = {"poison": fails(403, "blocked"), "long": TGI}
        return await next((failure for word, failure in failures.items() if word in text), says("fine"))(request)

    with Server(answer) as server:
        texts = [*["poison"] * (IN_A_ROW - 1), "long"] * 2
        said = asked(server, *(request(text, about=f"run {number}") for number, text in enumerate(texts)))
    assert ModelError not in {type(one) for one in said}


def test_the_smallest_prompt_is_asked_in_the_same_manner():
    with Server(unless_poison(fails(400, "what is that"))) as server:
        asked(server, "poison")
        first, probe = server.bodies
    assert probe["response_format"] == first["response_format"]
    assert len(str(probe["messages"])) < 200
    assert chat("fine")["choices"]

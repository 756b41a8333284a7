"""Under a cap answers are bounded; a model or a context that is too small for the bound gets a smaller one."""

import asyncio

import pytest
from server import Server, fails, says, status

from agenther.address import address
from agenther.errors import ModelError
from agenther.llm.clients.faults import RefusedError
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.clients.scripted import Scripted
from agenther.llm.layers.shorter import LEAST, Shorter, halved
from agenther.llm.model import Completion, Message, Request

NAMES = ("max_tokens", "max_completion_tokens")


def request(bound, text="Hello"):
    return Request((Message("user", text),), max_tokens=bound)


def asked(server, request):
    async def once():
        model = Shorter(OpenAIClient("m", address(server.url), api_key="k"))
        try:
            return await model.complete(request)
        finally:
            await model.aclose()

    return asyncio.run(once())


def bounds(server):
    return [next((body[name] for name in NAMES if name in body), None) for body in server.bodies]


def at_most(most, refusal):
    """Refuses what may be longer, as `refusal` words it."""

    async def answer(request):
        body = await request.json()
        for name in NAMES:
            if body.get(name, 0) > most:
                return await refusal(name, body[name], len(str(body["messages"])))(request)
        return await says("fine")(request)

    return answer


def openai(name, given, _prompt):
    message = f"{name} is too large: {given}. This model supports at most 4096 completion tokens, whereas you gave it."
    return fails(400, message, None, param=name)


def anthropic(_name, given, _prompt):
    return fails(400, f"max_tokens: {given} > 2048, which is the maximum allowed number of output tokens")


def groq(_name, _given, _prompt):
    return fails(400, "`max_tokens` must be less than or equal to `2048`, the maximum value", param="max_tokens")


def vllm(name, given, prompt):
    message = (
        f"'max_tokens' or 'max_completion_tokens' is too large: {given}. This model's maximum context length is 8192 "
        f"tokens and your request has {prompt} input tokens ({given} > 8192 - {prompt})."
    )
    return status(400, {"error": {"message": message, "type": "BadRequestError", "param": "max_tokens", "code": 400}})


def old_vllm(_name, given, prompt):
    message = f"This model's maximum context length is 8192 tokens. However, you requested {given + prompt} tokens."
    return status(400, {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400})


def tgi(_name, given, prompt):
    message = f"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8192. Given: {prompt} and {given}"
    return status(422, {"error": message, "error_type": "validation"})


REFUSALS = [openai, anthropic, groq, vllm, old_vllm, tgi]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_bound_is_halved_until_it_is_taken(refusal):
    with Server(at_most(2048, refusal)) as server:
        assert asked(server, request(8192)).text == "fine"
        assert bounds(server) == [8192, 4096, 2048]
        assert {name for body in server.bodies for name in NAMES if name in body} == {"max_tokens"}


def test_a_model_that_calls_the_bound_by_another_name_gets_half_of_it_by_that_name():
    unknown = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )

    def refusal(name, given, prompt):
        renamed = fails(400, unknown, "unsupported_parameter", param="max_tokens")
        return renamed if name == "max_tokens" else openai(name, given, prompt)

    async def reasons(request):
        body = await request.json()
        return await at_most(0 if "max_tokens" in body else 4096, refusal)(request)

    with Server(reasons) as server:
        assert asked(server, request(8192)).text == "fine"
        assert bounds(server) == [8192, 8192, 4096, 4096], "its name is known once it was answered"
        assert ["max_tokens" in body for body in server.bodies] == [True, False, True, False]


@pytest.mark.parametrize("refusal", [vllm, old_vllm])
def test_a_prompt_that_is_too_long_is_told_in_the_end(refusal):
    with Server(at_most(0, refusal)) as server:
        assert asked(server, request(4096)) == Completion("", "context_length")
        assert bounds(server) == [4096, 2048, 1024, 512, LEAST]


def test_an_endpoint_that_takes_no_bound_at_all_is_told_in_the_end():
    with Server(at_most(0, tgi)) as server:
        with pytest.raises(RefusedError, match="max_new_tokens"):
            asked(server, request(1000))
        assert bounds(server) == [1000, 500, LEAST]


def test_without_a_bound_nothing_is_asked_twice():
    with Server(fails(400, "max_tokens is too large")) as server:
        with pytest.raises(RefusedError):
            asked(server, request(None))
        assert bounds(server) == [None]


@pytest.mark.parametrize("failure", [fails(400, "what is that"), fails(401, "max_tokens"), fails(400, "bad schema")])
def test_other_refusals_are_not_about_the_bound(failure):
    with Server(failure) as server:
        with pytest.raises(ModelError):
            asked(server, request(8192))
        assert len(server.bodies) == 1


def test_one_crowded_prompt_leaves_others_their_room():
    given = []

    def answer(request):
        given.append(request.max_tokens)
        is_long = len(request.messages[0].content) > 100 and request.max_tokens > 800
        return Completion("", "context_length") if is_long else "fine"

    model = Shorter(Scripted(answer))
    asyncio.run(model.complete(request(2048, "long " * 100)))
    asyncio.run(model.complete(request(2048)))
    assert given == [2048, 1024, 512, 2048]


@pytest.mark.parametrize(("bound", "half"), [(None, None), (8192, 4096), (300, LEAST), (LEAST, None), (50, None)])
def test_halves(bound, half):
    less = halved(request(bound))
    assert (less.max_tokens if less else None) == half

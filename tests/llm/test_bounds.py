"""Texts and lists in answers are bounded where an endpoint can see to that, and never refused for being long."""

import asyncio
import json

import pytest
from lamp import YES
from server import Server, fails, says

from agenther.address import address
from agenther.llm.answers import understood
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.model import Completion, Message, Request
from agenther.llm.schemas import SHAPES, SaidVerdict, schema

REQUESTS = [Request((Message("user", "Hello"),), schema(stage, shape)) for stage, shape in SHAPES.items()]
WORDS = ("maxLength", "maxItems")


def unbounded(node):
    """The texts and lists in a schema that have no end."""
    if isinstance(node, dict):
        ends = {"string": "maxLength", "array": "maxItems"}.get(node.get("type"))
        if ends and ends not in node and "enum" not in node:
            yield node
        for part in node.values():
            yield from unbounded(part)
    elif isinstance(node, list):
        for part in node:
            yield from unbounded(part)


@pytest.mark.parametrize("stage", SHAPES)
def test_every_text_and_list_has_an_end(stage):
    made = schema(stage, SHAPES[stage])
    assert not list(unbounded(made.bounded))
    assert not any(word in json.dumps(made.body) for word in WORDS)


def test_what_is_longer_is_read_all_the_same():
    long = {**YES, "rejection_reason": "no " * 5000, "points": YES["points"] * 100}
    assert isinstance(understood(Completion(json.dumps(long)), SaidVerdict), SaidVerdict)


def asked(behaviour, times=1):
    """Which of the calls had bounds, when all stages are asked so many times."""
    with Server(behaviour) as server:

        async def all_of_them():
            model = OpenAIClient("m", address(server.url), api_key="k")
            try:
                return [await model.complete(request) for _ in range(times) for request in REQUESTS]
            finally:
                await model.aclose()

        assert all(said.text == "{}" for said in asyncio.run(all_of_them()))
        return [any(word in json.dumps(body) for word in WORDS) for body in server.bodies]


def refuses(is_wrong, refusal):
    async def answer(request):
        body = await request.json()
        return await (refusal if is_wrong(json.dumps(body)) else says("{}"))(request)

    return answer


OPENAI = "Invalid schema for response_format 'classify': In context=('explanation'), 'maxLength' is not permitted."
XGRAMMAR = "The provided JSON schema contains features not supported by xgrammar."


def test_an_endpoint_that_takes_bounds_is_given_them():
    assert asked(says("{}")) == [True] * len(REQUESTS)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(fails(400, OPENAI, param="response_format"), id="openai"),
        pytest.param(fails(400, XGRAMMAR), id="vllm"),
        pytest.param(fails(422, "Grammar error: {...}"), id="tgi"),
    ],
)
def test_one_that_refuses_them_is_asked_without_from_then_on(refusal):
    calls = asked(refuses(lambda body: any(word in body for word in WORDS), refusal), times=2)
    assert calls == [True] + [False] * 2 * len(REQUESTS)

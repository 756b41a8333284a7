"""What endpoints refuse, each in its own dialect, over real HTTP: they are asked in the best manner that they take."""

import asyncio

import pytest
from server import Server, chat, fails, says, status

from agenther.address import address
from agenther.errors import ModelError
from agenther.llm.clients.litellm import LitellmClient
from agenther.llm.clients.manner import STRUCTURED, Manners
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.guard import Guarded
from agenther.llm.layers.retry import Patient
from agenther.llm.model import Message, Request
from agenther.llm.money.purse import Purse
from agenther.llm.schemas import SHAPES, schema

MESSAGES = (Message("system", "Be brief."), Message("user", "Hello"))
REQUEST = Request(MESSAGES, schema("judge", SHAPES["judge"]), temperature=0.7, max_tokens=300)
AGAIN = Request((*MESSAGES, Message("assistant", "What?"), Message("user", "Again.")), REQUEST.schema)


def asked(server, *requests, manners=None, together=False, client=OpenAIClient):
    """(answers or errors, the manners that were found out), through the layers that a run has."""
    manners = manners or Manners()
    heard = []
    manners.tell = lambda manner, why: heard.append((dict(manner), why))

    async def all_of_them():
        gate = Gate(pause=0.01)
        model = client(server)(manners) if client is not OpenAIClient else at(server)(manners)
        guarded = Guarded(Patient(Admitted(model, gate, Purse({})), attempts=2, pause=0.001, gate=gate), manners)
        try:
            if together:
                return await asyncio.gather(*(one(guarded, request) for request in requests))
            return [await one(guarded, request) for request in requests]
        finally:
            await model.aclose()

    return asyncio.run(all_of_them()), heard


def at(server):
    return lambda manners: OpenAIClient("m", address(server.url), api_key="k", manners=manners)


def by_litellm(server):
    return lambda manners: LitellmClient("openai/m", base_url=server.url, api_key="k", manners=manners)


async def one(model, request):
    try:
        return (await model.complete(request)).text
    except ModelError as error:
        return error


def refusing(*refusals):
    """An endpoint with these: what is wrong with a body, and what it says of it. All else it answers."""

    async def answer(request):
        body = await request.json()
        return await next((refusal for is_wrong, refusal in refusals if is_wrong(body)), says("fine"))(request)

    return answer


def form(*kinds):
    return lambda body: body.get("response_format", {}).get("type") in kinds


def named(name):
    return lambda body: name in body


def roles(body):
    return [message["role"] for message in body["messages"]]


def has_system(body):
    return "system" in roles(body)


def in_words(text, code=500, kind="internal_server_error"):
    return status(code, {"error": {"message": text, "type": kind, "param": None, "code": None}})


LLAMA_CPP_PYTHON = (
    "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or "
    "'json_object'\", 'input': 'json_schema', 'ctx': {'expected': \"'text' or 'json_object'\"}}]"
)
VLLM = (
    "[{'type': 'extra_forbidden', 'loc': ('body', 'temperature'), 'msg': 'Extra inputs are not permitted', 'input': "
    "{'response_format': 'the whole request', 'messages': [{'role': 'system'}]}}]"
)
FASTAPI = {"detail": [{"type": "literal_error", "loc": ["body", "response_format", "type"], "msg": "no", "input": "x"}]}
JINJA = (
    "------------ While executing CallExpression at line 1, column 74 in source: {{ raise_exception('System role not "
    "supported') }} Error: Jinja Exception: System role not supported"
)
ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."
OPENAI = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
RENAMED = {"message": OPENAI, "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"}

DIALECTS = [
    pytest.param([(form("json_schema"), in_words(LLAMA_CPP_PYTHON))], {STRUCTURED: "json_object"}, id="llama-cpp"),
    pytest.param([(form("json_schema"), status(422, FASTAPI))], {STRUCTURED: "json_object"}, id="FastAPI"),
    pytest.param(
        [(form("json_schema"), status(400, {"error": "'response_format.type' must be 'text' or 'json_object'"}))],
        {STRUCTURED: "json_object"},
        id="an error that is a text",
    ),
    pytest.param(
        [
            (form("json_schema"), in_words("This response_format type is unavailable now", 400)),
            (form("json_object"), in_words("'response_format.type' must be 'text'", 400)),
        ],
        {STRUCTURED: "none"},
        id="DeepSeek, and a server that knows text alone",
    ),
    pytest.param(
        [(form("json_schema", "json_object"), fails(400, "JSON mode is not enabled for this model", "INVALID"))],
        {STRUCTURED: "none"},
        id="no JSON mode",
    ),
    pytest.param(
        [(named("response_format"), status(400, {"detail": "Unsupported parameter: response_format"}))],
        {STRUCTURED: "none"},
        id="a detail",
    ),
    pytest.param([(named("temperature"), in_words(VLLM, 400))], {"temperature": "none"}, id="vLLM, with an echo"),
    pytest.param(
        [
            (
                named("temperature"),
                fails(400, "Only the default.", "unsupported_value", param="temperature"),
            )
        ],
        {"temperature": "none"},
        id="OpenAI's temperature",
    ),
    pytest.param(
        [(named("temperature"), in_words("temperature and top_p cannot both be specified", 422))],
        {"temperature": "none"},
        id="temperature by words",
    ),
    pytest.param(
        [(named("max_tokens"), status(400, {"error": RENAMED}))], {"max_tokens": "max_completion_tokens"}, id="OpenAI"
    ),
    pytest.param(
        [(named("max_tokens"), status(400, [{"error": {"code": 400, "message": 'Unknown name "max_tokens"'}}]))],
        {"max_tokens": "max_completion_tokens"},
        id="Google, in a list",
    ),
    pytest.param(
        [(named("max_tokens"), status(400, {"error": RENAMED})), (named("temperature"), in_words(VLLM, 400))],
        {"max_tokens": "max_completion_tokens", "temperature": "none"},
        id="two parameters",
    ),
    pytest.param([(has_system, in_words(JINJA))], {"messages": "user"}, id="llama.cpp's template"),
    pytest.param([(has_system, in_words(ALTERNATE, 400, "BadRequestError"))], {"messages": "user"}, id="vLLM's"),
    pytest.param(
        [(has_system, fails(400, "Developer instruction is not enabled for models/gemma-3-27b-it"))],
        {"messages": "user"},
        id="Google's Gemma",
    ),
    pytest.param([(has_system, status(500))], {"messages": "user"}, id="a failure without a word"),
    pytest.param([(named("response_format"), status(400))], {STRUCTURED: "none"}, id="a refusal without a word"),
    pytest.param(
        [(lambda body: named("temperature")(body) or form("json_schema")(body), fails(400, "unknown field"))],
        {"temperature": "none", STRUCTURED: "json_object"},
        id="two parameters that are not named",
    ),
    pytest.param(
        [(form("json_schema"), status(200, {"error": {"message": "response_format is not supported", "code": 400}}))],
        {STRUCTURED: "json_object"},
        id="OpenRouter, in a body that comes with 200",
    ),
    pytest.param(
        [
            (
                form("json_schema"),
                fails(400, "Provider returned error", metadata={"raw": '{"detail":"json_schema: what is that?"}'}),
            )
        ],
        {STRUCTURED: "json_object"},
        id="OpenRouter's provider",
    ),
]


@pytest.mark.parametrize(("refusals", "expected"), DIALECTS)
def test_what_is_refused_is_asked_for_in_another_form_from_then_on(refusals, expected):
    manners = Manners()
    with Server(refusing(*refusals)) as server:
        said, heard = asked(server, REQUEST, manners=manners)
        assert said == ["fine"]
        first = len(server.bodies)
        assert asked(server, REQUEST, REQUEST, manners=manners)[0] == ["fine"] * 2
        assert len(server.bodies) == first + 2, "nothing is found out twice"
    assert manners.known == {**Manners().known, **expected}
    assert len(heard) == 1


@pytest.mark.parametrize(("refusals", "expected"), DIALECTS[:3])
def test_the_same_by_the_long_way(refusals, expected):
    manners = Manners()
    with Server(refusing(*refusals)) as server:
        assert asked(server, REQUEST, manners=manners, client=by_litellm)[0] == ["fine"]
    assert expected.items() <= manners.known.items()


def test_many_at_a_time_find_out_the_same():
    with Server(refusing((form("json_schema"), status(400)), (has_system, in_words(JINJA)))) as server:
        said, heard = asked(server, *[REQUEST] * 32, together=True)
        assert len(server.bodies) < 32 * 6
    assert said == ["fine"] * 32
    assert heard[-1][0] == {**Manners().known, STRUCTURED: "json_object", "messages": "user"}


SHOWN = [
    pytest.param(fails(400, "the model must be loaded first"), "the model must be loaded first", id="something else"),
    pytest.param(in_words("no json, no schema, nothing", 400), "no json, no schema, nothing", id="whatever is asked"),
    pytest.param(fails(400, f"{'long ' * 150}story"), f"{'long ' * 150}story", id="whole"),
    pytest.param(status(405, {"detail": "Method Not Allowed"}), "Method Not Allowed", id="a detail"),
]


@pytest.mark.parametrize(("refusal", "words"), SHOWN)
def test_what_is_refused_in_every_manner_is_told_in_the_endpoints_own_words_once(refusal, words):
    with Server(refusal) as server:
        [error], heard = asked(server, REQUEST)
        assert len(server.bodies) <= 10
    assert isinstance(error, ModelError)
    assert str(error).count(words) == 1
    assert "does it know" not in str(error)
    assert not heard


def test_the_refusal_of_the_best_form_is_told_where_none_is_taken():
    refusals = (form("json_schema"), fails(400, "bad schema: A")), (form("json_object"), fails(400, "json: B"))
    with Server(refusing(*refusals, (lambda _: True, fails(400, "schema: C")))) as server:
        [error], _ = asked(server, REQUEST)
    assert "bad schema: A" in str(error)


def test_a_form_that_a_user_names_is_the_only_one():
    manners = Manners({STRUCTURED: ("json_object",)})
    with Server(refusing((form("json_object"), fails(400, "'response_format.type' must be 'text'")))) as server:
        [error], _ = asked(server, REQUEST, manners=manners)
        assert {body["response_format"]["type"] for body in server.bodies if "response_format" in body} == {
            "json_object"
        }
    assert "must be 'text'" in str(error)


def test_a_second_question_never_sends_user_after_user():
    empty = Request((*MESSAGES, Message("user", "This could not be used.")), REQUEST.schema)
    with Server(says("fine")) as server:
        asked(server, empty, AGAIN)
        assert [roles(body) for body in server.bodies] == [["system", "user"], ["system", "user", "assistant", "user"]]
        assert server.bodies[0]["messages"][1]["content"] == "Hello\n\nThis could not be used."


def test_folded_words_of_the_system_begin_the_users():
    with Server(says("fine")) as server:
        asked(server, AGAIN, manners=Manners(known={"messages": "user"}))
        [body] = server.bodies
    assert roles(body) == ["user", "assistant", "user"]
    assert body["messages"][0]["content"] == "Be brief.\n\nHello"


def test_a_probe_asks_in_the_roles_of_the_question():
    async def one_question(request):
        body = await request.json()
        return await (fails(400, "too much") if len(str(body)) > 4000 else says("fine"))(request)

    with Server(one_question) as server:
        long = Request((MESSAGES[0], Message("user", "long " * 1000)), REQUEST.schema)
        asked(server, long)
        assert [roles(body) for body in server.bodies] == [["system", "user"]] * 2


def test_a_failure_of_an_endpoint_that_answered_teaches_nothing():
    behaviours = says("fine"), fails(500, "temperature of the GPU too high"), says("fine")
    with Server(*behaviours) as server:
        said, heard = asked(server, REQUEST, REQUEST)
        assert all("temperature" in body for body in server.bodies)
    assert said == ["fine", "fine"]
    assert not heard


def test_answers_that_are_not_as_asked_for_are_what_a_model_wrote():
    error = {"message": "Failed to generate JSON.", "code": "json_validate_failed", "failed_generation": '{"a": 1}'}
    with Server(status(400, {"error": error})) as server:
        assert asked(server, REQUEST)[0] == ['{"a": 1}']
        assert len(server.bodies) == 1
    assert chat("")

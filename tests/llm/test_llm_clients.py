"""Both clients against a real socket: one table of faults, one of answers; what each comes to is the same."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import web
from server import EMPTY_BODY, HTML, TRUNCATED, Behaviour, Server, chat, dribble, fails, hang, reset, says, status

from agenther.address import address
from agenther.errors import ModelError
from agenther.llm.clients.faults import UnusableError
from agenther.llm.clients.litellm import LitellmClient, _imported
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.clients.post import proxy
from agenther.llm.layers.gate import Admitted, Gate
from agenther.llm.layers.patience import Patience, Wait
from agenther.llm.layers.retry import Patient
from agenther.llm.model import Completion, Message, Model, Request, Schema, Usage
from agenther.llm.money.purse import Purse

REQUEST = Request(
    messages=(Message("system", "Be brief."), Message("user", "Hello")),
    schema=Schema("judge", {"type": "object", "properties": {}, "required": [], "additionalProperties": False}),
    temperature=0.7,
    max_tokens=50,
)
Open = Callable[[str], AbstractAsyncContextManager[Model]]


@asynccontextmanager
async def by_openai(url: str):
    client = OpenAIClient("m", address(url), api_key="secret")
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def by_litellm(url: str):
    client = LitellmClient("openai/m", base_url=url, api_key="secret")
    try:
        yield client
    finally:
        await client.aclose()


both = pytest.mark.parametrize("client", [by_openai, by_litellm])


def patient(model: Model, attempts: int, timeout: float) -> Patient:
    gate = Gate(pause=0.01, patience=Patience(600 if attempts > 1 else 0))
    return Patient(Admitted(model, gate, Purse({}), timeout), attempts, pause=0.01, gate=gate)


def ask(client: Open, server: Server, *, attempts: int = 1, timeout: float = 60) -> Completion:
    async def once() -> Completion:
        async with client(server.url) as model:
            return await patient(model, attempts, timeout).complete(REQUEST)

    return asyncio.run(once())


STOPS = [
    pytest.param(fails(401, "bad key", "invalid_api_key"), "key", id="wrong key"),
    pytest.param(fails(403, "not yours"), "key", id="forbidden"),
    pytest.param(fails(404, "no model m", "model_not_found"), "--base-url", id="unknown model"),
    pytest.param(fails(400, "bad request"), "refuses", id="bad request"),
    pytest.param(fails(422, "bad field"), "refuses", id="unprocessable"),
    pytest.param(fails(400, "no", param=["temperature"]), "refuses", id="a parameter that is no name"),
]


@both
@pytest.mark.parametrize(("behaviour", "words"), STOPS)
def test_asked_once_then_stops(client: Open, behaviour: Behaviour, words: str):
    with Server(behaviour) as server:
        with pytest.raises(ModelError, match=words) as error:
            ask(client, server, attempts=3)
        assert len(server.bodies) == 1
    assert "secret" not in str(error.value)


@both
def test_a_used_up_quota_is_not_a_rate_limit(client: Open):
    with Server(fails(429, "You exceeded your current quota", "insufficient_quota")) as server:
        with pytest.raises(ModelError, match="add credit"):
            ask(client, server, attempts=3)
        assert len(server.bodies) == 1


PASSES = [
    pytest.param(fails(429, "slow down", "rate_limit_exceeded"), id="429"),
    pytest.param(fails(408), id="408"),
    pytest.param(fails(409), id="409"),
    pytest.param(fails(500), id="500"),
    pytest.param(fails(503), id="503"),
    pytest.param(status(529), id="529 without a body"),
    pytest.param(reset, id="reset"),
    pytest.param(hang, id="hang"),
    pytest.param(dribble, id="dribbling body"),
    pytest.param(TRUNCATED, id="truncated JSON"),
    pytest.param(EMPTY_BODY, id="empty body"),
    pytest.param(HTML, id="a web page"),
    pytest.param(status(200, chat("") | {"choices": []}), id="no choices"),
]


@both
@pytest.mark.parametrize("behaviour", PASSES)
def test_asked_again_until_it_answers(client: Open, behaviour: Behaviour):
    with Server(behaviour, says("hello")) as server:
        assert ask(client, server, attempts=2, timeout=3).text == "hello"
        assert len(server.bodies) == 2


@both
@pytest.mark.parametrize("behaviour", PASSES)
def test_gives_up_in_the_end(client: Open, behaviour: Behaviour):
    with Server(behaviour) as server:
        with pytest.raises(ModelError, match=r"after one attempt|no answer came for 0 s"):
            ask(client, server, timeout=3)
        assert len(server.bodies) == 1


@both
def test_waits_as_long_as_the_endpoint_asks_for(client: Open):
    with Server(fails(429, headers={"Retry-After": "1"}), says("hello")) as server:

        async def timed() -> float:
            before = asyncio.get_running_loop().time()
            async with client(server.url) as model:
                await patient(model, 2, 60).complete(REQUEST)
            return asyncio.get_running_loop().time() - before

        assert asyncio.run(timed()) >= 1


ANSWERS = [
    pytest.param(says("{}"), Completion("{}", "stop", Usage(90, 64, 7)), id="plain"),
    pytest.param(says("a\ud800b"), Completion("a?b", "stop", Usage(90, 64, 7)), id="half a surrogate pair"),
    pytest.param(says("", "length"), Completion("", "length", Usage(90, 64, 7)), id="cut"),
    pytest.param(says(None), Completion("", "stop", Usage(90, 64, 7)), id="nothing"),
    pytest.param(says("", "content_filter"), Completion("", "content_filter", Usage(90, 64, 7)), id="filtered"),
    pytest.param(
        says("hi", usage={"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 64}}),
        Completion("hi", "stop", Usage(9, 9, 1)),
        id="more cached than there is, which would cost less than nothing",
    ),
    pytest.param(says("hi", usage=None), Completion("hi", "stop", None), id="no usage is unknown, not free"),
    pytest.param(
        says(None, message={"refusal": "I will not."}),
        Completion("I will not.", "refusal", Usage(90, 64, 7)),
        id="refusal",
    ),
    pytest.param(
        fails(400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens."),
        Completion("", "context_length"),
        id="too long, in words",
    ),
    pytest.param(fails(400, "too big", "context_length_exceeded"), Completion("", "context_length"), id="too long"),
]


@both
@pytest.mark.parametrize(("behaviour", "expected"), ANSWERS)
def test_what_an_answer_says(client: Open, behaviour: Behaviour, expected: Completion):
    with Server(behaviour) as server:
        assert ask(client, server) == expected
        assert len(server.bodies) == 1


@both
def test_what_is_sent(client: Open):
    with Server(says("{}")) as server:
        ask(client, server)
        [body] = server.bodies
        assert body["model"] == "m"
        assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
        assert body["temperature"] == 0.7
        assert body["max_tokens"] == 50
        wrapped = {"name": "judge", "strict": True, "schema": REQUEST.schema.body}
        assert body["response_format"] == {"type": "json_schema", "json_schema": wrapped}
        assert server.keys == ["Bearer secret"]


def test_what_users_of_openai_have_in_variables_is_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "p-2")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: lamps\nno header")
    sent: list[str | None] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        sent.extend(map(request.headers.get, ("OpenAI-Organization", "OpenAI-Project", "X-Team")))
        return await says("{}")(request)

    with Server(answer) as server:
        ask(by_openai, server)
    assert sent == ["org-1", "p-2", "lamps"]


PROXIES = [
    pytest.param("http://h/v1", {}, None, id="none"),
    pytest.param("http://h/v1", {"https_proxy": "http://p:1"}, None, id="of the other scheme"),
    pytest.param("http://h:8/v1", {"http_proxy": "http://p:1", "no_proxy": "h"}, None, id="not for this host"),
    pytest.param("http://h/v1", {"http_proxy": "http://p:1", "no_proxy": "g"}, "http://p:1", id="for others"),
    pytest.param("https://h/v1", {"ALL_PROXY": "http://p:1"}, "http://p:1", id="for all"),
]


@pytest.mark.parametrize(("url", "variables", "expected"), PROXIES)
def test_the_proxy_that_the_environment_names(
    url: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy(url) == expected


def test_a_model_with_a_fixed_temperature_is_asked_without_one():
    refusal = fails(400, "Only the default (1) value is supported.", "unsupported_value", param="temperature")
    with Server(refusal, says("hello")) as server:
        assert ask(by_openai, server).text == "hello"
        assert ["temperature" in body for body in server.bodies] == [True, False]


def test_an_answer_in_parts():
    with Server(says([{"type": "text", "text": "he"}, {"type": "text", "text": "llo"}])) as server:
        assert ask(by_openai, server).text == "hello"


LLAMA_CPP = {
    "error": {
        "code": 500,
        "message": "the request exceeds the available context size. try increasing the context size",
        "type": "server_error",
    }
}
EXCEEDS = {"error": {"code": 400, "message": "no", "type": "exceed_context_size_error", "n_ctx": 4096}}
TOO_LONG = [
    pytest.param(status(500, LLAMA_CPP), id="llama.cpp"),
    pytest.param(status(400, EXCEEDS), id="llama.cpp today"),
    pytest.param(status(200, LLAMA_CPP), id="in a body that comes with 200"),
    pytest.param(status(500, {"error": "input length exceeds the context length"}), id="Ollama"),
    pytest.param(fails(413, "Request too large", "rate_limit_exceeded"), id="Groq"),
]


@pytest.mark.parametrize("behaviour", TOO_LONG)
def test_a_prompt_that_is_too_long_in_whichever_way_it_is_said(behaviour: Behaviour):
    with Server(behaviour) as server:
        assert ask(by_openai, server, attempts=3) == Completion("", "context_length")
        assert len(server.bodies) == 1


INSTEAD = [
    pytest.param({"error": {"message": "Insufficient credits", "code": 402}}, "add credit", id="OpenRouter's 402"),
    pytest.param(
        chat(None, error={"message": "no credit", "code": "insufficient_quota"}), "add credit", id="beside it"
    ),
    pytest.param({"error": {"message": "bad key", "code": 401}}, "check OPENAI_API_KEY", id="a key"),
    pytest.param([{"error": {"code": 403, "message": "not yours"}}], "not yours", id="a list"),
    pytest.param({"object": "error", "message": "no such model", "code": 404}, "not found", id="an old vLLM's"),
]


@pytest.mark.parametrize(("body", "words"), INSTEAD)
def test_an_error_that_comes_with_200_stops_as_it_would_alone(body: object, words: str):
    with Server(status(200, body)) as server:
        with pytest.raises(ModelError, match=words):
            ask(by_openai, server, attempts=3)
        assert len(server.bodies) == 1


PASSING = [
    pytest.param({"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "slow"}}}, id="429"),
    pytest.param(chat(None, error={"message": "upstream is down", "code": 502}), id="beside no answer"),
    pytest.param(chat("cut off", "error", choices=[]), id="no choices"),
    pytest.param({"error": {"message": "Overloaded"}}, id="no code"),
]


@pytest.mark.parametrize("body", PASSING)
def test_one_that_passes_is_asked_again(body: object):
    with Server(status(200, body), says("hello")) as server:
        assert ask(by_openai, server, attempts=3).text == "hello"
        assert len(server.bodies) == 2


def test_an_answer_with_an_empty_error_beside_it_is_one():
    with Server(says("hello", error=None), says("hello", error={"code": 0, "message": "success"})) as server:
        assert ask(by_openai, server).text == ask(by_openai, server).text == "hello"


KEPT = [
    pytest.param({"reasoning_content": 'So: {"a": 1}'}, "stop", 'So: {"a": 1}', id="vLLM"),
    pytest.param({"reasoning": '```json\n{"a": 1}\n```\n'}, "stop", '```json\n{"a": 1}\n```\n', id="OpenRouter"),
    pytest.param({"reasoning_content": 'Is it {"a": 1}? I wonder.'}, "stop", "", id="thoughts alone"),
    pytest.param({"reasoning_content": '{"a": 1}'}, "length", "", id="cut"),
]


@pytest.mark.parametrize(("message", "finish", "text"), KEPT)
def test_an_answer_that_was_taken_for_thoughts(message: dict[str, str], finish: str, text: str):
    with Server(says(None, finish, message=message)) as server:
        assert ask(by_openai, server).text == text
    with Server(says("said", finish, message=message)) as server:
        assert ask(by_openai, server).text == "said"


def test_nobody_listens():
    with Server(HTML) as server:
        pass  # its port is free again
    with pytest.raises(ModelError, match="no connection"):
        ask(by_openai, server)


def test_many_at_once():
    async def burst(url: str) -> list[Completion]:
        async with by_openai(url) as model:
            return await asyncio.gather(*(model.complete(REQUEST) for _ in range(100)))

    with Server(says("hello")) as server:
        assert {answer.text for answer in asyncio.run(burst(server.url))} == {"hello"}


def late(seconds: float) -> Behaviour:
    """Answers in the end, saying nothing before that."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await says("hello")(request)

    return answer


LIMITS = [
    pytest.param(by_openai, lambda: None, ("aiohttp.client.DEFAULT_TIMEOUT",), id="openai"),
    pytest.param(
        by_litellm,
        _imported,
        ("litellm.litellm_core_utils.completion_timeout.COMPLETION_HTTP_FALLBACK_SECONDS", "litellm.request_timeout"),
        id="litellm",
    ),
]


@pytest.mark.parametrize(("client", "load", "limits"), LIMITS)
def test_no_limit_of_a_package_cuts_off_a_call_that_ours_allows(
    client: Open, load: Callable[[], object], limits: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
):
    """Else it would be made again, and paid for again."""
    load()
    for limit in limits:
        monkeypatch.setattr(limit, 0.2)
    with Server(late(1)) as server:
        assert ask(client, server, attempts=2, timeout=30).text == "hello"
        assert len(server.bodies) == 1


@both
def test_ours_holds_for_the_whole_call(client: Open):
    with Server(late(30)) as server:
        with pytest.raises(ModelError, match=r"no answer within 0.4 s .--timeout., which the provider may bill"):
            ask(client, server, timeout=0.4)
        assert len(server.bodies) == 1


UNREACHED = [
    pytest.param("http://127.0.0.1:9/v1", "nothing listens at", id="refused"),
    pytest.param("http://localhost:9/v1", "nothing listens at", id="refused at every address"),
]


@both
@pytest.mark.parametrize(("url", "words"), UNREACHED)
def test_the_first_connection_comes_about_at_once_or_never(client: Open, url: str, words: str):
    async def once() -> None:
        async with client(url) as model:
            await Patient(Admitted(model, Gate(), Purse({})), pause=60).complete(REQUEST)

    with pytest.raises(UnusableError, match=f"no connection: .*{words}.* after one attempt"):
        asyncio.run(asyncio.wait_for(once(), 20))


def test_an_endpoint_that_has_answered_may_go_away_for_a_while():
    heard: list[Wait] = []

    async def twice(gate: Gate) -> Completion:
        server = Server(says("hello"))
        with server:
            port = int(server.url.split(":")[2].split("/")[0])
            async with by_openai(server.url) as model:
                patient = Patient(Admitted(model, gate, Purse({})), pause=0.1, gate=gate)
                await patient.complete(REQUEST)
        async with by_openai(server.url) as model:
            patient = Patient(Admitted(model, gate, Purse({})), pause=0.1, gate=gate)
            asked = asyncio.create_task(patient.complete(REQUEST))
            await asyncio.sleep(0.3)
            with Server(says("again"), port=port):
                return await asked

    assert asyncio.run(twice(Gate(patience=Patience(tell=heard.append)))).text == "again"
    assert all("nothing listens at 127.0.0.1" in wait.why for wait in heard)
    assert heard

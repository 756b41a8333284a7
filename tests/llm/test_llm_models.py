"""From a name to a model, and the scripted model."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from server import Server, says

from agenther.errors import ModelError
from agenther.llm.clients.by_name import make_model
from agenther.llm.clients.litellm import LitellmClient
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.clients.scripted import Scripted, in_order
from agenther.llm.model import Completion, Message, Model, Request, Schema


def request(stage: str, text: str = "Hello") -> Request:
    return Request((Message("user", text),), Schema(stage, {}))


def ask(model: Model, *requests: Request) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        answers = [await model.complete(one) for one in requests]
        await model.aclose()
        return answers

    return asyncio.run(all_of_them())


def behind(model: Model) -> type:
    asyncio.run(model.aclose())
    return type(model)


# --- names ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("gpt-4o", "OPENAI_API_KEY", id="no key for OpenAI"),
        pytest.param("anthropic/claude-3-5-haiku-latest", "ANTHROPIC_API_KEY", id="no key for another"),
        pytest.param("nobody-knows-this", "provider/model", id="no such model"),
        pytest.param("nobody/knows-this", "provider/model", id="no such provider"),
        pytest.param(" ", "empty", id="no name"),
        pytest.param("scripted:no/such/file", "cannot be read", id="no such script"),
    ],
)
def test_refused_before_the_first_call(name: str, words: str):
    with pytest.raises(ModelError, match=words):
        make_model(name)


def test_a_base_url_takes_the_short_way_and_the_name_as_it_is():
    with Server(says("hello")) as server:
        model = make_model("meta-llama/Llama-3", server.url)
        assert model.name == "meta-llama/Llama-3"
        assert ask(model, request("judge"))[0].text == "hello"
        assert server.bodies[0]["model"] == "meta-llama/Llama-3"


def test_a_key_of_openai_takes_the_short_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert behind(make_model("gpt-4o")) is OpenAIClient


def test_all_else_goes_through_litellm(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    assert behind(make_model("anthropic/claude-3-5-haiku-latest")) is LitellmClient


def test_nothing_heavy_is_imported_before_a_model_is_made():
    imports = "import sys, agenther.stages.by_model, agenther.judges.model, agenther.llm.access"
    code = f"{imports}; print({{'openai', 'litellm'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


# --- scripts -------------------------------------------------------------------------------------


def script(path: Path, *lines: object) -> str:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return f"scripted:{path}"


def test_a_list_runs_out():
    with pytest.raises(ModelError, match="no answer left"):
        ask(in_order(["a"]), request("judge"), request("judge"))


def test_a_function_sees_the_request():
    assert ask(Scripted(lambda one: one.messages[-1].content.upper()), request("judge", "yes"))[0].text == "YES"


def test_a_script_is_answered_by_stage_and_words(tmp_path: Path):
    name = script(
        tmp_path / "script.jsonl",
        {"stage": "relabel", "contains": "order 17", "answer": {"goals": []}},
        "",
        {"stage": "judge", "answer": {"is_valid": True}, "again": True},
        {"text": "It is cut", "finish_reason": "length"},
    )
    model = make_model(name)
    assert model.name == name
    asked = [request("judge"), request("relabel", "about order 17"), request("judge"), request("relabel", "order 18")]
    said = ask(model, *asked)
    assert [json.loads(one.text) for one in said[:3]] == [{"is_valid": True}, {"goals": []}, {"is_valid": True}]
    assert said[3] == Completion("It is cut", "length")


def test_a_line_of_a_script_is_used_up(tmp_path: Path):
    model = make_model(script(tmp_path / "s", {"stage": "judge", "text": "no"}))
    with pytest.raises(ModelError, match="no answer left for judge"):
        ask(model, request("judge"), request("judge"))


@pytest.mark.parametrize("line", ["{", "[]", '{"stagge": "judge"}', '{"again": "perhaps"}'])
def test_a_script_that_is_none(tmp_path: Path, line: str):
    with pytest.raises(ModelError, match="line 2 of the script"):
        make_model(script(tmp_path / "s", "", line))


def test_a_script_in_another_encoding(tmp_path: Path):
    (tmp_path / "s").write_bytes(b'{"text": "\xff"}')
    with pytest.raises(ModelError, match="cannot be read"):
        make_model(f"scripted:{tmp_path / 's'}")

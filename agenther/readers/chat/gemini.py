"""Messages in parts: Gemini's contents, and those of OpenTelemetry's GenAI conventions.

    {"contents": [{"role": "user", "parts": [{"text": "Is Dune in?"}]},
                  {"role": "model", "parts": [{"functionCall": {"name": "find_book", "args": {"title": "Dune"}}}]},
                  {"role": "user", "parts": [{"functionResponse": {"name": "find_book", "response": {"copies": 0}}}]}],
     "systemInstruction": {"parts": [{"text": "You run a library desk."}]},
     "tools": [{"functionDeclarations": [{"name": "find_book", …}]}]}
    {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "find_book", "arguments": {…}}]}

Fields of Gemini's are read in both spellings, `functionCall` and `function_call`. What the model ran itself
(`executableCode`, `codeExecutionResult`) is a call of `code_execution` and its result.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, joined
from agenther.readers.log import Head
from agenther.readers.values import fields, name_of, seen
from agenther.records import Reason

NAME = "gemini"
OWN_CODE = "code_execution"
CALLS = ("functionCall", "function_call")
RESULTS = ("functionResponse", "function_response")


def recognizes(head: Head) -> Fit:
    """Does a message hold its text and calls in parts?"""
    return Fit.SHAPE if any(map(has_parts, conversations.first_messages(head)[:4])) else Fit.NO


def has_parts(raw: dict[str, Any]) -> bool:
    return isinstance(raw.get("parts"), list) and "content" not in raw


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message; one that holds results gives a Message for each, and one for what stands beside them."""
    name = raw.get("role", "user")  # Gemini's API takes a message without a role as the user's
    given = raw.get("parts")
    if not isinstance(name, str) or not isinstance(given, list):
        raise ReadError(Reason.MALFORMED, f"no role, or no parts: {seen(raw)}")
    role, parts = role_of(name), [part for part in given if isinstance(part, dict)]
    results = list(filter(None, map(_result, parts)))
    texts = [part for part in parts if not (_call(part) or _result(part))]
    thoughts = [_text(part) for part in texts if _is_thought(part)]
    said = joined(_text(part) for part in texts if not _is_thought(part))
    calls = tuple(filter(None, map(_call, parts)))
    if calls or role == "agent" or (said and not (results and role == "result")):
        yield Message("agent" if calls or role == "agent" else _speaker(role), said, joined(thoughts), calls)
    yield from results


def _speaker(role: str) -> Any:
    """Who says what stands beside results, which messages of any role hold."""
    return "user" if role == "result" else role


def _is_thought(part: dict[str, Any]) -> bool:
    return part.get("thought") is True or part.get("type") in ("reasoning", "thinking")


def _text(part: dict[str, Any]) -> str:
    """What a part says, or "[file]" and the like for what is no text."""
    told = part.get("text", part.get("content"))
    if told is None and not part.keys().isdisjoint(("inlineData", "inline_data", "fileData", "file_data")):
        return "[file]"
    return told if isinstance(told, str) else content_text([part] if told is None else told)


def _call(part: dict[str, Any]) -> Call | None:
    if code := fields(part.get("executableCode", part.get("executable_code"))):
        return Call("", OWN_CODE, code)
    told = part if part.get("type") == "tool_call" else next((part[name] for name in CALLS if name in part), None)
    if not isinstance(told, dict):
        return None
    if not isinstance(told.get("name"), str):
        raise ReadError(Reason.MALFORMED, "a tool call without a name")
    return Call(name_of(told.get("id")), told["name"], told.get("args", told.get("arguments")))


def _result(part: dict[str, Any]) -> Message | None:
    if code := fields(part.get("codeExecutionResult", part.get("code_execution_result"))):
        failed = code.get("outcome") not in (None, "OUTCOME_OK")
        return Message("result", content_text(code.get("output")), name=OWN_CODE, beside={"is_error": failed})
    is_otel = part.get("type") == "tool_call_response"
    told = part if is_otel else next((part[name] for name in RESULTS if name in part), None)
    if not isinstance(told, dict):
        return None
    given = told.get("response", told.get("result"))
    inner = given.get("output", given.get("result")) if isinstance(given, dict) and len(given) == 1 else None
    text = inner if isinstance(inner, str) else given if isinstance(given, str) else None
    text = json.dumps(given, ensure_ascii=False) if text is None else text
    return Message("result", text, answers=name_of(told.get("id")), name=name_of(told.get("name")), beside=told)


READER = Reader(
    "Gemini contents",
    recognizes,
    partial(conversations.runs, NAME, messages_of),
    needs=("contents[].role", "contents[].parts"),
)

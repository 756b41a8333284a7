r"""Chats as OpenAI's API takes them: messages with a role, tool calls, and results under their call's id.

    {"messages": [
        {"role": "system", "content": "You run a library desk."},
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "find_book", "arguments": "{\"title\": \"Dune\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"copies\": 0}"},
        {"role": "assistant", "content": "All copies are out."}],
     "tools": [{"type": "function", "function": {"name": "find_book", "parameters": {…}}}]}

Also the bare list, the older `function_call` with results of the role `function`, and content in parts.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers import anthropic_chat, chat
from agenther.readers.log import Head, Log
from agenther.readers.messages import Call, Message, content_text, joined, split_thought
from agenther.readers.values import name_of
from agenther.records import Reason, Trajectory

NAME = "openai-chat"


def recognizes(head: Head) -> bool:
    messages = chat.first_messages(head)
    return bool(messages) and isinstance(messages[0].get("role"), str) and not anthropic_chat.recognizes(head)


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """Every conversation of the file, as a run."""
    return chat.runs(log, NAME, messages_of)


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message. Content blocks of Anthropic's are read too: the head of a long log may not show them."""
    role = raw.get("role")
    if not isinstance(role, str):
        raise ReadError(Reason.MALFORMED, "no role")
    if anthropic_chat.has_blocks(raw):
        yield from anthropic_chat.messages_of(raw)
    elif role == "assistant":
        inline, text = split_thought(joined([content_text(raw.get("content")), content_text(raw.get("refusal"))]))
        reasoning = content_text(raw.get("reasoning_content") or raw.get("reasoning"))
        yield Message("agent", text, joined([reasoning, inline]), tuple(_calls(raw)))
    elif role in {"tool", "function"}:
        yield Message("result", content_text(raw.get("content")), answers=name_of(raw.get("tool_call_id")))
    elif role in {"user", "human"}:
        yield Message("user", content_text(raw.get("content")))
    elif role in {"system", "developer"}:
        yield Message("system", content_text(raw.get("content")))
    else:
        yield Message("environment", content_text(raw.get("content")))


def _calls(raw: dict[str, Any]) -> Iterator[Call]:
    calls = raw.get("tool_calls") or []
    if not isinstance(calls, list):
        raise ReadError(Reason.MALFORMED, "tool_calls is no list")
    if raw.get("function_call"):
        calls = [*calls, raw["function_call"]]
    for call in calls:
        inner = call.get("function", call.get("custom", call)) if isinstance(call, dict) else None
        if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
            raise ReadError(Reason.MALFORMED, "a tool call without a name")
        yield Call(name_of(call.get("id")), inner["name"], inner.get("arguments", inner.get("input")))

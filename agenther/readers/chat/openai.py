r"""Chats as OpenAI's API takes them: messages with a role, tool calls, and results under their call's id.

    {"messages": [
        {"role": "system", "content": "You run a library desk."},
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "find_book", "arguments": "{\"title\": \"Dune\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"copies\": 0}"},
        {"role": "assistant", "content": "All copies are out."}],
     "tools": [{"type": "function", "function": {"name": "find_book", "parameters": {…}}}]}

Also the bare list, the older `function_call` with results of the role `function`, content in parts, several results
in one message (`tool_responses`), and the roles `tool-call` and `tool-response`, which hold calls and results as text.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import act
from agenther.readers.chat import anthropic, calls, conversations
from agenther.readers.chat.asking import is_example
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, is_known, is_thought, joined, reasoning, split_thought
from agenther.readers.log import Head
from agenther.readers.values import fields, seen, unpacked
from agenther.records import Reason

NAME = "openai-chat"


def recognizes(head: Head) -> Fit:
    """Any messages with roles."""
    first = conversations.first_messages(head)[:1]
    return Fit.FALLBACK if any(isinstance(message.get("role"), str) for message in first) else Fit.NO


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, marked where it is an example of how to answer."""
    example = is_example(raw)
    yield from (message._replace(example=example) for message in _messages(raw))


def _messages(raw: dict[str, Any]) -> Iterator[Message]:
    """As `messages_of`. Blocks of Anthropic's and turns of ShareGPT's are read too: the head may not show them."""
    if "from" in raw and "role" not in raw:
        raw = {**raw, "role": raw["from"], "content": raw.get("value")}
    name = raw.get("role")
    if not isinstance(name, str):
        raise ReadError(Reason.MALFORMED, "no role")
    role = role_of(name)
    content = raw.get("content")
    thoughts: list[Any] = []
    if isinstance(content, list):
        thoughts = [part for part in content if is_thought(part)]
        content = [part for part in content if not is_thought(part)]
    text = content_text(content)
    if anthropic.has_blocks(raw):
        yield from anthropic.messages_of(raw)
    elif role == "agent":
        inline, text = split_thought(joined([text, content_text(raw.get("refusal"))]))
        thought, made = joined([reasoning(raw), *map(reasoning, thoughts), inline]), tuple(_calls(raw))
        if odd := unread(raw, nothing=not (text or thought or made)):
            raise ReadError(Reason.MALFORMED, f"a message of the agent in a form that is not understood: {odd}")
        yield Message("agent", text, thought, made)
    elif role == "call":
        yield calls.written(text)
    elif raw.get("requestor") == "user":
        yield from [Message("user", text)] if role == "user" and text else []  # what it called is nothing the agent did
    elif role == "result" or calls.answers_a_call(raw):
        yield from calls.results(raw)
    else:
        yield Message(role, text)


def unread(raw: dict[str, Any], *, nothing: bool) -> str:
    """What a message holds that may be a call and is not understood: a part of an odd type; where there is `nothing`
    else in it, a field.
    """
    content = raw.get("content")
    parts = map(fields, content) if isinstance(content, list) else ()
    kinds = dict.fromkeys(str(part.get("type", "text")) for part in parts)
    odd = [f"content of type {kind}" for kind in kinds if not is_known(kind)]
    holders = [name for name, value in raw.items() if name != "content" and value and isinstance(value, list | dict)]
    return ", ".join(odd or ([f"the field {name}" for name in holders] if nothing else []))


def _calls(raw: dict[str, Any]) -> list[Call]:
    made = raw.get("tool_calls") or []
    made = unpacked(made) if isinstance(made, str) else made
    if not isinstance(made, list):
        raise ReadError(Reason.MALFORMED, "tool_calls is no list")
    found = list(map(_call, made))
    if raw.get("function_call"):
        older = _call(raw["function_call"])
        if all(act(*older[1:]) != act(*call[1:]) for call in found):
            found.append(older)  # else it is told in both ways
    return found


def _call(value: Any) -> Call:
    call = calls.call_of(value)
    if call is None:
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(value)}")
    return call


READER = Reader(
    "OpenAI messages with tool calls",
    recognizes,
    partial(conversations.runs, NAME, messages_of),
    needs=("messages[].role",),
)

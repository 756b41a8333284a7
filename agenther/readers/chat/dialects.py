r"""One message of any dialect, told by its own shape: a role with content, in text or in parts, with calls beside it.

    {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "c1", "function": {"name": …}}]}
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "No copies."}]}
    {"role": "model", "parts": [{"functionCall": {"name": "find_book", "args": {…}}}]}
    {"from": "function_call", "value": "{\"name\": \"find_book\", …}"}
    {"type": "ai", "content": "", "tool_calls": [{"name": "find_book", "args": {…}, "id": "c1"}]}

The fields of one message may be of several dialects: frameworks that wrap others keep what they were given.
"""

import json
from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.build import act
from agenther.readers.chat import calls
from agenther.readers.chat.asking import is_example
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.parts import call_in, is_mark, odd, result_in, result_of_call, words
from agenther.readers.chat.roles import LANGCHAIN, Role, kind_of, role_of
from agenther.readers.content import (
    content_text,
    is_thought,
    joined,
    reasoning,
    speaks_thought,
    split_thought,
    thought_in,
)
from agenther.readers.json_text import value_in
from agenther.readers.values import fields, items, seen
from agenther.records import Reason
from agenther.text.names import bare

SAYS = ("content", "parts", "tool_calls", "function_call")
"""Fields of which a message has one."""
ABOUT = ("metadata", "usage")
"""How fields end that hold no call."""


def is_message(value: Any) -> bool:
    """Has a value the shape of a message?"""
    return isinstance(value, dict) and (
        bool(kind_of(value)) or (isinstance(value.get("role"), str) and not value.keys().isdisjoint(SAYS))
    )


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message; one that holds results gives a Message for each, and one for what stands between them."""
    raw = _as_openai(raw)
    name = raw.get("role", "user" if "parts" in raw else None)  # Gemini takes a message without a role as the user's
    if not isinstance(name, str):
        raise ReadError(Reason.MALFORMED, f"no role; it is {seen(raw)}")
    example = is_example(raw)
    yield from (message._replace(example=example) for message in _said(role_of(name), raw))


def _as_openai(raw: dict[str, Any]) -> dict[str, Any]:
    """A message of LangChain's, or a turn of ShareGPT's, with the fields of OpenAI's."""
    if "from" in raw and "role" not in raw:
        return {**raw, "role": raw["from"], "content": raw.get("value")}
    kind = kind_of(raw)
    if not kind and "additional_kwargs" not in raw:
        return raw
    data = fields(raw.get("kwargs", raw.get("data", raw))) if kind else raw
    more = fields(data.get("additional_kwargs"))  # calls stand there too, where `tool_calls` does not hold them
    told = {name: value for name, value in data.items() if value not in (None, [])}
    return {**more, **told, "role": LANGCHAIN[kind] if kind else raw.get("role")}


def _said(role: Role, raw: dict[str, Any]) -> Iterator[Message]:
    content = _content(role, raw)
    parts = items(content)
    if any(map(result_in, parts)) and not calls.answers_a_call(raw):
        yield from _in_parts(role, parts, raw)
    elif role == "agent":
        yield _of_agent(content, raw)
        yield from filter(None, map(result_of_call, _listed(raw)))
    elif role == "call":
        yield calls.written(content_text(content))
    elif raw.get("requestor") == "user":  # what the user called is nothing that the agent did
        yield from [Message("user", text)] if role == "user" and (text := content_text(content)) else []
    elif role == "result" or calls.answers_a_call(raw):
        yield from calls.results({**raw, "content": content})
    else:
        yield Message(role, words(parts) if parts else content_text(content))


def _content(role: Role, raw: dict[str, Any]) -> Any:
    """What a message says, with the calls that another field lists in the manner of parts, as the AI SDK does."""
    parts, content = raw.get("parts"), raw.get("content")
    content = parts if isinstance(parts, list) and not isinstance(content, list) else content
    inside = content if isinstance(content, list) else [content] if content else []
    if role != "agent" or raw.get("tool_calls") or any(map(call_in, inside)):
        return content
    lists = (value for name, value in raw.items() if name not in SAYS and isinstance(value, list))
    held = [one for value in lists if all(map(_is_whole_call, value)) for one in value]
    return [*held, *inside] if held else content  # words beside results were said after them


def _is_whole_call(value: Any) -> bool:
    held = fields(value)
    needs = (held.keys() & {*calls.IDS, "id"}, held.keys() & {*calls.ARGUMENTS}, calls.tool_named(held))
    return all(needs)


def _in_parts(role: Role, parts: list[Any], raw: dict[str, Any]) -> Iterator[Message]:
    """The results among the parts, and what stands between them."""
    between: list[Any] = []
    for part in parts:
        result = result_in(part)
        if result is None or (role == "agent" and call_in(part)):
            between.append(part)
        if result is None:
            continue
        if between:
            yield _between(role, between, raw)
        raw, between = {}, []
        yield result
    if between:
        yield _between(role, between, raw)


def _between(role: Role, parts: list[Any], raw: dict[str, Any]) -> Message:
    return _of_agent(parts, raw) if role == "agent" else Message("system" if role == "system" else "user", words(parts))


def _of_agent(content: Any, raw: dict[str, Any]) -> Message:
    """What the agent thought, said and called. Raises ReadError where a call may be hidden in it."""
    parts = items(content)
    thoughts = [part for part in parts if is_thought(part)]
    plain = [part for part in parts if not (is_thought(part) or is_mark(part) or call_in(part))]
    said = words(plain) if parts else content_text(content)
    inline, text = split_thought(joined([said, content_text(raw.get("refusal"))]))
    text, tagged = calls.tagged(text) if "from" in raw else (text, ())
    if speaks_thought(raw):
        inline, text = joined([inline, text]), ""
    thought = joined(dict.fromkeys([*filter(None, [reasoning(raw)]), *map(thought_in, thoughts), inline]))
    called = (*_calls(raw, list(filter(None, map(call_in, parts)))), *tagged)
    if strange := _unread(raw, parts, nothing=not (text or thought or called)):
        raise ReadError(Reason.MALFORMED, f"a message of the agent in a form that is not understood: {strange}")
    return Message("agent", text, thought, called)


def _unread(raw: dict[str, Any], parts: list[Any], *, nothing: bool) -> str:
    """What may be a call and is not understood: an odd part; where there is `nothing` else in the message, a field."""
    strange = list(dict.fromkeys(odd(parts)))
    nested = [name for name, value in raw.items() if name not in SAYS and value and isinstance(value, list | dict)]
    holders = [f"the field {name}" for name in nested if not name.endswith(ABOUT)]
    return ", ".join(strange or (holders if nothing else []))


def _calls(raw: dict[str, Any], found: list[Call]) -> Iterator[Call]:
    """The calls of a message, those in its parts `found`; what is told in two places is one call."""
    listed = _listed(raw)
    older = raw.get("function_call")
    is_told = any(older.values()) if isinstance(older, dict) else older
    told = [list(map(_call, listed)), found, [_call(older)] if is_told else []]
    if sum(map(bool, told)) < 2:
        yield from (call for calls_there in told for call in calls_there)
        return
    ids, acts = set[str](), set[str]()
    for there in told:
        new = [(call, _key(call)) for call in there]
        yield from (call for call, key in new if not (call.id in ids if call.id and ids else key in acts))
        ids |= {call.id for call in there if call.id}
        acts |= {key for _, key in new}


def _listed(raw: dict[str, Any]) -> list[Any]:
    """What `tool_calls` holds, also as text, or one call alone."""
    listed = raw.get("tool_calls") or []
    listed = value_in(listed) if isinstance(listed, str) else listed
    listed = [listed] if fields(listed) and calls.call_of(listed) else listed
    if not isinstance(listed, list):
        raise ReadError(Reason.MALFORMED, "tool_calls is no list")
    return listed


def _key(call: Call) -> str:
    """What one call and the same, told in another place, have in common."""
    action = act(*call[1:])
    return json.dumps([bare(action.name), action.arguments, action.raw], sort_keys=True)


def _call(value: Any) -> Call:
    call = calls.call_of(value)
    if call is None:
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(value)}")
    return call

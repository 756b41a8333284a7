r"""Items of OpenAI's Responses API: what went in and what came out, in one list or in two.

    {"instructions": "You run a library desk.", "tools": [{"type": "function", "name": "find_book", …}],
     "input": [{"role": "user", "content": [{"type": "input_text", "text": "Is Dune in?"}]},
               {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Look it up."}]},
               {"type": "function_call", "call_id": "c1", "name": "find_book", "arguments": "{\"title\": \"Dune\"}"},
               {"type": "function_call_output", "call_id": "c1", "output": "{\"copies\": 0}"}],
     "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "All out."}]}]}

Any type that ends in `_call` is a call, and in `_output` its result. Calls that the API ran itself
(`web_search_call`, `code_interpreter_call`, `mcp_call`) hold their results.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.chat import conversations
from agenther.readers.chat.calls import first_of
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, joined, reasoning
from agenther.readers.log import Head
from agenther.readers.values import fields, items, name_of, seen, text
from agenther.records import Reason, Source, Trajectory

OUTPUTS = ("output", "outputs", "results")
"""Fields of a call that the API ran itself, in which its result stands."""
ABOUT = frozenset(("type", "id", "call_id", "status", "name", "namespace", "server_label", "error", *OUTPUTS))
"""Fields of a call that are none of its arguments."""


def recognizes(head: Head) -> Fit:
    """Is an item a call, a result or a thought by its type?"""
    value = head.value
    if isinstance(value, list) and not _is_items(value):
        value = next(iter(value), None)
    record = fields(value)
    listed = [*items(value), *items(record.get("input")), *items(record.get("output"))]
    return Fit.sure(any(_kind(item) in ("call", "result", "thought") for item in listed))


def _is_items(values: list[Any]) -> bool:
    return any(_kind(item) for item in values[:1])


def _kind(item: Any) -> str:
    """What an item is: message, call, result or thought; empty for what is none."""
    kind = text(fields(item).get("type", "message" if "role" in fields(item) else ""))
    ends = {"_call": "call", "_output": "result", "reasoning": "thought", "message": "message"}
    return next((name for end, name in ends.items() if kind.endswith(end)), "")


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    given = record.get("input")
    before = [{"role": "user", "content": given}] if isinstance(given, str) else items(given)
    told = value if isinstance(value, list) else [*before, *items(record.get("output"))]
    system = content_text(record.get("instructions"))
    return conversations.run(source, turns(told), record, system=system)


def turns(told: list[Any]) -> Iterator[Message]:
    """The items as messages: what the agent thought, said and called before it saw results is one."""
    turn: list[Message] = []
    for message in read_all(told, _messages_of):
        goes_on = message.role == "agent" and not (message.text and any(one.calls for one in turn))
        if not goes_on:
            yield from _one(turn)
            turn = []
        if message.role == "agent":
            turn.append(message)
        else:
            yield message
    yield from _one(turn)


def _one(turn: list[Message]) -> Iterator[Message]:
    calls = tuple(call for message in turn for call in message.calls)
    words, thought = joined(message.text for message in turn), joined(message.thought for message in turn)
    if words or calls:
        yield turn[0]._replace(text=words, thought=thought, calls=calls)


def _messages_of(item: dict[str, Any]) -> Iterator[Message]:
    kind = _kind(item)
    if kind == "thought":
        yield Message("agent", thought=reasoning({"reasoning": item}))
    elif kind == "message":
        role = role_of(name_of(item.get("role")))
        yield Message(role if role in ("agent", "system") else "user", content_text(item.get("content")))
    elif kind == "result":
        yield Message("result", content_text(item.get("output")), answers=name_of(item.get("call_id")), beside=item)
    elif kind == "call":
        yield from _called(item)


def _called(item: dict[str, Any]) -> Iterator[Message]:
    name, ref = item.get("name", item["type"].removesuffix("_call")), name_of(item.get("call_id") or item.get("id"))
    if not isinstance(name, str) or not name:
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(item)}")
    rest = {key: value for key, value in item.items() if key not in ABOUT}
    given = first_of(item, ("arguments", "input", "action"))
    yield Message("agent", calls=(Call(ref, name, rest if given is None else given),))
    if gave := next(filter(None, map(item.get, (*OUTPUTS, "error"))), None):
        yield Message("result", content_text(gave), answers=ref, beside=item)


READER = Reader(
    "Items of OpenAI's Responses API", recognizes, reads("openai-responses", _run, lambda log: log.records(_is_items))
)

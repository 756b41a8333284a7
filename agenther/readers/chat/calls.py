"""Calls and results as chat logs write them: as objects, and as text in the agent's message."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from agenther.readers.chat.messages import Call, Message
from agenther.readers.content import content_text, split_thought
from agenther.readers.json_text import value_in
from agenther.readers.values import fields, name_of, objects

IDS = ("tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "call_id")
"""Fields in which a result tells the id of its call; tau2 tells it as plain `id`."""
NAMES = ("tool_name", "toolName", "name", "function")
"""Fields that name a tool."""
ARGUMENTS = ("arguments", "parameters", "input", "args")
WRAPPED = re.compile(r"(?:Call id: (?P<id>\S+)\n)?(?:Observation:\n)?")
"""What smolagents writes before a result."""
LONGEST_CALL = 10_000
"""Characters of a call in Python's way of which the arguments are told apart."""
_SPOKEN = re.compile(r"\s*([\w.-]{1,100})[ \t]*([\[(])(.*)[\])]\s*", re.DOTALL)
_TAG = re.compile(r"<((?:tool|function)_?call)>")
RESPONSE = frozenset({"content", "result", "response", "output", "name", *IDS, *NAMES})
"""Fields of a result that is told as an object, with its call's name or id."""


def call_of(value: Any) -> Call | None:
    """The call that an object tells, bare, wrapped in {"function": …}, or named by it; None if it names no tool."""
    call = fields(value)
    wrapped = fields(call.get("function")) or fields(call.get("custom"))
    inner = wrapped or call
    name = tool_named(inner)
    return Call(name_of(first_of(call, ("id", *IDS))), name, first_of(inner, ARGUMENTS)) if name else None


def tool_named(raw: dict[str, Any]) -> str:
    """The tool that an object names; empty if it names none."""
    return next((raw[name] for name in NAMES if isinstance(raw.get(name), str)), "")


def first_of(raw: dict[str, Any], names: tuple[str, ...]) -> Any:
    """What stands under the first of the names that is there; None if none is, or nothing stands there."""
    return next((raw[name] for name in names if raw.get(name) is not None), None)


def written(text: str) -> Message:
    """The message of a role of its own for calls: JSON or a Python literal, one call or a list, tagged, or in Python's
    way.
    """
    thought, text = split_thought(text)
    title, _, rest = text.strip().partition("\n")
    value = value_in(text) or (value_in(rest) if title.endswith(":") else None)
    if value is not None:
        return Message("agent", "", thought, tuple(map(call_or_whole, value if isinstance(value, list) else [value])))
    said, calls = tagged(text)
    return Message("agent", said if calls else "", thought, calls or (spoken(text) or Call("", "function_call", text),))


def spoken(text: str) -> Call | None:
    """The call that a text is, in Python's way or with its input in brackets: find_book(title="Dune"), Search[Dune]."""
    inside = _SPOKEN.fullmatch(text)
    return Call("", inside[1], _keywords(inside[3])) if inside else None


def _keywords(text: str) -> Any:
    """The arguments between the brackets of a Python call, where all are named and plain values; else the text."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body if len(text) <= LONGEST_CALL and "=" in text else None
        named = {one.arg: ast.literal_eval(one.value) for one in call.keywords} if isinstance(call, ast.Call) else {}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return text
    return named if isinstance(call, ast.Call) and named and not call.args and None not in named else text


def tagged(text: str) -> tuple[str, tuple[Call, ...]]:
    """(text, calls): what stands outside and inside of <tool_call> tags, and the like."""
    before, *pieces = _TAG.split(text)
    outside, calls = [before], []
    for tag, piece in zip(pieces[::2], pieces[1::2], strict=True):
        inside, _, after = piece.partition(f"</{tag}>")
        outside.append(after)
        value = value_in(inside)
        calls.append(Call("", tag, inside) if value is None else call_or_whole(value))
    return "".join(outside).strip() if calls else text, tuple(calls)


def call_or_whole(value: Any) -> Call:
    """A call from its JSON; one that names no tool stays whole, as the agent wrote it."""
    return call_of(value) or Call("", "function_call", value)


def result_of(raw: dict[str, Any], text: str) -> Message:
    """The result that a message of such a role, or an object in it, holds."""
    wrapped = WRAPPED.match(text)
    given = next((raw[name] for name in (*IDS, "id") if raw.get(name)), wrapped and wrapped["id"])
    rest = text[wrapped.end() :] if wrapped else text
    return Message("result", rest, answers=name_of(given), name=tool_named(raw), beside=raw)


def responses(text: str, beside: dict[str, Any]) -> Iterator[Message]:
    """The results that one message's text holds: those in <tool_response> tags, or the whole text."""
    pieces = [text]
    if text.lstrip().startswith("<tool_response>"):
        pieces = [piece.partition("</tool_response>")[0].strip("\n") for piece in text.split("<tool_response>")[1:]]
    for piece in pieces:
        told = fields(value_in(piece)) if piece.lstrip().startswith("{") else {}
        yield result_of(told if told and told.keys() <= RESPONSE else beside, piece)


def answers_a_call(raw: dict[str, Any]) -> bool:
    """Does a message tell, whatever its role, that it holds results?"""
    return isinstance(raw.get("tool_responses"), list) or any(name_of(raw.get(name)) for name in IDS)


def results(raw: dict[str, Any]) -> Iterator[Message]:
    """The results in one message: several where it lists them, as AG2 does, or tags them in its text."""
    several = objects(raw.get("tool_responses"))
    if several or answers_a_call(raw):
        yield from (result_of(one, content_text(one.get("content"))) for one in several or [raw])
    else:
        yield from responses(content_text(raw.get("content")), raw)

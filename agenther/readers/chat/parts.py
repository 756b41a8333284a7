"""What a part of a message is: a call, a result, a thought or words, by the fields that it has, whichever API wrote it.

    {"type": "tool_use", "id": "c1", "name": "find_book", "input": {"title": "Dune"}}
    {"type": "tool-call", "toolCallId": "c1", "toolName": "find_book", "args": {"title": "Dune"}}
    {"functionCall": {"name": "find_book", "args": {"title": "Dune"}}}
    {"type": "tool-find_book", "toolCallId": "c1", "input": {"title": "Dune"}, "output": {"copies": 0}}
    {"toolResult": {"toolUseId": "c1", "content": [{"json": {"copies": 0}}], "status": "success"}}

A call names a tool and holds its arguments. A result holds what came back, and tells its call by id or by name.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.chat.calls import ARGUMENTS, IDS, call_of, first_of, tool_named
from agenther.readers.chat.messages import Call, Message
from agenther.readers.content import content_text, is_thought, joined, part_text
from agenther.readers.values import fields, name_of, seen, text
from agenther.records import Reason
from agenther.text.names import spelt

CALLS = frozenset({"call", "use", "invocation"})
RESULTS = frozenset({"result", "response", "output", "error"})
"""How the kinds of parts end that are calls, and results."""
TOOL = frozenset({"tool", "function"})
"""A word in the kind of a part that is a result, though nothing tells of which call."""
GIVEN = ("output", "result", "response", "content", "errorText", "error")
"""Fields of a result in which it stands."""
IN_CALL = ("output", "result", "response")
"""Fields of a call in which its result stands."""
OWN_CODE = "code_execution"
CODE = ("executableCode", "executable_code")
RAN = ("codeExecutionResult", "code_execution_result")


class Part(NamedTuple):
    """A part, out of its wrapping: `ends` is the last word of its kind."""

    kind: str
    ends: str
    holds: dict[str, Any]


def _opened(part: dict[str, Any]) -> Part:
    """The kind is told by `type`, or by the name of the field that holds all the rest: {"toolUse": {…}}."""
    for name, value in part.items():
        words = spelt(name) if isinstance(value, dict) else []
        if len(words) > 1 and words[-1] in CALLS | RESULTS:
            return Part(name, words[-1], value)
    kind = text(part.get("type"))
    return Part(kind, next(reversed(spelt(kind)), ""), part)


def call_in(raw: Any) -> Call | None:
    """The call that a part is; None if it is none. Raises ReadError for a call without a name."""
    if code := fields(first_of(fields(raw), CODE)):
        return Call("", OWN_CODE, code)
    kind, ends, holds = _opened(fields(raw))
    if ends in RESULTS:
        return None
    name, ref = tool_named(holds), name_of(first_of(holds, (*IDS, "id")))
    if not name and ref and kind.startswith("tool-"):
        name = kind.removeprefix("tool-")  # the AI SDK names the tool in the type
    is_call = ends in CALLS or (bool(name) and not holds.keys().isdisjoint(ARGUMENTS))
    if is_call and not name:
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(holds)}")
    return Call(ref, name, first_of(holds, ARGUMENTS)) if is_call else None


def result_in(raw: Any) -> Message | None:
    """The result that a part is, or that stands beside its call in one part; None if it is none."""
    if ran := fields(first_of(fields(raw), RAN)):
        failed = ran.get("outcome") not in (None, "OUTCOME_OK")
        return Message("result", content_text(ran.get("output")), name=OWN_CODE, beside={"is_error": failed})
    kind, ends, holds = _opened(fields(raw))
    says_so, name, given = ends in RESULTS, tool_named(holds), first_of(holds, GIVEN)
    ids = (*IDS, "id") if says_so else IDS
    is_of_tool = says_so and (name or not TOOL.isdisjoint(spelt(kind)))
    if not (holds.keys() & {*ids} or is_of_tool) or not (says_so or given is not None):
        return None
    text, form = _told(given)
    failed = any("error" in (*spelt(mark)[:1], *spelt(mark)[-1:]) for mark in (ends, form, str(holds.get("state"))))
    beside = {**holds, "is_error": True} if failed else holds
    return Message("result", text, answers=name_of(first_of(holds, ids)), name=name, beside=beside)


def result_of_call(raw: Any) -> Message | None:
    """The result that stands within its call; None if nothing does: {"id": "c1", "function": {…}, "output": "0"}."""
    call, given = call_of(raw), first_of(fields(raw), IN_CALL)
    if call is None or given in (None, "", [], {}):
        return None
    return Message("result", _told(given)[0], answers=call.id, name=call.name, beside=fields(raw))


def _told(given: Any) -> tuple[str, str]:
    """(text, kind) of a result, without what wraps nothing but it: {"output": …}, {"type": "json", "value": …}."""
    held = fields(given)
    kind = str(held.get("type", ""))
    if held.keys() == {"type", "value"}:
        given = held["value"]
    elif len(held) == 1 and isinstance(inner := held.get("output", held.get("result")), str):
        given = inner
    elif isinstance(given, list) and len(given) == 1 and fields(given[0]).keys() == {"json"}:
        given = given[0]["json"]
    is_content = not isinstance(given, dict) or "type" in given
    return content_text(given) if is_content else json.dumps(given, ensure_ascii=False), kind


def words(parts: list[Any]) -> str:
    """What the parts say, with "[file]" and the like for what is no text; JSON where none of them says anything."""
    texts = [_said(part) for part in parts]
    if None in texts and not any(texts):
        return content_text(parts)
    return joined(_named(part) if text is None else text for part, text in zip(parts, texts, strict=True))


def _named(part: Any) -> str:
    """What stands for a part that says nothing in words: its kind, or its JSON if it has none."""
    kind = _opened(fields(part)).kind
    return f"[{kind}]" if kind else json.dumps(part, ensure_ascii=False)


def _said(part: Any) -> str | None:
    said = part_text(part)
    told = fields(part).get("text", fields(part).get("content")) if said is None else said
    return told if isinstance(told, str) else None


def is_mark(part: Any) -> bool:
    """Is it an object of one plain field, which says nothing: {"type": "step-start"}?"""
    is_plain = len(fields(part)) == 1 and not any(isinstance(value, dict | list) for value in part.values())
    return is_plain and _said(part) is None


def odd(parts: list[Any]) -> Iterator[str]:
    """What may be a call among the parts, and is not understood."""
    for part in filter(fields, parts):
        if not (is_mark(part) or is_thought(part) or call_in(part) or _said(part) is not None):
            kind = part.get("type")
            yield f"content of type {kind[:40]}" if isinstance(kind, str) else f"content that is {seen(part)}"

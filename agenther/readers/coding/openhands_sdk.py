"""Events of OpenHands' agent SDK, by their `kind`; each calls its tool and gives its result under one id.

    {"kind": "MessageEvent", "id": "e1", "source": "user", "llm_message": {"role": "user", "content": [{…}]}}
    {"kind": "ActionEvent", "id": "e2", "source": "agent", "thought": [{"type": "text", "text": "Look around."}],
     "tool_name": "terminal", "tool_call_id": "c1", "tool_call": {"id": "c1", "name": "terminal", "arguments": "{…}"}}
    {"kind": "ObservationEvent", "source": "environment", "tool_call_id": "c1",
     "observation": {"content": [{"type": "text", "text": "lamp.py"}], "is_error": false, "exit_code": 0}}

A conversation is kept in a folder with a file for each event (`events/event-00001-….json`), or in one list.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agenther.readers.chat.calls import call_of
from agenther.readers.chat.messages import Call, Message
from agenther.readers.content import content_text, joined, reasoning
from agenther.readers.json_text import record
from agenther.readers.json_values import MAX_LINE_BYTES
from agenther.readers.log import Head
from agenther.readers.values import fields, items, name_of

STILL_RUNS = -1
"""The exit code of a command that has not ended."""
_FILE = re.compile(r"event[-_](\d{1,9})[-_].*\.json")


def is_event(event: dict[str, Any]) -> bool:
    return {"id", "timestamp", "source", "kind"} <= event.keys()


def is_first(path: Path) -> bool:
    """Of the files of a conversation's events, is this the first that can be read?"""
    own, folder = _number(path.name), path.parent
    return own is not None and not any(
        number < own and is_event(fields(_read(folder / name))) for number, name in _numbered(folder)
    )


def is_later(head: Head) -> bool:
    return _number(head.path.name) is not None and is_event(head.first) and not is_first(head.path)


def events(path: Path) -> list[Any]:
    """Those of a conversation, of which each has a file in this folder."""
    return [_read(path / name) for _, name in sorted(_numbered(path))]


def _number(name: str) -> int | None:
    found = _FILE.fullmatch(name)
    return int(found[1]) if found else None


def _numbered(folder: Path) -> Iterator[tuple[int, str]]:
    """Number and name of each file of an event, in no order."""
    try:
        with os.scandir(folder) as found:
            yield from ((number, one.name) for one in found if (number := _number(one.name)) is not None)
    except OSError:
        return


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return record(file.read(MAX_LINE_BYTES))
    except OSError:
        return None


def messages_of(event: dict[str, Any]) -> Iterator[Message]:
    """What was said, done or seen; other events keep books."""
    kind, said = event.get("kind"), fields(event.get("llm_message"))
    if kind == "SystemPromptEvent":
        yield Message("system", content_text(event.get("system_prompt")))
    elif kind == "MessageEvent":
        is_agent = event.get("source") == "agent"
        yield Message("agent" if is_agent else "user", content_text(said.get("content")), reasoning(said))
    elif kind == "ActionEvent":
        thought = joined([reasoning({**event, "thought": None}), content_text(event.get("thought"))])
        yield Message("agent", thought=thought, calls=(_call(event),))
    elif ref := name_of(event.get("tool_call_id")):
        told = fields(event.get("observation"))
        why = next((event[name] for name in ("error", "rejection_reason") if name in event), None)
        text = told.get("content", told.get("output")) if why is None else why
        marks = {"is_error": True} if why is not None else ended(told)
        yield Message("result", content_text(text), answers=ref, name=name_of(event.get("tool_name")), beside=marks)


def ended(told: dict[str, Any]) -> dict[str, Any]:
    """What may mark a result as an error: not the exit code of a command that has not ended."""
    marks = {**told, **fields(told.get("metadata")), "metadata": None}
    return {name: value for name, value in marks.items() if name != "exit_code" or value != STILL_RUNS}


def _call(event: dict[str, Any]) -> Call:
    """As the model wrote it; of an older event, as it was understood."""
    made, action = call_of(event.get("tool_call")), fields(event.get("action"))
    given = {name: value for name, value in action.items() if name not in ("kind", "security_risk")}
    call = made or Call("", name_of(event.get("tool_name")) or name_of(action.get("kind")) or "action", given)
    return call._replace(id=name_of(event.get("tool_call_id")) or call.id)


def tools(event: dict[str, Any]) -> list[Any]:
    """The schemas of the tools, which the first event tells."""
    return items(event.get("tools")) if event.get("kind") == "SystemPromptEvent" else []

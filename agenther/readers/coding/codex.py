r"""Rollouts of Codex: one line for each item of the Responses API, and for what happened beside them.

    {"timestamp": "…", "type": "session_meta", "payload": {"id": "s1", "cwd": "/lamp", "base_instructions": {…}}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "message", "role": "user", "content": [{…}]}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "function_call", "call_id": "c1", "name": "sh", …}}
    {"timestamp": "…", "type": "event_msg", "payload": {"type": "exec_command_end", "call_id": "c1", "exit_code": 1}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "function_call_output", "call_id": "c1", …}}

Events repeat the items; they tell which commands failed, and which messages the user wrote himself: others in his name
are context. Older rollouts are the bare items after one line about the session.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations, responses
from agenther.readers.content import content_text
from agenther.readers.json_values import Record
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields, name_of
from agenther.records import Ending, Reason, Source, Trajectory

NAME = "codex"
LINES = ("session_meta", "response_item", "event_msg", "turn_context", "compacted")
OLDER = {"id", "timestamp", "instructions"}
CLOSES = ("error", "task_complete", "turn_aborted", "task_started")
"""Events of which the last tells how the session stands."""

Line = dict[str, Any]


def recognizes(head: Head) -> Fit:
    """Is the first line one about the session, or an item in an envelope?"""
    first = head.first
    ours = first.get("type") in LINES and isinstance(first.get("payload"), dict)
    return Fit.SIGNATURE if ours or (head.is_lines and first.keys() >= OLDER and "object" not in first) else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, NAME, _session(log), _run)


def _session(log: Log) -> Iterator[Record]:
    """All lines as one record."""
    records = [line for _, _, line in log.records()]
    lines = [line for line in records if isinstance(line, dict)]
    if not lines:
        raise next((line for line in records if isinstance(line, ReadError)), ReadError(Reason.EMPTY, "no line"))
    yield None, "", (lines, len(lines) < len(records))


def _run(source: Source, record: tuple[list[Line], bool]) -> Trajectory:
    lines, damaged = record
    kinds = {name: [fields(line.get("payload")) for line in lines if line.get("type") == name] for name in LINES}
    meta = next(iter(kinds["session_meta"]), lines[0] if lines[0].keys() >= OLDER else {})
    events, start = kinds["event_msg"], meta.get("subagent_history_start_ordinal")
    items = [
        fields(line.get("payload", line))
        for n, line in enumerate(lines)
        if line.get("type") == "response_item" or ("payload" not in line and line is not meta)
        if not (isinstance(start, int) and _ordinal(line, n) < start)
    ]
    flags = {
        "lines-unreadable": damaged,
        "compacted": bool(kinds["compacted"]),
        "rolled-back": any(event.get("type") == "thread_rolled_back" for event in events),
        "subagent": meta.get("thread_source") == "subagent" or "subagent" in fields(meta.get("source")),
    }
    last: Line = next((event for event in reversed(events) if event.get("type") in CLOSES), {})
    told: dict[str, Any] = {"flags": [name for name, holds in flags.items() if holds]}
    if last.get("type") == "error":
        told |= {"ending": Ending.CRASHED, "failure_reason": content_text(last.get("message"))}
    system = meta.get("base_instructions", meta.get("instructions"))
    told |= {"system": content_text(fields(system).get("text", system)), "task_id": name_of(meta.get("id"))}
    return conversations.run(source, responses.turns(_with_events(items, events)), {}, **told)


def _ordinal(line: Line, n: int) -> int:
    """The place of a line in the session's history, from 0."""
    told = line.get("ordinal")
    return told if isinstance(told, int) else n


def _with_events(items: list[Line], events: list[Line]) -> list[Line]:
    """The items, with the exit codes of their commands, and what the user did not write himself as context."""
    codes = {name_of(event.get("call_id")): event.get("exit_code") for event in events if "exit_code" in event}
    words = {content_text(event.get("message")).strip() for event in events if event.get("type") == "user_message"}
    by_user = [item.get("role") == "user" and content_text(item.get("content")).strip() in words for item in items]
    told, knows = [], any(by_user)
    for item, is_written in zip(items, by_user, strict=True):
        code = codes.get(name_of(item.get("call_id")))
        if code is not None and "output" in item:
            told.append(item | {"exit_code": code})
        else:
            is_context = knows and item.get("role") == "user" and not is_written
            told.append(item | {"role": "developer"} if is_context else item)
    return told


READER = Reader("Rollouts of Codex", recognizes, read)

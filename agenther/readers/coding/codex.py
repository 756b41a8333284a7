r"""Rollouts of Codex: one line for each item of the Responses API, and for what happened beside them.

    {"timestamp": "…", "type": "session_meta", "payload": {"id": "s1", "cwd": "/lamp", "base_instructions": {…}}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "message", "role": "user", "content": [{…}]}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "function_call", "call_id": "c1", "name": "sh", …}}
    {"timestamp": "…", "type": "event_msg", "payload": {"type": "exec_command_end", "call_id": "c1", "exit_code": 1}}
    {"timestamp": "…", "type": "response_item", "payload": {"type": "function_call_output", "call_id": "c1", …}}

Events repeat the items; they tell which commands failed, which messages the user wrote himself (others in his name are
context), and which of his turns were undone. Older rollouts are the bare items after one line about the session.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.chat import conversations, responses
from agenther.readers.chat.asking import asks
from agenther.readers.content import content_text
from agenther.readers.json_values import Record
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, name_of
from agenther.records import Ending, Reason, Source, Trajectory

LINES = ("session_meta", "response_item", "event_msg", "turn_context", "compacted")
OLDER = {"id", "timestamp", "instructions"}
ROLLBACK = "thread_rolled_back"
"""An event: as many turns of the user, with all that came of them, are undone."""
CLOSES = ("error", "task_complete", "turn_aborted", "task_started", ROLLBACK)
"""Events of which the last tells how the session stands."""

Line = dict[str, Any]


def recognizes(head: Head) -> Fit:
    """Is the first line one about the session, or an item in an envelope?"""
    first = head.first
    ours = first.get("type") in LINES and isinstance(first.get("payload"), dict)
    return Fit.sure(ours or (head.is_lines and first.keys() >= OLDER and "object" not in first))


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
    own = [
        line
        for n, line in enumerate(lines)
        if line is not meta and not (isinstance(start, int) and _ordinal(line, n) < start)
    ]
    flags = {
        "lines-unreadable": damaged,
        "compacted": bool(kinds["compacted"]),
        "rolled-back": any(event.get("type") == ROLLBACK for event in events),
        "subagent": meta.get("thread_source") == "subagent" or "subagent" in fields(meta.get("source")),
    }
    last: Line = next((event for event in reversed(events) if event.get("type") in CLOSES), {})
    told: dict[str, Any] = {"flags": flags}
    if last.get("type") == "error":
        told |= {"ending": Ending.CRASHED, "failure_reason": content_text(last.get("message"))}
    system = meta.get("base_instructions", meta.get("instructions"))
    told |= {"system": content_text(fields(system).get("text", system)), "task_id": name_of(meta.get("id"))}
    return conversations.run(source, responses.turns(_items(own, events)), {}, **told)


def _ordinal(line: Line, n: int) -> int:
    """The place of a line in the session's history, from 0."""
    told = line.get("ordinal")
    return told if isinstance(told, int) else n


def _items(lines: list[Line], events: list[Line]) -> list[Line]:
    """The items that count in the end, with the exit codes of their commands, and what is no user's word as context."""
    codes = {name_of(event.get("call_id")): event.get("exit_code") for event in events if "exit_code" in event}
    words = {content_text(event.get("message")).strip() for event in events if event.get("type") == "user_message"}
    words &= {_text(fields(line.get("payload", line))) for line in lines}
    kept: list[Line] = []
    asked: list[int] = []
    """Where in those kept the user's turns begin."""
    for line in lines:
        item = fields(line.get("payload", line))
        if line.get("type") == "event_msg" and item.get("type") == ROLLBACK:
            turns = item.get("num_turns")
            undone = asked[-turns:] if isinstance(turns, int) and turns > 0 else []
            del kept[undone[0] if undone else len(kept) :]
            del asked[len(asked) - len(undone) :]
        elif line.get("type") == "response_item" or "payload" not in line:
            code = codes.get(name_of(item.get("call_id"))) if "output" in item else None
            if item.get("role") == "user" and _is_written(item, words):
                asked.append(len(kept))
            elif item.get("role") == "user" and words and asked and not asks(_text(item)):
                continue  # context told anew
            elif item.get("role") == "user" and words:
                item = item | {"role": "developer"}
            kept.append(item if code is None else item | {"exit_code": code})
    return kept


def _is_written(item: Line, words: set[str]) -> bool:
    """Did the user write a message himself? Where events do not tell, whatever asks for something is his."""
    return _text(item) in words if words else asks(_text(item))


def _text(item: Line) -> str:
    return content_text(item.get("content")).strip()


READER = Reader("Rollouts of Codex", recognizes, reads("codex", _run, _session), needs=("timestamp", "type", "payload"))

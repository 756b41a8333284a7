r"""Observations as Langfuse exports them: rows of its blob export (`trace_id`), of its API and its page (`traceId`), or
those in the `observations` of a trace.

    {"id": "o2", "traceId": "t1", "parentObservationId": "o1", "type": "GENERATION", "startTime": "2026-11-29T10:00:01",
     "name": "chat", "level": "DEFAULT", "statusMessage": "", "input": "[{\"role\": \"user\", …}]", "output": "{…}"}
    {"id": "o3", "traceId": "t1", "parentObservationId": "o1", "type": "TOOL", "startTime": "2026-11-29T10:00:02",
     "name": "find_book", "level": "ERROR", "statusMessage": "no such title", "input": "{\"title\": \"Dune\"}", …}

A trace is a run of an agent. Scores stand in files of their own: in the folder `scores` beside that of the
observations, or in a file called so beside theirs. Each is about a trace, or an observation; the root's count:

    {"trace_id": "t1", "observation_id": null, "name": "correct", "data_type": "BOOLEAN", "value": 0, …}
    {"subject": {"kind": "observation", "id": "o1", "traceId": "t1"}, "name": "correct", "dataType": "BOOLEAN", …}
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat.messages import Message
from agenther.readers.json_text import value_in
from agenther.readers.labels.told import label
from agenther.readers.log import Folder, Head, Log
from agenther.readers.spans.held import messages_in
from agenther.readers.spans.trace import Span, runs
from agenther.readers.values import fields, first_in, items, name_of, number
from agenther.records import Label, Trajectory

NAME = "langfuse"
KINDS = {"GENERATION": "model", "TOOL": "tool", "AGENT": "agent"}
TYPES = frozenset({*KINDS, *"SPAN EVENT CHAIN RETRIEVER EVALUATOR EMBEDDING GUARDRAIL".split()})
SCORES = "scores"
MOST_FILES = 5000
"""Of scores, in one folder."""
Scores = dict[str, dict[str, dict[str, Any]]]
"""By the id of a trace and of an observation, empty for the trace itself: what was said under each name."""


def recognizes(head: Head) -> Fit:
    return Fit.sure(any(map(_is_observation, (head.first, first_in(head.first.get("observations"))))))


def _is_observation(row: dict[str, Any]) -> bool:
    return bool(_of(row, "trace_id")) and bool(_of(row, "start_time")) and row.get("type") in TYPES


def accompanies(head: Head) -> bool:
    """Is it of scores, of traces without what happened in them, or what tells which files an export wrote?"""
    row = head.first
    inside = first_in(row.get("data")) or row
    is_trace = {"bookmarked", "public", "timestamp"} <= inside.keys() and "type" not in inside
    return _is_score(inside) or is_trace or {"exportSource", "window", "files"} <= row.keys()


def _is_score(row: dict[str, Any]) -> bool:
    return bool(_of(row, "data_type")) and {"name", "value", "source"} <= row.keys() and "type" not in row


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    scores: Scores = log.folder.once(
        "scores of langfuse", lambda path: _scores(path, is_all=log.folder.above is not None)
    )
    return runs(log, NAME, lambda value: _spans(value, scores))


def _spans(value: Any, scores: Scores, parent: str = "") -> Iterator[Span]:
    """The span that an observation is, or that a trace is with those inside."""
    row = fields(value)
    inside = items(row.get("observations"))
    if inside or _is_observation(row):
        yield _span(row, scores, parent)
    for one in inside:
        yield from _spans(one, scores, name_of(row.get("id")))


def _span(row: dict[str, Any], scores: Scores, parent: str) -> Span:
    kind = KINDS.get(row.get("type", ""), "other")
    trace, own = name_of(_of(row, "trace_id")) or name_of(row.get("id")), name_of(row.get("id"))
    given, gave = _held(row.get("input")), _held(row.get("output"))
    heard = [one for one in messages_in(given) if not _declares(one)] if kind == "model" else []
    answer = next(iter(messages_in(gave)), None) if kind == "tool" else None
    return Span(
        trace=trace,
        id=own,
        parent=name_of(_of(row, "parent_observation_id")) or parent,
        at=f"{name_of(_of(row, 'start_time') or row.get('timestamp'))} {len(heard):06}",
        name=name_of(row.get("name")),
        kind=kind,
        heard=tuple(heard or _words("user", given)) if kind == "model" else (),
        said=tuple(messages_in(gave) or _words("agent", gave)) if kind == "model" else (),
        given=given,
        gave=answer.text if answer else gave,
        call=answer.answers if answer else "",
        error=name_of(_of(row, "status_message")) or "error" if row.get("level") == "ERROR" else "",
        tools=list(_tools(given)),
        label=_label(row, scores.get(trace, {}), own),
    )


def _of(row: dict[str, Any], name: str) -> Any:
    """A field, as the blob export names it or as the API does."""
    first, *others = name.split("_")
    return row.get(name, row.get(first + "".join(map(str.capitalize, others))))


def _held(value: Any) -> Any:
    """What was given or gave, which may be JSON text; a function's arguments, where a decorator kept them."""
    held = value_in(value, value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else value
    if fields(held).keys() == {"args", "kwargs"}:
        args, named = items(held["args"]), fields(held["kwargs"])
        return named or (args[0] if len(args) == 1 else {"input": args})
    return held


def _words(role: Any, held: Any) -> Iterator[Message]:
    """What a model heard or said, if that is mere text."""
    if isinstance(held, str) and held.strip():
        yield Message(role, held)


def _declares(message: Message) -> bool:
    """Is it a tool's schema, which LangChain's handler writes as a message of the tool that answers nothing?"""
    return message.role == "result" and not message.answers and bool(list(_tools(value_in(message.text, None))))


def _tools(held: Any) -> Iterator[dict[str, Any]]:
    """The schemas of tools in what a model was given."""
    if isinstance(held, list):
        for one in held:
            yield from _tools(one)
        return
    inner = fields(fields(held).get("function", held))
    if isinstance(inner.get("name"), str) and isinstance(inner.get("parameters", inner.get("input_schema")), dict):
        yield held
    elif isinstance(held, dict):
        yield from _tools([held[name] for name in ("tools", "input") if name in held])
        if held.get("role") == "tool" and not held.get("tool_call_id"):
            yield from _tools(held.get("content"))


# --- scores ---------------------------------------------------------------------------------------


def _label(row: dict[str, Any], scores: dict[str, dict[str, Any]], own: str) -> Label:
    """What the scores of the trace and of this observation say; those that stand in the row itself, too."""
    columns = {name: value[0] for name, value in row.items() if isinstance(value, list) and len(value) == 1}
    told = {**columns, **scores.get(own, {}), **scores.get("", {})}
    for one in filter(_is_score, map(fields, items(row.get("scores")))):
        told |= _said(one)
    found = label({name: value for name, value in told.items() if not isinstance(value, dict | list)})
    return found if found.source == "none" else found.model_copy(update={"source": f"score {found.source}"})


def _scores(folder: Path, *, is_all: bool) -> Scores:
    """What files of scores say of the observations in a folder; those beside it are looked for if told."""
    found: Scores = defaultdict(lambda: defaultdict(dict))
    places = [*sorted(folder.glob(f"*{SCORES}*")), *(sorted((folder.parent / SCORES).glob("*")) if is_all else ())]
    for path in [place for place in places if place.is_file()][:MOST_FILES]:
        for row in _rows(Log(path, path.name, Folder(path.parent))):
            trace, observation = _about(row)
            found[trace][observation] |= _said(row)
    return found


def _about(row: dict[str, Any]) -> tuple[str, str]:
    """The ids of the trace and of the observation that a score is about; empty for what is neither."""
    match fields(row.get("subject")):
        case {"kind": "trace", "id": own}:
            return name_of(own), ""
        case {"kind": "observation", "id": own, "traceId": trace}:
            return name_of(trace), name_of(own)
    return name_of(_of(row, "trace_id")), name_of(_of(row, "observation_id"))


def _rows(log: Log) -> Iterator[dict[str, Any]]:
    try:
        for _, _, value in log.records():
            record = fields(value)
            yield from filter(_is_score, map(fields, items(record.get("data")) or [record]))
    except (ReadError, OSError):
        return


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """What one score says, by its name: a word of a category, true or false, or a number."""
    kind, value = _of(row, "data_type"), row.get("value")
    said: Any = value
    if kind == "CATEGORICAL":
        said = _of(row, "string_value") or value
    elif kind == "BOOLEAN":
        said = value if isinstance(value, bool) else bool(number(value))
    return {name_of(row.get("name")): said} if kind in {"CATEGORICAL", "BOOLEAN", "NUMERIC"} else {}


READER = Reader(
    "Langfuse exports of observations",
    recognizes,
    read,
    accompanies=accompanies,
    needs=("traceId", "type", "startTime", "input", "output"),
)

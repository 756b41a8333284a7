"""Reading logs by a map: what it finds is put where AgentHER's own format, or a chat's record, has it."""

import glob
from collections.abc import Iterator
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from agenther.errors import ReadError
from agenther.readers import agenther_json
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.content import content_text, joined
from agenther.readers.json_values import Record
from agenther.readers.labels.told import label
from agenther.readers.log import Folder, Head, Log
from agenther.readers.maps.field_map import Beside, FieldMap, InMessage, InStep, find, finds, parse
from agenther.readers.values import each, fields, name_of, seen
from agenther.records import Ending, Label, Reason, Source, Trajectory

NAME = "map"
MOST_BESIDE = 50_000
"""Files that one pattern may find for a log."""


@cache
def by(text: str) -> Reader:
    """The reader of whatever the map `text` fits. Raises AgentHERError when it is no map."""
    return reader(NAME, parse(text))


def shipped(name: str) -> Reader:
    """The reader of a format that a map in this package describes."""
    return reader(name, parse((Path(__file__).parent / f"{name}.toml").read_text("utf-8")))


def reader(name: str, told: FieldMap) -> Reader:
    """The reader of a format by its map."""
    patterns = (one.files.format_map({"file": "*", "stem": "*", "folder": "*"}) for one in told.beside.values())
    side_files = tuple(pattern.removeprefix("./").replace("../", "") for pattern in patterns)
    return Reader(told.about, partial(_recognizes, told), partial(_read, name, told), side_files)


def _recognizes(told: FieldMap, head: Head) -> Fit:
    try:
        fits = find(told.known_by, head.first) and find((*told.messages, *told.steps), head.first)
    except ReadError:
        return Fit.NO
    return Fit.SHAPE if fits else Fit.NO


def _read(name: str, told: FieldMap, log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, name, _records(told, log), partial(_run, told, log))


def _records(told: FieldMap, log: Log) -> Iterator[Record]:
    """Each run of the log, with its place."""
    for line, place, value in log.records(lambda values: "@" in told.messages and isinstance(values[0], dict)):
        inside = None if isinstance(value, ReadError) else find(told.records, value)
        if isinstance(inside, list):
            yield from ((line, f"{place}/{n}".lstrip("/"), one) for n, one in enumerate(inside))
        else:
            yield line, place, value


def _run(told: FieldMap, log: Log, source: Source, value: Any) -> Trajectory:
    record = _whole(told, log, value)
    acts = find((*told.messages, *told.steps), record)
    if not isinstance(acts, list):
        where = " or ".join((*told.messages, *told.steps))
        raise ReadError(Reason.MALFORMED, f"no list at {where}; the record is {seen(value)}")
    texts = {name: content_text(find(getattr(told, name), record)) for name in ("goal", "system", "answer", "failure")}
    about = {
        "task_id": name_of(find(told.id, record)),
        "benchmark": name_of(find(told.benchmark, record)),
        "domain": name_of(find(told.domain, record)),
        "label": _label(told, record),
    }
    tools = {"tools": find(told.tools, record)}
    if told.messages:
        return _chat(source, [_named(told.message, one) for one in acts], texts, tools, about)
    own = {
        "original_prompt": texts["goal"],
        "system": texts["system"],
        "final_answer": texts["answer"],
        "steps": [_named(told.step, one) for one in acts],
    }
    return agenther_json.run(source, {**tools, **own}, failure_reason=texts["failure"], **about)


def _named(where: InMessage | InStep, value: Any) -> Any:
    """What a map finds in a message or step, under the names that are known; the rest stays as it is."""
    told = {name: find(getattr(where, name), value) for name in type(where).model_fields}
    return {**fields(value), **{name: found for name, found in told.items() if found is not None}}


def _chat(
    source: Source, acts: list[Any], texts: dict[str, str], tools: dict[str, Any], about: dict[str, Any]
) -> Trajectory:
    messages, goal = conversations.messages_in(acts), texts["goal"].strip()
    about["system"] = texts["system"]
    if goal:  # what else the first message says is how to go about it
        asked = next((message.text for message in messages if message.role == "user"), "")
        rest = asked.replace(goal, "", 1).strip()
        about |= {"goal": goal, "goal_seen": goal in asked, "system": joined([texts["system"], rest])}
    if texts["answer"]:
        about |= {"answer": texts["answer"], "ending": Ending.ANSWERED}
    return conversations.run(source, messages, tools, failure_reason=texts["failure"], is_run=True, **about)


def _label(told: FieldMap, record: Any) -> Label:
    """What the map finds of success; where it names no place, what the record says in fields of its own."""
    unread = []
    for name, where in (("success", told.success), ("score", told.score)):
        for text, value in finds(where, record):
            given = label({name: value})
            if given.source != "none":
                return given.model_copy(update={"source": text})
            unread.append(text)
    return Label(unread=tuple(unread)) if told.success or told.score else label(fields(record))


def _whole(told: FieldMap, log: Log, value: Any) -> Any:
    """The record, with the log's names and what stands in other files."""
    if not isinstance(value, dict):
        return value
    names = {"name": log.path.name, "stem": log.path.stem, "folder": log.path.parent.name}
    record = {**value, "file": names}
    return {**record, "beside": {name: _other(one, log, names, record) for name, one in told.beside.items()}}


def _other(one: Beside, log: Log, names: dict[str, str], record: dict[str, Any]) -> Any:
    """What the one file that belongs to a record holds; None where there is none, or more than one."""
    escaped = {name: glob.escape(text) for name, text in names.items()}
    pattern = one.files.format(file=escaped["name"], stem=escaped["stem"], folder=escaped["folder"])
    if one.equals:
        find_all = partial(_by_value, pattern, one)
        found = log.folder.once(f"{pattern} {one.equals}", find_all).get(content_text(find(one.where, record)))
    else:
        paths = list(islice(_files(log.path.parent, pattern), 2))
        found = paths[0] if len(paths) == 1 else None
    return next((value for value in _values(found)), None) if isinstance(found, Path) else found


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    while pattern.startswith("../"):
        folder, pattern = folder / "..", pattern.removeprefix("../")
    return islice(folder.glob(pattern), MOST_BESIDE)


def _by_value(pattern: str, one: Beside, folder: Path) -> dict[str, Any]:
    """By what `equals` finds, the file that holds it, or of a file with several records the record; None if many do."""
    found: dict[str, Any] = {}
    for path in _files(folder, pattern):
        values = list(_values(path))
        for value in values:
            key = content_text(find(one.equals, value))
            found[key] = None if key in found else value if len(values) > 1 else path
    return {key: value for key, value in found.items() if key}


def _values(path: Path) -> Iterator[Any]:
    """The records of a file, as far as they can be read."""
    try:
        for _, _, value in Log(path, path.name, Folder(path.parent)).records():
            if not isinstance(value, ReadError):
                yield value
    except (OSError, ReadError):
        return

"""A map proposed from a log: lists that look like messages or steps, and fields named as others name theirs."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.build import tools
from agenther.readers.chat import dialects
from agenther.readers.chat.calls import call_of
from agenther.readers.chat.roles import role_of
from agenther.readers.labels.told import label
from agenther.readers.log import Folder, Log
from agenther.readers.maps.field_map import parse
from agenther.readers.maps.reader import NAME, reader
from agenther.readers.values import name_of, seen
from agenther.records import Reason, Trajectory
from agenther.text.lexicon import words
from agenther.text.names import spelt

DEEPEST = 4
"""Levels of a record at which fields are looked for."""
MOST_BESIDE = 200
"""Files in a folder beside the log that are looked at."""
MOST_FOLDERS = 20
MOST_LABELS = 4
LEAST_TEXT = 12
"""Characters of a text by which two files are found to be of the same run."""
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Place(NamedTuple):
    """A value in a record, and the expression that finds it."""

    where: str
    name: str
    value: Any


def suggest(path: Path) -> str:
    """The TOML text of a map for the log, with what it would read. Raises ReadError when nothing looks like a run."""
    path = path.absolute()
    log = Log(path, path.name, Folder(path.parent))
    records = log.records(lambda values: bool(_acts(Place("@", "", values))))
    told = _proposed(next((value for _, _, value in records if not isinstance(value, ReadError)), None), path)
    text = "\n".join(_lines(told))
    found = next(reader(NAME, parse(text)).read(log), None)
    return f"{_read(found)}\n{text}\n"


def _proposed(value: Any, path: Path) -> dict[str, Any]:
    """The fields of the map, in order."""
    places = list(_places(value))
    listed = [place for place in places if isinstance(place.value, list) and len(place.value) > 1]
    acts = [(place, found) for place in listed if (found := _acts(place))]
    if not acts:
        for place in listed:
            if isinstance(place.value[0], dict) and any(_acts(one) for one in _places(place.value[0])):
                return {"records": place.where, **_proposed(place.value[0], path)}
        raise ReadError(Reason.UNKNOWN_FORMAT, f"nothing in it looks like messages or steps: {seen(value)}")
    act, act_told = max(acts, key=lambda one: ("messages" in one[1], len(one[0].value)))
    outside = [place for place in places if not place.where.startswith(act.where)]
    told = act_told | {name: place.where for name, place in _about(outside).items()}
    labelled = _labels(outside)
    for name, other, wheres in _beside(path, outside) if not labelled else ():
        told["beside"] = {name: other}
        labelled = [f"beside.{name}.{where}" for where in wheres]
    return {**told, **({"success": labelled} if labelled else {})}


def _places(value: Any, where: str = "", depth: int = 0) -> Iterator[Place]:
    """Every value in the objects of a record, from the outside in."""
    if not isinstance(value, dict):
        yield from [Place("@", "", value)] if not where else ()
        return
    for name, inner in value.items():
        quoted = name if _PLAIN.fullmatch(name) else json.dumps(name)
        place = Place(f"{where}.{quoted}".lstrip("."), name, inner)
        yield place
        if depth < DEEPEST:
            yield from _places(inner, place.where, depth + 1) if isinstance(inner, dict) else ()


def _acts(place: Place) -> dict[str, Any]:
    """How the map says that messages or steps stand there; {} if they do not."""
    acts = [one for one in place.value if isinstance(one, dict)] if isinstance(place.value, list) else []
    if not acts or len(acts) < len(place.value):
        return {}
    if all(dialects.is_message(one) or {"from", "value"} <= one.keys() for one in acts):
        return {"messages": place.where}
    names = [name for name, times in Counter(name for one in acts for name in one).items() if 2 * times >= len(acts)]
    if message := _message(acts, names):
        return {"messages": place.where, "message": message}
    step: dict[str, str] = {}
    for field in ("action", "arguments", "observation", "thought", "error", "url"):
        fits = [name for name in names if name not in step.values() and words("fields", field) & {*spelt(name)}]
        if fits:
            step[field] = min(fits, key=lambda name: len(spelt(name)))
    return {"steps": place.where, "step": step} if {"action", "observation"} <= step.keys() else {}


def _message(acts: list[dict[str, Any]], names: list[str]) -> dict[str, str]:
    """Which fields of messages hold what, told by their values."""

    def values(name: str) -> list[Any]:
        return [one[name] for one in acts if name in one]

    def is_role(name: str) -> bool:
        given = values(name)
        return all(isinstance(one, str) and role_of(one) != "environment" for one in given) and len({*given}) > 1

    role = next((name for name in names if is_role(name)), None)
    texts = {name: sum(len(one) for one in values(name) if isinstance(one, str)) for name in names if name != role}
    if role is None or not any(texts.values()):
        return {}
    every = dict.fromkeys(name for one in acts for name in one)
    calls = [name for name in every if any(isinstance(one, list) and any(map(call_of, one)) for one in values(name))]
    found = {"role": role, "content": max(texts, key=lambda name: texts[name])}
    return found | ({"tool_calls": calls[0]} if calls else {})


def _about(places: list[Place]) -> dict[str, Place]:
    """The places of the goal, the id and the tools."""
    goals = [place for place in places if isinstance(place.value, str) and len(place.value.split()) > 2]
    kinds = {
        "goal": [place for place in goals if words("fields", "goal") & {*spelt(place.name)}],
        "id": [place for place in places if name_of(place.value) and spelt(place.name)[-1:] == ["id"]],
        "tools": [place for place in places if tools(place.value)],
    }
    return {name: min(found, key=lambda place: place.where.count(".")) for name, found in kinds.items() if found}


def _labels(places: list[Place]) -> list[str]:
    """Where a record tells success; verdicts before scores."""
    plain = [place for place in places if place.name and not isinstance(place.value, dict)]
    told = [(label({place.name: place.value}), place.where) for place in plain]
    found = sorted((one for one in told if one[0].success is not None), key=lambda one: one[0].score is not None)
    return [where for _, where in found][:MOST_LABELS]


def _beside(path: Path, places: list[Place]) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """(name, how it is found, where it tells success) of files beside the log; of several, the surest one."""
    texts = {place.value: place.where for place in places if isinstance(place.value, str)}
    folders = sorted(one for one in path.parent.parent.iterdir() if one.is_dir() and one != path.parent)
    for folder in folders[:MOST_FOLDERS]:
        others = [folder / path.name, *islice(sorted(folder.glob("*.json")), MOST_BESIDE)]
        for other in filter(Path.is_file, others):
            try:
                held = list(_places(Log(other, other.name, Folder(folder)).document()))
            except (OSError, ReadError):
                continue
            same = [one for one in held if isinstance(one.value, str) and len(one.value) >= LEAST_TEXT]
            equal = next((one for one in same if one.value in texts), None)
            if (found := _labels(held)) and (other.name == path.name or equal):
                files = {"files": f"../{folder.name}/{{file}}"}
                if other.name != path.name and equal:
                    files = {"files": f"../{folder.name}/*.json", "where": texts[equal.value], "equals": equal.where}
                yield re.sub(r"\W", "_", folder.name), files, found
                return


def _lines(told: dict[str, Any]) -> Iterator[str]:
    beside = {f"beside.{name}": table for name, table in told.get("beside", {}).items()}
    tables = {name: value for name, value in told.items() if isinstance(value, dict)}
    yield from (f"{name} = {_quoted(value)}" for name, value in told.items() if name not in tables)
    for name, table in {**tables, **beside}.items():
        if name == "beside":
            continue
        yield from ("", f"[{name}]", *(f"{key} = {_quoted(value)}" for key, value in table.items()))


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(found: Any) -> str:
    """What the map reads of the first run, as comments."""
    if not isinstance(found, Trajectory):
        return f"# The first record is not read so: {found}"
    said = {"goal": found.goal, "tools": ", ".join(dict.fromkeys(step.action.name for step in found.steps))}
    said["label"] = f"success {json.dumps(found.label.success)}, told by {found.label.source}"
    lines = [f"# {name}: {json.dumps(text[:100], ensure_ascii=False)[1:-1]}" for name, text in said.items()]
    return "\n".join([f"# The first run read so has {len(found.steps)} steps.", *lines])

"""Verdicts that stand in files of their own, in the folder of the logs, in one beside it or in the one above.

    traces/7.json and evaluations/7.json      runs.jsonl and results.json: {"task-7": {"resolved": false}, …}
    42.json and summary.csv, with a row for each task_id

A verdict is about the run whose id it bears, or whose goal holds its question; that of a file with the name of a log is
about that log alone. Of a folder with several logs that hold several runs each, only such a name tells whose a verdict
is. Where another folder beside holds logs too, a verdict may be about those, and a mere number in another folder may
count other tasks.
No folder above the LOGS that the user named is looked into.
"""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.labels.told import label
from agenther.readers.log import Folder, Head, Log
from agenther.readers.tables import is_table
from agenther.readers.values import fields, name_of
from agenther.records import Label, Trajectory

RESULTS = ("results", "evaluations", "scores", "tasks", "instances")
"""Fields of a summary that hold a record for each run."""
IDS = ("task_id", "instance_id", "run_id", "trajectory_id", "question_id", "id")
QUESTIONS = ("question", "query", "goal", "task", "intent", "instruction", "task_description")
LEAST_QUESTION = 40
"""Characters of a question that no two tasks share by chance."""
MOST_OWN = 200
"""Files of the logs' own folder that are looked at."""
MOST_BESIDE = 5000
LOOKED_AT = 5
"""Files by which it is told whether a folder beside holds logs."""
MOST_FOLDERS = 20
MOST_TEXT = 4000
"""Characters of a text beside a label; what is longer may tell a run."""
MOST_BYTES = 4 * 1024 * 1024
IsLog = Callable[[Head], bool]


class Verdict(NamedTuple):
    """What one record of such a file says."""

    label: Label
    file: str
    ids: frozenset[str]
    question: str
    is_alone: bool
    """Is it the only record of its file?"""


def holds_labels(value: Any) -> bool:
    """Does a file that begins with this value hold labels, and nothing that an agent did?"""
    listed = value if isinstance(value, list) else [value]
    *whole, last = [record for item in listed for _, record in list(_records(item)) or [("", {})]] or [{}]
    return all(map(_is_label, whole or [last]))  # the last may be cut


def _is_label(record: dict[str, Any]) -> bool:
    return label(record).source != "none" and not any(map(_may_be_a_run, record.values()))


def _may_be_a_run(value: Any) -> bool:
    """Is it long text, or a list of more than words and numbers?"""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return any(map(_may_be_a_run, value.values())) if isinstance(value, dict) else len(str(value)) > MOST_TEXT


class Near(NamedTuple):
    """What lies in a folder of logs."""

    logs: frozenset[str]
    """Names of the logs, as far as they are looked at."""
    verdicts: list[Verdict]


def beside(log: Log, run: Trajectory, is_log: IsLog) -> Label:
    """The label of a run by the files beside its log; unknown where they contradict each other.

    Its own where they say nothing.
    """
    near = log.folder.once("verdicts", lambda folder: _near(folder, is_log))
    is_lone = len(near.logs) < 2 or (not run.source.key and run.source.line is None)
    others = near.logs if is_lone else None
    verdicts = chain(near.verdicts, _of_others(log.folder, near.logs, is_log))
    said = [one.label for one in verdicts if _may_be(one, log.path.name, others) and _is_about(one, run)]
    sure = [one for one in said if one.success is not None] or said
    if len({one.success for one in sure}) > 1:
        return Label(source=f"contradicting: {', '.join(dict.fromkeys(one.source for one in sure))}")
    return next(iter(sure), run.label)


def _may_be(one: Verdict, log: str, others: frozenset[str] | None) -> bool:
    """May a verdict of such a file be about a run of this log? `others` is None where only its name could tell."""
    if one.file == log:
        return True
    return others is not None and one.file not in others and bool(one.ids or one.question)


def _is_about(one: Verdict, run: Trajectory) -> bool:
    if one.ids and run.task_id:
        return run.task_id in one.ids
    return one.question in " ".join(run.goal.split()) if one.question else one.is_alone


def _near(folder: Path, is_log: IsLog) -> Near:
    logs: set[str] = set()
    verdicts: list[Verdict] = []
    for path in _files(folder)[:MOST_OWN]:
        if is_log(_head(path)):
            logs.add(path.name)
        else:
            verdicts += _in(path, path.name)
    return Near(frozenset(logs), verdicts)


def _of_others(folder: Folder, logs: frozenset[str], is_log: IsLog) -> Iterator[Verdict]:
    """The verdicts above and in the folders beside the only one with logs, these."""
    if folder.above:
        found, holders = folder.above.once("verdicts within", lambda above: _within(above, is_log))
        if holders <= {folder.path}:
            yield from (one for one in found if one.file in logs or not any(map(str.isdecimal, one.ids)))


def _within(above: Path, is_log: IsLog) -> tuple[list[Verdict], set[Path]]:
    """The verdicts in this folder and in those of it that hold no logs, however deep, and the folders that do."""
    folders = _folders(above)
    holders = {folder for n, folder in enumerate(folders) if n >= MOST_FOLDERS or _holds_logs(folder, is_log)}
    if any(is_log(_head(path)) for path in _files(above)[:LOOKED_AT]):
        holders.add(above)
    if len(holders) > 1:
        return [], holders
    places = [above, *(folder for folder in folders if folder not in holders)]
    return [one for place in places for path in _files(place)[:MOST_BESIDE] for one in _in(path, place.name)], holders


def _holds_logs(folder: Path, is_log: IsLog) -> bool:
    """As far as its first files and those of some folders in it tell; with more folders than that it may."""
    waiting = [folder]
    for place in islice(waiting, MOST_FOLDERS):
        if any(is_log(_head(path)) for path in _files(place)[:LOOKED_AT]):
            return True
        waiting += _folders(place)
    return len(waiting) > MOST_FOLDERS


def _files(folder: Path) -> list[Path]:
    return _entries(folder, Path.is_file)


def _folders(folder: Path) -> list[Path]:
    return _entries(folder, Path.is_dir)


def _entries(folder: Path, is_one: Callable[[Path], bool]) -> list[Path]:
    try:
        return sorted(filter(is_one, folder.iterdir()))
    except OSError:
        return []


def _head(path: Path) -> Head:
    try:
        return Log(path, path.name, Folder(path.parent)).head
    except OSError:
        return Head(path, "")


def _in(path: Path, place: str) -> list[Verdict]:
    """The verdicts of a file, said to be from `place`; none where it cannot be read, or holds more than verdicts."""
    try:
        if not (path.suffix.startswith(".json") or is_table(path)) or path.stat().st_size > MOST_BYTES:
            return []
        values = [value for _, _, value in Log(path, path.name, Folder(path.parent)).records()]
    except (OSError, ReadError):
        return []
    records = [one for value in values for one in _records(value)]
    is_alone = len(records) == 1
    return [one for key, record in records if (one := _verdict(key, record, path.name, place, is_alone=is_alone))]


def _records(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key, record): the value itself, or those that it holds in a list, under their ids, or as `results`."""
    record = fields(value)
    inside = next((record[name] for name in RESULTS if isinstance(record.get(name), dict | list)), None)
    if isinstance(value, list):
        yield from ((key, one) for item in value for key, one in _records(fields(item)))
    elif inside and (found := list(_records(inside))):
        yield from found
    elif label(record).source != "none":
        yield "", record
    else:
        yield from ((key, one) for key, one in record.items() if isinstance(one, dict))


def _verdict(key: str, record: dict[str, Any], file: str, place: str, *, is_alone: bool) -> Verdict | None:
    said = label(record)
    if said.source == "none":
        return None
    ids = frozenset(filter(None, (key, *(name_of(record.get(name)) for name in IDS))))
    texts = (" ".join(text.split()) for name in QUESTIONS if isinstance(text := record.get(name), str))
    question = next((text for text in texts if len(text) >= LEAST_QUESTION), "")
    named = said.model_copy(update={"source": f"{place}: {said.source}", "unread": ()})
    return Verdict(named, file, ids, question, is_alone)

"""Whose verdicts in files of their own are: of the one run that their place, their file's name and their ids tell.

    traces/7.json and evaluations/7.json      traces/m1/7.json and evaluations/m1/7.json
    runs.jsonl and results.json               runs/m1/task-7.json and runs/results_m1.json or report.json
    x__1/agent/trajectory.json and x__1/verifier/reward.txt

A file is about the logs of its own folder and below; in a folder without logs, about those of its twin: the one beside
it that holds logs, if there is one, and in there the folder of the same name. A file that is called like a folder of
logs is about that one. In there a verdict is about the log with its file's name, the run with its id (its task, its
key, or the name of its file or folder), the run whose goal holds its question, or, if it tells nothing, the only log.
A name that several logs have tells nothing, nor does a file with a name that logs in several folders have.

No folder above the LOGS that the user named is looked into.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from agenther.readers.labels.verdicts import IDS, Verdict, VerdictFile, verdicts
from agenther.readers.log import Folder, Log
from agenther.readers.packed import plain
from agenther.readers.values import fields, name_of
from agenther.records import Label, Trajectory
from agenther.text.lexicon import words

MOST_FOLDERS = 5000
"""A tree of more folders is not looked at as a whole, only the folder of each log."""
MOST_FILES = 5000
"""Of one folder."""
IsLog = Callable[[Log], bool]


class Said(NamedTuple):
    """A verdict, and whether the other names in its file leave no doubt whose it is."""

    verdict: Verdict
    is_clear: bool = True


class Near(NamedTuple):
    """The verdicts about the logs in a folder and below."""

    logs: dict[str, set[Path]]
    """By all their names."""
    places: dict[Path, int]
    """How many logs lie in each folder."""
    by_file: dict[str, list[Verdict]]
    by_id: dict[str, list[Said]]
    questions: list[Verdict]
    alone: list[Verdict]


def beside(log: Log, run: Trajectory, is_log: IsLog) -> Label:
    """The label of a run by the files beside its log; unknown where they contradict each other.

    Its own where they say nothing, with what may be about others, too.
    """
    root = log.folder
    while root.above:
        root = root.above
    tree = root.once("verdicts", lambda path: _tree(path, is_log, is_whole=root.is_named))
    if tree is None:
        root = log.folder
        tree = root.once("own verdicts", lambda path: _tree(path, is_log, is_whole=False)) or {}
    said: list[Label] = []
    unclear: list[Label] = []
    for place in (log.path.parent, *log.path.parent.parents):
        for one in _about(log, run, place, tree[place]) if place in tree else ():
            (said if one.is_clear else unclear).append(one.verdict.label)
        if place == root.path:
            break
    sure = [one for one in said if one.success is not None] or said
    if len({one.success for one in sure}) > 1:
        return Label(source=f"contradicting: {', '.join(dict.fromkeys(one.source for one in sure))}")
    if not sure and unclear:
        names = dict.fromkeys(f"{one.source}, of more than one run" for one in unclear)
        return run.label.model_copy(update={"unread": (*run.label.unread, *names)})
    return next(iter(sure), run.label)


def _about(log: Log, run: Trajectory, place: Path, near: Near) -> Iterator[Said]:
    """The verdicts that are about the run; those that may be about others, too, are not clear."""
    key, task = run.source.key, run.task_id
    is_lone = not key and (run.source.line is None or _is_one_line(log))
    own = {task, key} - {""}
    if place == log.path.parent:
        for_log = near.by_file.get(_stem(log.path), [])
        named = [one for one in for_log if (is_lone if len(for_log) == 1 else one.ids & own)]
        yield from (Said(one) for one in named if _is_of(one, task))
    is_only = sum(near.places.values()) == 1
    names = {task} | (set() if key.isdecimal() else {key})
    if is_lone:
        stem, folder = _stem(log.path), log.path.parent
        names |= set() if task and stem.isdecimal() else {stem}
        names |= set() if folder.name.isdecimal() or near.places.get(folder, 0) > 1 else {folder.name}
    for name in names - {""}:
        for one in near.by_id.get(name, ()):
            others = near.logs.get(name, set()) - {log.path}
            is_known = not others and (log.path in near.logs.get(name, ()) or len(near.places) == 1)
            is_sure = is_lone or (is_only and _count(log)[name] < 2)
            if _is_of(one.verdict, task):
                yield Said(one.verdict, one.is_clear and is_known and is_sure)
    if is_lone or is_only:
        goal = " ".join(run.goal.split()) if near.questions else ""
        asked = (one for one in near.questions if one.question in goal and not (one.ids and task))
        yield from (Said(one, len(near.places) == 1) for one in asked)
    if is_lone and is_only:
        yield from map(Said, near.alone)


def _is_of(one: Verdict, task: str) -> bool:
    """Does a verdict name no other task?"""
    return not one.task or not task or one.task == task


def _is_one_line(log: Log) -> bool:
    return not log.head.is_cut and bool(log.head.text) and "\n" not in log.head.text.strip()


def _count(log: Log) -> Counter[str]:
    """How many records of a log have each id."""
    return log.folder.once(
        f"ids in {log.path.name}",
        lambda _: Counter(name for _, key, value in log.records() for name in {key, *_ids(value)}),
    )


def _ids(record: object) -> set[str]:
    return {name for field in IDS if (name := name_of(fields(record).get(field)))}


def _stem(path: Path) -> str:
    return plain(path).stem.removesuffix(".traj")


# --- the tree ------------------------------------------------------------------------------------


def _tree(root: Path, is_log: IsLog, *, is_whole: bool) -> dict[Path, Near] | None:
    """What is said of the logs in each folder; None for too many folders."""
    found = list(islice(_walk(root), MOST_FOLDERS + 1 if is_whole else 1))
    if len(found) > MOST_FOLDERS:
        return None
    files = {place: [Log(path, path.name, Folder(place)) for path in paths[:MOST_FILES]] for place, paths in found}
    logs = {place: own for place, inside in files.items() if (own := list(filter(is_log, inside)))}
    if not logs:
        return {}
    below: dict[Path, list[Path]] = {}
    for place in logs:
        for above in (place, *place.parents):
            below.setdefault(above, []).append(place)
    inside: dict[Path, list[Path]] = {}
    for place in below:
        inside.setdefault(place.parent, []).append(place)
    told: dict[Path, list[tuple[VerdictFile, bool]]] = {}
    for place, all_files in files.items():
        known = {log.path for log in logs.get(place, ())}
        twin = place if place in below else _twin(place, logs, inside)
        is_own = place in logs
        for path in (one.path for one in all_files if one.path not in known and twin in below):
            if (file := verdicts(path, path.name if is_own else place.name)).verdicts:
                told.setdefault(_called(file.stem, twin, inside), []).append((file, is_own))
    return {place: _near({folder: logs[folder] for folder in below[place]}, files) for place, files in told.items()}


def _walk(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Each folder with its files; of links, those to folders elsewhere are followed."""
    waiting, seen = [root], {os.path.realpath(root)}
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as found:
                entries = sorted(found, key=lambda entry: entry.name)
            folders = [entry for entry in entries if entry.is_dir()]
            yield place, [place / entry.name for entry in entries if entry.is_file()]
        except OSError:
            continue
        for entry in folders:
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                if any(map(Path(target).is_relative_to, seen)):
                    continue
                seen.add(target)
            waiting.append(place / entry.name)


def _twin(place: Path, logs: Container[Path], inside: dict[Path, list[Path]]) -> Path:
    """The folder that would hold the logs which one without any is about."""
    above = next(above for above in place.parents if above in logs or above in inside)
    base = inside[above][0] if above not in logs and len(inside[above]) == 1 else above
    return base.joinpath(*place.relative_to(above).parts[1:])


def _called(stem: str, place: Path, inside: dict[Path, list[Path]]) -> Path:
    """The folder in `place` of which a file has the name, if any, beside words for what it is; else `place`."""
    for one in inside.get(place, ()):
        if one.name in stem:
            rest = re.sub(rf"(?<![^\W_]){re.escape(one.name)}(?![^\W_])", " ", stem)
            if rest != stem and words("labels", "holder").issuperset(re.findall(r"[^\W_]+", rest.casefold())):
                return one
    return place


def _near(logs: dict[Path, list[Log]], files: list[tuple[VerdictFile, bool]]) -> Near:
    near = Near({}, {}, {}, {}, [], [])
    for folder, found in logs.items():
        near.places[folder] = len(found)
        alone = {folder.name} if len(found) == 1 else set()
        for log in found:
            for name in alone | {_stem(log.path)} | _ids(log.head.first):
                near.logs.setdefault(name, set()).add(log.path)
    for file, is_own in sorted(files, key=lambda one: not one[1]):
        near.by_file.setdefault(file.stem, []).extend(file.verdicts)
        is_clear = all(
            len({path.parent for path in near.logs.get(name, ())}) < 2 for one in file.verdicts for name in one.ids
        )
        for one in file.verdicts:
            for name in one.ids:
                if is_own or not name.isdecimal():
                    near.by_id.setdefault(name, []).append(Said(one, is_clear))
            if one.question:
                near.questions.append(one)
        near.alone.extend(file.verdicts if file.is_bare else ())
    return near

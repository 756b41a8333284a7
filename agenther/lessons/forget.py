"""Lessons without runs that are forgotten: one that stands on nothing then is gone, too."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import ValidationError

from agenther.files import locked, part, sha256_of, usable, writing
from agenther.lessons.folder import DROPPED, FROZEN, LESSONS, RUNS, as_frozen, dropped, fingerprint, made_with
from agenther.lessons.records import Lesson, MadeWith, Why
from agenther.lessons.situation import task_keys
from agenther.records import Trajectory
from agenther.store.lines import records


class Left(NamedTuple):
    """What became of the lessons in a folder."""

    changed: int
    gone: int


def without(lesson: Lesson, runs: frozenset[str]) -> Lesson | None:
    """The lesson as the other runs show it; None where none of these shows what goes wrong."""
    failures = tuple(one for one in lesson.failures if one.run_id not in runs)
    run_ids = tuple(one for one in lesson.run_ids if one not in runs)
    if not (failures and run_ids):
        return None
    successes = tuple(one for one in lesson.successes if one.run_id not in runs)
    decisive = min(lesson.decisive, len(run_ids))
    return lesson.model_copy(
        update={"failures": failures, "successes": successes, "run_ids": run_ids, "decisive": decisive}
    )


def forget(folder: Path, runs: frozenset[str], read: Mapping[str, Path] = MappingProxyType({})) -> Left:
    """Takes these runs out of a folder of lessons, dropped ones too, and freezes it anew. Raises as `as_frozen`.

    `read`: run folders that it was made of, as they are now, by their fingerprints of then. What stands for tasks of
    which none of them has a run any more goes.
    """
    with locked(folder), usable(folder):
        _finish(folder)
        before, others = as_frozen(folder), tuple(dropped(folder))
        kept = [left for one in before if (left := without(one, runs))]
        rest = [one.model_copy(update={"lesson": left}) for one in others if (left := without(one.lesson, runs))]
        seal = made_with(folder)
        folders = _as_now(seal.folders, read)
        if tuple(kept) == before and tuple(rest) == others and folders == seal.folders:
            return Left(0, 0)
        merged = sum(one.why is Why.MERGED for one in rest)
        counts = seal.counts.model_copy(
            update={
                "candidates": len(kept) + len(rest),
                "kept": len(kept),
                "merged": merged,
                "dropped": len(rest) - merged,
            }
        )
        lines = b"".join(one.model_dump_json().encode() + b"\n" for one in kept)
        new = seal.model_copy(update={"folders": folders, "counts": counts, "sha256": sha256(lines).hexdigest()})
        with writing(folder / LESSONS, folder / DROPPED, folder / FROZEN) as (file, other, last):
            file.write(lines)
            other.writelines(one.model_dump_json().encode() + b"\n" for one in rest)
            last.write(new.model_dump_json(indent=2).encode() + b"\n")
    return Left(sum(one not in before for one in kept), len(before) - len(kept))


def _as_now(told: Mapping[str, tuple[str, ...]], read: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Of each folder that is told by its fingerprint of then or of now, the one of now, and the tasks that it has left;
    the others as they are.
    """
    left = {mark: {*tasks} for mark, tasks in told.items()}
    for then, folder in read.items():
        now = fingerprint(folder)
        if told_as := next((mark for mark in (then, now) if mark in left), None):
            own = set[str]().union(*(task_keys(run) for run in records(folder / RUNS, Trajectory)))
            known = left.pop(told_as) & own
            left[now] = left.get(now, set()) | known
    return {mark: tuple(sorted(tasks)) for mark, tasks in sorted(left.items())}


def _finish(folder: Path) -> None:
    """Where forgetting was stopped after the lessons were put in place, puts what freezes them there, too."""
    new, lines = part(folder / FROZEN), folder / LESSONS
    if not (new.exists() and lines.exists()) or made_with(folder).sha256 == sha256_of(lines):
        return
    try:
        seal = MadeWith.model_validate_json(new.read_bytes())
    except ValidationError:
        return
    if seal.sha256 == sha256_of(lines):
        for path in (folder / DROPPED, folder / FROZEN):
            if part(path).exists():
                part(path).replace(path)

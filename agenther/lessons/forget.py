"""Lessons without runs that are forgotten: one that stands on nothing then is gone, too."""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from agenther.files import locked, usable, writing
from agenther.lessons.folder import DROPPED, FROZEN, LESSONS, as_frozen, dropped, made_with
from agenther.lessons.records import Lesson, Why


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


def forget(folder: Path, runs: frozenset[str]) -> Left:
    """Takes these runs out of a folder of lessons, dropped ones too, and freezes it anew. Raises as `as_frozen`."""
    with locked(folder), usable(folder):
        before, others = as_frozen(folder), tuple(dropped(folder))
        kept = [left for one in before if (left := without(one, runs))]
        rest = [one.model_copy(update={"lesson": left}) for one in others if (left := without(one.lesson, runs))]
        seal = made_with(folder)
        if tuple(kept) == before and tuple(rest) == others:
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
        new = seal.model_copy(update={"counts": counts, "sha256": sha256(lines).hexdigest()})
        with writing(folder / LESSONS, folder / DROPPED, folder / FROZEN) as (file, other, last):
            file.write(lines)
            other.writelines(one.model_dump_json().encode() + b"\n" for one in rest)
            last.write(new.model_dump_json(indent=2).encode() + b"\n")
    return Left(sum(one not in before for one in kept), len(before) - len(kept))

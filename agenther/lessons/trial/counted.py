"""How often lessons helped and did harm: counted once, however often the results of a trial are read."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from agenther.files import locked, usable, writing
from agenther.lessons.folder import FROZEN, LESSONS, lessons, made_with
from agenther.lessons.records import Lesson
from agenther.lessons.trial.records import Block
from agenther.records import Record
from agenther.store.lines import records

COUNTED = "trials.jsonl"


class Counted(Record):
    """A line of `trials.jsonl` in a folder of lessons: what one lesson did in one repetition of one task."""

    trial: str
    task: str
    repetition: int
    lesson: str
    effect: Literal[-1, 0, 1]

    @property
    def key(self) -> tuple[str, str, int]:
        return self.trial, self.task, self.repetition


class Updated(NamedTuple):
    lessons: int
    """Whose counters are others now."""
    gone: tuple[str, ...]
    """Ids of lessons of the trial that the folder no longer holds."""


def count(folder: Path, trial: str, blocks: Iterable[Block]) -> Updated:
    """Into the counters of the lessons in the folder, which is frozen anew. What was counted of these runs before is
    taken back first, so that results may be read again, and mended. Raises as `lessons` does.
    """
    with locked(folder), usable(folder):
        before, seal, path = lessons(folder), made_with(folder), folder / COUNTED
        old = {one.key: one for one in records(path, Counted)} if path.exists() else {}
        new = old | {one.key: one for one in (_counted(trial, block) for block in blocks)}
        helped, harmed = _more(new, old, 1), _more(new, old, -1)
        after = [_with(one, helped[one.id], harmed[one.id]) for one in before]
        gone = {one.lesson for one in new.values() if one.trial == trial} - {one.id for one in before}
        if new != old:
            lines = b"".join(one.model_dump_json().encode() + b"\n" for one in after)
            sealed = seal.model_copy(update={"sha256": sha256(lines).hexdigest()})
            with writing(path, folder / LESSONS, folder / FROZEN) as (counted, kept, last):
                counted.writelines(new[key].model_dump_json().encode() + b"\n" for key in sorted(new))
                kept.write(lines)
                last.write(sealed.model_dump_json(indent=2).encode() + b"\n")
    return Updated(sum(one != other for one, other in zip(after, before, strict=True)), tuple(sorted(gone)))


def _counted(trial: str, block: Block) -> Counted:
    effect: Literal[-1, 0, 1] = 1 if block.effect > 0 else -1 if block.effect < 0 else 0
    return Counted(trial=trial, task=block.task, repetition=block.repetition, lesson=block.lesson, effect=effect)


def _more(
    new: dict[tuple[str, str, int], Counted], old: dict[tuple[str, str, int], Counted], effect: int
) -> Counter[str]:
    """By lesson, how many more of the new are so than of the old."""
    found = Counter(one.lesson for one in new.values() if one.effect == effect)
    found.subtract(Counter(one.lesson for one in old.values() if one.effect == effect))
    return found


def _with(lesson: Lesson, helped: int, harmed: int) -> Lesson:
    counters = {"helpful": max(0, lesson.helpful + helped), "harmful": max(0, lesson.harmful + harmed)}
    return lesson.model_copy(update=counters)

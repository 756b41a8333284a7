"""A folder of lessons: `lessons.jsonl`, `dropped.jsonl` and `lessons.json`, which freezes them."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from agenther import __version__
from agenther.errors import StoreError
from agenther.files import locked, sha256_of, usable, writing
from agenther.jobs.again import finished
from agenther.lessons.freeze import frozen
from agenther.lessons.gather import Gathered
from agenther.lessons.records import Choices, Counts, Dropped, Lesson, MadeWith
from agenther.lessons.situation import is_held_out, task_key
from agenther.records import Attribution, Record, Rejection, Trajectory
from agenther.stages.attribute.rules import attribute
from agenther.store.lines import records
from agenther.store.run_folder import stored
from agenther.together import one_by_one

LESSONS, DROPPED, FROZEN = "lessons.jsonl", "dropped.jsonl", "lessons.json"
RUNS = "trajectories.jsonl"


def make(folders: Iterable[Path], out: Path, choices: Choices) -> Counts:
    """Lessons of finished run folders. All runs are attributed before any lesson is made.

    Raises StoreError for a folder of runs that is not finished, and when there is something in `out`.
    """
    folders = tuple(folders)
    for folder in folders:
        finished(folder)
    with locked(out), usable(out):
        if any(out.iterdir()):
            raise StoreError(out, "is not empty; choose another --out")
        gathered, tasks = Gathered(), set()
        taught = (one for one in _runs(folders) if not is_held_out(one[0], choices.held_out))
        for run, attribution in one_by_one((_attributed(*one) for one in taught), 1, _nothing):
            gathered.add(run, attribution)
            tasks.add(task_key(run))
        made = frozen(gathered, choices)
        prints = tuple(sorted(map(fingerprint, folders)))
        lines = _lines(made.kept)
        seal = MadeWith(
            version=__version__,
            choices=choices,
            folders=prints,
            counts=made.counts,
            tasks=tuple(sorted(tasks)),
            sha256=sha256(lines).hexdigest(),
        )
        with writing(out / LESSONS, out / DROPPED, out / FROZEN) as (kept, dropped, last):
            kept.write(lines)
            dropped.write(_lines(made.dropped))
            last.write(seal.model_dump_json(indent=2).encode() + b"\n")
    return made.counts


def _runs(folders: Iterable[Path]) -> Iterator[tuple[Trajectory, Attribution | None]]:
    for folder in folders:
        for item in stored(folder):
            if not isinstance(item, Rejection):
                yield item[0], item[1].attribution


async def _attributed(run: Trajectory, attribution: Attribution | None) -> tuple[Trajectory, Attribution]:
    """With what its folder says of it, else by rules."""
    return run, attribution or await attribute(run)


async def _nothing() -> None:
    """Nothing was opened."""


def fingerprint(folder: Path) -> str:
    """Of the runs in a run folder."""
    return sha256_of(folder / RUNS)


def _lines(found: Iterable[Record]) -> bytes:
    return b"".join(one.model_dump_json().encode() + b"\n" for one in found)


def lessons(folder: Path) -> tuple[Lesson, ...]:
    """Those in a folder, the best first. Raises StoreError where there are none, or others than were frozen."""
    seal, path = made_with(folder), folder / LESSONS
    if sha256_of(path) != seal.sha256:
        raise StoreError(path, "was changed after it was frozen; make the lessons again")
    return tuple(records(path, Lesson))


def dropped(folder: Path) -> Iterator[Dropped]:
    """The candidates that are no lessons."""
    return records(folder / DROPPED, Dropped)


def made_with(folder: Path) -> MadeWith:
    """What froze the lessons in a folder. Raises StoreError where there are none."""
    path = folder / FROZEN
    if not path.is_file():
        raise StoreError(folder, "holds no lessons; `agenther lessons RUN --out` makes some")
    with usable(path):
        try:
            return MadeWith.model_validate_json(path.read_bytes())
        except ValidationError:
            raise StoreError(path, "was not written by this program; choose another folder") from None

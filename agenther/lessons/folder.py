"""A folder of lessons: `lessons.jsonl`, `dropped.jsonl` and `lessons.json`, which freezes them."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther import __version__
from agenther.errors import StoreError
from agenther.files import locked, sha256_of, usable, writing
from agenther.jobs.again import finished
from agenther.lessons.freeze import frozen
from agenther.lessons.gather import Gathered
from agenther.lessons.records import Choices, Counts, Dropped, Lesson, MadeWith
from agenther.lessons.safe import fault
from agenther.lessons.situation import is_held_out, task_keys
from agenther.lessons.told import Said, Teller, Told
from agenther.records import RULES, Attribution, Record, Rejection, Trajectory
from agenther.stages.attribute.rules import attribute
from agenther.store import rounds
from agenther.store.lines import records
from agenther.store.run_folder import stored
from agenther.together import one_by_one

LESSONS, DROPPED, FROZEN = "lessons.jsonl", "dropped.jsonl", "lessons.json"
RUNS = "trajectories.jsonl"
AHEAD = 4
"""How many times as many runs as calls under way are begun, so that a slow one does not hold up those after it."""


class Asked(NamedTuple):
    """A model that tells more lessons."""

    teller: Teller
    at_once: int
    """Calls under way."""
    close: Callable[[], Coroutine[None, None, None]]


def make(named: Iterable[Path], out: Path, choices: Choices, asked: Asked | None = None) -> Counts:
    """Lessons of finished run folders and the rounds before them. All runs are attributed, and the model was asked
    about all that failed, before any lesson is made.

    Raises StoreError for a folder of runs that is not finished, and when there is something in `out`, and ModelError.
    """
    with _with_earlier(named) as folders, locked(out), usable(out):
        if any(out.iterdir()):
            raise StoreError(out, "is not empty; choose another --out")
        gathered, told = Gathered(choices.model or RULES), Told()
        tasks: dict[Path, set[str]] = {folder: set() for folder in folders}
        ahead, close = (AHEAD * asked.at_once, asked.close) if asked else (1, _nothing)
        teller = asked.teller if asked else None
        for run, attribution, said in one_by_one((_read(*one, teller) for one in _noted(tasks, choices)), ahead, close):
            gathered.add(run, attribution, () if run.id in gathered.runs else told.of(run, said))
        made = frozen(gathered, choices)
        counts = made.counts.model_copy(update=told.counts())
        lines = _lines(made.kept)
        seal = MadeWith(
            version=__version__,
            choices=choices,
            folders=by_print(tasks.items()),
            counts=counts,
            prompts=teller.fingerprints if teller else {},
            sha256=sha256(lines).hexdigest(),
        )
        with writing(out / LESSONS, out / DROPPED, out / FROZEN) as (kept, dropped, last):
            kept.write(lines)
            dropped.write(_lines(made.dropped))
            last.write(seal.model_dump_json(indent=2).encode() + b"\n")
    return counts


@contextmanager
def _with_earlier(folders: Iterable[Path]) -> Iterator[tuple[Path, ...]]:
    """Each once, as are the rounds before it."""
    found: dict[Path, Path] = {}
    with ExitStack() as stack:
        for folder in folders:
            earlier = stack.enter_context(rounds.held(folder, finished(folder).made_with))
            found |= {one.resolve(): one for one in (*(before.folder for before in earlier), folder)}
        yield tuple(found.values())


def _runs(folders: Iterable[Path], choices: Choices) -> Iterator[tuple[Trajectory, Attribution | None]]:
    """Those from which is learned, with what their folders say of them."""
    for folder in folders:
        for item in stored(folder):
            if not (isinstance(item, Rejection) or is_held_out(item[0], choices.held_out)):
                yield item[0], item[1].attribution


def _noted(tasks: Mapping[Path, set[str]], choices: Choices) -> Iterator[tuple[Trajectory, Attribution | None]]:
    """The same, of each of these folders, with what stands for their tasks put there."""
    for folder, own in tasks.items():
        for run, attribution in _runs((folder,), choices):
            own.update(task_keys(run))
            yield run, attribution


def by_print(tasks: Iterable[tuple[Path, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """What stands for the tasks of each folder, by its fingerprint."""
    found: dict[str, set[str]] = {}
    for folder, own in tasks:
        found.setdefault(fingerprint(folder), set()).update(own)
    return {mark: tuple(sorted(own)) for mark, own in sorted(found.items())}


def failed(named: Iterable[Path], choices: Choices) -> Iterator[Trajectory]:
    """The runs about which a model is asked."""
    with _with_earlier(named) as folders:
        yield from (run for run, _ in _runs(folders, choices) if is_asked_about(run))


def is_asked_about(run: Trajectory) -> bool:
    return not run.label.success and bool(run.steps)


async def _read(
    run: Trajectory, found: Attribution | None, teller: Teller | None
) -> tuple[Trajectory, Attribution, Said]:
    """With what its folder says of it, else rules, and with what a model says; nothing where none is asked."""
    attribution = found or await attribute(run)
    return run, attribution, await teller.tell(run, attribution) if teller and is_asked_about(run) else ()


async def _nothing() -> None:
    """Nothing was opened."""


def fingerprint(folder: Path) -> str:
    """Of the runs in a run folder."""
    return sha256_of(folder / RUNS)


def _lines(found: Iterable[Record]) -> bytes:
    return b"".join(one.model_dump_json().encode() + b"\n" for one in found)


def lessons(folder: Path) -> tuple[Lesson, ...]:
    """Those in a folder, the best first. Raises StoreError as `as_frozen` does, and where one must not be told."""
    found = as_frozen(folder)
    for one in found:
        if why := fault(one):
            raise StoreError(folder / LESSONS, f"holds a lesson that agenther does not write ({why}); make them again")
    return found


def as_frozen(folder: Path) -> tuple[Lesson, ...]:
    """Those in a folder, whatever they say. Raises StoreError where there are none, or others than were frozen."""
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

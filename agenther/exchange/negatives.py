"""What of a run folder others may learn from failures: the failed runs, lessons of them, and triplets, cleaned.

Each run is cleaned as a whole, so that what only a name gave away is gone from everywhere in it; texts for encoders are
made of clean runs. A quote that does not stand in its clean step is not told, and a lesson with one is left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, TypeVar

from pydantic_core import to_json

from agenther.errors import EmptyError
from agenther.evidence.place import quoted
from agenther.exchange.contrast import Point, chosen, point, text, triplet
from agenther.exchange.lines import columns
from agenther.exchange.records import CONFIGS, Failed, failed
from agenther.hub.privacy import Cleaner
from agenther.hub.tables import Table
from agenther.jobs.again import finished
from agenther.lessons.folder import as_frozen
from agenther.lessons.records import Cited, Lesson, named
from agenther.lessons.safe import fault
from agenther.packagers.base import SPLITS, TEST, TRAIN
from agenther.packagers.folder import as_before, selected
from agenther.records import Attribution, Diagnosis, Evidence, Step, Trajectory
from agenther.store import rounds
from agenther.store.lines import line_at, offsets, records

T = TypeVar("T", Diagnosis, Attribution)
_RUN = attrgetter("run_id")
NO_EVIDENCE = "a lesson of which no run is in this run folder or in a round before it"
NOT_SHOWN = "a lesson with a quote that does not stand in its step any more"
UNTOLD = "a lesson that agenther does not write so, or not once it is cleaned"
SUCCEEDED = "succeeded"
"""The file of runs of which only the texts are told."""


class Told(NamedTuple):
    """What was written, and where."""

    tables: tuple[Table, ...]
    left_out: Counter[str]


class _Clean:
    """Runs as they may be seen, in files; of each, where it stands."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.at: dict[str, tuple[Path, int]] = {}
        self.sides: dict[str, str] = {}
        self.points: list[Point] = []

    def run(self, run_id: str) -> Failed:
        path, at = self.at[run_id]
        with path.open("rb") as file:
            return Failed.model_validate_json(line_at(file, at))


def tables(run: Path, lessons_folder: Path | None, clean: Cleaner, work: Path) -> Told:
    """Writes what is to be published of a finished run folder into `work`. Raises EmptyError where nothing failed."""
    with rounds.held(run, finished(run).made_with) as earlier:
        folders = (*(one.folder for one in earlier), run)
        return _tables(folders, lessons_folder, clean, work)


def _tables(folders: tuple[Path, ...], lessons_folder: Path | None, clean: Cleaner, work: Path) -> Told:
    found = _runs(folders, clean, work)
    if not any((work / "failures" / f"{split}.jsonl").exists() for split in SPLITS):
        raise EmptyError(folders[-1], "holds no run that failed; without --failures its datasets are published alone")
    left_out: Counter[str] = Counter()
    kept = _lessons(folders, as_frozen(lessons_folder), found, clean, left_out) if lessons_folder else ()
    _write(work / "lessons", ((_side(one, found), to_json(one)) for one in kept))
    _write(work / "contrast", _triplets(found))
    there = [
        Table(PurePosixPath(config), split, path, columns(kind))
        for config, kind in CONFIGS.items()
        for split in SPLITS
        if (path := work / config / f"{split}.jsonl").exists()
    ]
    return Told(tuple(there), left_out)


def _runs(folders: tuple[Path, ...], clean: Cleaner, work: Path) -> _Clean:
    """Every run of which it is known how it ended, of earlier rounds too."""
    selection = selected(folders, as_before(folders[-1], ()).choices)
    diagnoses = _by_run([folder / "diagnoses.jsonl" for folder in folders], Diagnosis)
    attributions = _by_run([folder / "attributions.jsonl" for folder in folders], Attribution)
    found = _Clean(work)
    with ExitStack() as stack:
        files: dict[Path, BinaryIO] = {}
        for one in selection.batch.runs():
            diagnosis = diagnoses.get(one.id)
            has_failed = one.label.success is False or bool(diagnosis and diagnosis.is_failure)
            if one.id in found.at or not (has_failed or one.label.success):
                continue
            group = selection.batch.group(one)
            told = _cleaned(failed(one, group, diagnosis, attributions.get(one.id)), clean)
            if told is None:
                continue
            side = selection.side(group)
            path = work / "failures" / f"{side}.jsonl" if has_failed else work / f"{SUCCEEDED}.jsonl"
            if path not in files:
                path.parent.mkdir(exist_ok=True)
                files[path] = stack.enter_context(path.open("wb"))
            found.at[one.id] = path, files[path].tell()
            found.sides[one.id] = side
            found.points.append(point(told, side, text(told)))
            files[path].write(to_json(told) + b"\n")
    return found


def _by_run(paths: Iterable[Path], kind: type[T]) -> dict[str, T]:
    return {_RUN(one): one for path in paths if path.exists() for one in records(path, kind)}


def _cleaned(told: Failed, clean: Cleaner) -> Failed | None:
    """The run without anything private, and without quotes that do not stand then."""
    row = clean(told.model_dump(mode="json"))
    if row is None:
        return None
    found = Failed.model_validate(row)
    seen = found.run()
    suspects = tuple(
        one if quoted(seen, Evidence(text="", step=one.step, quote=one.quote)) else one.model_copy(update={"quote": ""})
        for one in found.suspects
    )
    return found.model_copy(update={"suspects": suspects})


def _triplets(found: _Clean) -> Iterator[tuple[str, bytes]]:
    for one in chosen(found.points):
        texts = (text(found.run(one.anchor.id)), text(found.run(one.positive.id)), text(found.run(one.negative.id)))
        yield one.anchor.side, to_json(triplet(one, texts))


def _lessons(
    folders: tuple[Path, ...], given: tuple[Lesson, ...], found: _Clean, clean: Cleaner, left_out: Counter[str]
) -> Iterator[Lesson]:
    """Those that stand on runs of these folders, and of them only what these show."""
    cited = {one.run_id for lesson in given for one in (*lesson.failures, *lesson.successes)} & found.at.keys()
    paths = [folder / "trajectories.jsonl" for folder in folders]
    places = {run: (path, at) for path in paths for run, at in offsets(path, cited).items()}

    def raw(run_id: str) -> Trajectory:
        path, at = places[run_id]
        with path.open("rb") as file:
            return Trajectory.model_validate_json(line_at(file, at))

    told: set[str] = set()
    for lesson in given:
        own = lesson.model_copy(
            update={
                "failures": tuple(one for one in lesson.failures if one.run_id in places),
                "successes": tuple(one for one in lesson.successes if one.run_id in places),
                "run_ids": tuple(one for one in lesson.run_ids if one in found.at),
            }
        )
        if not (own.failures and own.run_ids):
            left_out[NO_EVIDENCE] += 1
            continue
        safe = _safe(own, raw, clean)
        if safe and fault(safe):
            left_out[UNTOLD] += 1
        elif safe and all(quoted(found.run(one.run_id).run(), one) for one in (*safe.failures, *safe.successes)):
            if safe.id not in told:
                yield safe
            told.add(safe.id)
        else:
            left_out[NOT_SHOWN] += 1


def _safe(lesson: Lesson, raw: Callable[[str], Trajectory], clean: Cleaner) -> Lesson | None:
    """Cleaned together with the steps that it cites, so that what these give away as private is gone from it."""
    steps = [_shown(raw(one.run_id), one) for one in (*lesson.failures, *lesson.successes)]
    row = clean({"lesson": lesson.model_dump(mode="json"), "steps": steps})
    if row is None:
        return None
    safe = Lesson.model_validate(row["lesson"])
    return safe.model_copy(update={"id": named(safe.when.signature, safe.wrong, safe.instead)})


def _shown(run: Trajectory, one: Cited) -> dict[str, object]:
    if one.step == 0 or one.step > len(run.steps):
        return {"start": run.start}
    step: Step = run.steps[one.step - 1]
    return {"arguments": step.action.arguments, "raw": step.action.raw, "observation": step.observation}


def _side(lesson: Lesson, found: _Clean) -> str:
    """Of what any run of a task that is held out taught, train has nothing."""
    return TEST if TEST in {found.sides.get(run) for run in lesson.run_ids} else TRAIN


def _write(folder: Path, lines: Iterator[tuple[str, bytes]]) -> None:
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for split, line in lines:
            if split not in files:
                folder.mkdir(exist_ok=True)
                files[split] = stack.enter_context((folder / f"{split}.jsonl").open("wb"))
            files[split].write(line + b"\n")

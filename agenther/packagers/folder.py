"""The datasets of a run folder: from its samples and runs to `dataset/`, with a note of how they were made.

The note names every file that was written, with a hash of its bytes. Only these are ever replaced or removed, and only
as long as they hold what was written: what others put there stays, and what others changed is refused.
"""

import os
import shutil
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic_core import to_json

from agenther.errors import StoreError
from agenther.files import part, sha256_of, usable
from agenther.packagers.base import KEPT, SPLITS, Refutes, nothing_proved, parts_of
from agenther.packagers.index import README
from agenther.packagers.rounds import FOLDER, MADE_WITH, SIDES, held_to, note, past
from agenther.packagers.selection.choices import Choices, Packaged
from agenther.packagers.selection.select import Known, Selection, select
from agenther.packagers.table import KEPT_GOALS, PACKAGERS
from agenther.packagers.write import LEFT_OUT, Written, write
from agenther.records import Attribution, Judged, Kept, Record, Sample, Trajectory
from agenther.store.lines import records

T = TypeVar("T", bound=Record)

_MADE_ONCE = ("dataset_info.json", "records.parquet")
"""What formats make of their rows."""


def package(
    run_folder: Path,
    formats: tuple[str, ...],
    choices: Choices | None,
    refutes: Refutes = nothing_proved,
    earlier: Sequence[Path] = (),
) -> Written:
    """The datasets of a run folder, and of `earlier` rounds with it, in these formats, in the place of those that were
    written before. Without choices they are as in the round before. `refutes` proves what is wrong with a proposal, as
    the mechanical judge does; without it no near-miss is shown to miss anything.

    Raises StoreError, and changes nothing, as `check` does, for a file of others that is in the way, and for choices
    that would undo what earlier rounds hold out or how they split.
    """
    target = run_folder / FOLDER
    if unknown := [name for name in formats if name not in PACKAGERS]:
        raise StoreError(run_folder, f"is to have the dataset format {unknown[0]}, which no package here brings")
    check(run_folder)
    choices = held_to(run_folder, choices, earlier)
    with usable(target):
        draft = part(target)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        written = _write((*earlier, run_folder), formats, choices, draft, refutes)
        if foreign := _in_the_way(target):
            shutil.rmtree(draft)
            raise StoreError(foreign, "was not written by agenther, and stands where a dataset is to be; move it away")
        _put(target)
    return written


def check(run_folder: Path) -> None:
    """Raises StoreError for a file of the datasets that somebody changed since it was written."""
    target = run_folder / FOLDER
    with usable(target):
        if (part(target) / MADE_WITH).exists():  # all was written, and not all was put in place
            _put(target)
        for name, digest in _ours(target).items():
            if (target / name).exists() and digest and sha256_of(target / name) != digest:
                raise StoreError(target / name, "was changed since agenther wrote it; move it away, or delete it")


def remove(run_folder: Path) -> bool:
    """Takes the datasets out of a run folder, and leaves what others put there. Were there any? Raises as `check`."""
    check(run_folder)
    target = run_folder / FOLDER
    with usable(target):
        ours = (*_ours(target), MADE_WITH)
        there = [name for name in ours if (target / name).exists()]
        _unlink(target, there)
    return bool(there)


def selected(rounds: tuple[Path, ...], choices: Choices, refutes: Refutes = nothing_proved) -> Selection:
    """What of these rounds, of which the last is the one that is packaged, goes into datasets, and on which side."""
    samples = partial(_all, rounds, "samples", Sample)
    runs = partial(_all, rounds, "trajectories", Trajectory)
    kept = partial(_all, rounds, "kept", Kept, optional=True)
    blamed = _all(rounds, "attributions", Attribution, optional=True)
    decisive = {one.run_id: one.step for one in blamed if one.step}
    judged = partial(_all, rounds, "proposals", Judged, optional=True)
    return select(samples, runs, choices, kept, Known(decisive, judged, refutes, past(rounds)))


def _write(
    rounds: tuple[Path, ...], formats: tuple[str, ...], choices: Choices, target: Path, refutes: Refutes
) -> Written:
    packagers = {name: PACKAGERS[name] for name in formats}
    if any((folder / "kept.jsonl").exists() for folder in rounds):
        folders = (f"{KEPT}/{name}" for name in formats)
        packagers |= {name: KEPT_GOALS[name] for name in folders if name in KEPT_GOALS}
    selection = selected(rounds, choices, refutes)
    written = write(target, packagers, selection)
    (target / SIDES).write_bytes(to_json(selection.sides()) + b"\n")
    files = {name: sha256_of(target / name) for name in _files(target)}
    made = Packaged(formats=formats, choices=choices, kto=written.balances, lengths=written.lengths, files=files)
    (target / MADE_WITH).write_text(made.model_dump_json(indent=2) + "\n", "utf-8")
    return written


def _all(
    rounds: tuple[Path, ...], name: str, kind: type[T], ids: Container[str] | None = None, *, optional: bool = False
) -> Iterator[T]:
    """The records of a file of each round; `optional` ones are there only where their stage was asked for."""
    for path in (folder / f"{name}.jsonl" for folder in rounds):
        yield from records(path, kind, ids) if path.exists() or not optional else ()


def _put(target: Path) -> None:
    """Puts the files of the draft, which is whole, in place; the note last. When it was stopped, it is done again."""
    draft = part(target)
    new = [*_ours(draft)]
    _unlink(target, [name for name in _ours(target) if name not in new])
    for name in (*new, MADE_WITH):
        if (draft / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).replace(target / name)
    shutil.rmtree(draft)


def _unlink(target: Path, names: list[str]) -> None:
    """Removes these files, and the folders that are empty then."""
    for name in names:
        (target / name).unlink(missing_ok=True)
    for folder in sorted({(target / name).parent for name in names}, reverse=True):
        with suppress(OSError):  # what is not empty holds files of others
            folder.rmdir()


def _in_the_way(target: Path) -> Path | None:
    """The first thing of others that stands where a file of the draft is to be, or a folder of it."""
    ours = {*_ours(target), MADE_WITH}
    for name in _files(part(target)):
        above = (target / folder for folder in PurePosixPath(name).parents)
        if blocked := next((path for path in above if path.exists() and not path.is_dir()), None):
            return blocked
        if name not in ours and os.path.lexists(target / name):
            return target / name
    return None


def _ours(folder: Path) -> dict[str, str]:
    """The files that were written, by hash; without one where a version before wrote down none."""
    path = folder / MADE_WITH
    if not path.exists():
        return {}
    return note(path).files or dict.fromkeys(_of_before(), "")


def _of_before() -> Iterator[str]:
    yield from (README, LEFT_OUT, SIDES)
    for name in parts_of(PACKAGERS):
        yield from (f"{name}/{file}" for file in (*(f"{split}.jsonl" for split in SPLITS), *_MADE_ONCE))


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def as_before(run_folder: Path, formats: tuple[str, ...]) -> Packaged:
    """How the datasets in a run folder were made; in these formats where nothing tells. Raises StoreError."""
    path = run_folder / FOLDER / MADE_WITH
    made = note(path) if path.exists() else Packaged(formats=formats, choices=Choices())
    if unknown := sorted({*made.formats} - PACKAGERS.keys()):
        raise StoreError(path, f"names {unknown[0]}, which is no dataset format; `agenther package` makes them anew")
    return made

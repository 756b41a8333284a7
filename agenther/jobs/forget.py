"""A source run, or a whole log file, taken out of everything that came of it, for good.

First what people said of it goes, and what was made of the run to look at; then its name goes onto a list, from which
it never is read again; then every file is written without it. Stopped after the list, the folder counts as half
forgotten: nothing but the same command, or a new `agenther run`, works on it.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.files import PART, usable, writing
from agenther.jobs.again import finished
from agenther.jobs.told import report
from agenther.judges.grounded import proof
from agenther.packagers.folder import as_before, check, package
from agenther.readers.find import located
from agenther.records import Judged, Rejection, Trajectory
from agenther.store import run_folder
from agenther.store.book import Book
from agenther.store.cleaning import held
from agenther.store.forgotten import FORGOTTEN, Forgotten, Names, forgotten, known_as
from agenther.store.inputs import Input, inputs, mark
from agenther.store.journal import block, unpacked
from agenther.store.lines import records
from agenther.store.views import GATE, VIEWS, remove
from agenther.tally.counts import Counts
from agenther.tally.panel import panel


class Forgot(NamedTuple):
    """What forgetting came to."""

    runs: int
    """How many there were to forget; 0 when all was done before."""
    unread: int
    """Files and records that could not be read as runs, or that held one of these runs again."""
    samples: int
    """That were made of the runs."""
    counts: Counts
    """Of what is left."""


class _Gone(NamedTuple):
    """What is to be forgotten, as it is found in a folder."""

    names: Names
    ids: frozenset[str]
    """Of the runs that are in it."""
    repeats: frozenset[Rejection]
    """Of the runs, where another log holds them too."""

    def has(self, item: Trajectory | Rejection) -> bool:
        if isinstance(item, Trajectory):
            return item.id in self.ids or item.id in self.names or item.source.path in self.names
        return item.path in self.names or item in self.repeats

    def has_input(self, one: Input) -> bool:
        """Files that hold nothing stay counted."""
        is_there = one.run_id is not None or one.unread is not None
        return is_there and (
            one.path in self.names or one.mark in self.names or one.run_id in self.names or one.run_id in self.ids
        )


def forget(folder: Path, names: frozenset[str]) -> Forgot:
    """Takes the runs of these ids, and all of the files of these paths, out of the run folder; packages the rest.

    A path may be typed as it lies on this machine, or as the folder tells it, and may be that of a folder of logs.
    Raises StoreError, with nothing changed, for a name that nothing in the folder has or had, and for damaged ratings.
    """
    with held(folder):
        run = finished(folder, half_forgotten=True)
        made = as_before(folder, run.made_with.settings.formats)
        check(folder)
        before = forgotten(folder)
        gone = _look_up(folder, _as_told(folder, names, before), before)
        Book(folder).take_out(gone.ids)
        if gone.names.keys() == before.keys() and run.counts.forgotten == len(before):
            return Forgot(0, 0, 0, run.counts)
        with usable(folder):
            for _ in remove(folder, (*VIEWS, GATE)):
                pass
            with writing(folder / FORGOTTEN) as (file,):
                for name, places in sorted(gone.names.items()):
                    file.write(Forgotten(name=name, places=tuple(sorted(places))).model_dump_json().encode() + b"\n")
            _sweep(folder)
            files = tuple(name for name in run_folder.files() if (folder / f"{name}.jsonl").exists())
            counts = run_folder.write_records(
                folder, files, _kept(folder, gone), run.counts.passed_over, len(gone.names)
            ).counts
        written = package(folder, made.formats, made.choices, proof) if (folder / "dataset").exists() else None
        new = _sealed(folder, run, counts)
        report(folder, new, written)
        run_folder.seal(folder, new)
        return Forgot(len(gone.ids), len(gone.repeats), run.counts.samples - counts.samples, counts)


def _as_told(folder: Path, names: frozenset[str], before: Names) -> frozenset[str]:
    """The names by which the folder knows what was typed: an id, a path as in `Source`, or the mark of a file."""
    known = set(known_as(before))
    for _, one in inputs(folder):
        if one.run_id or one.unread:
            known |= {one.path, one.mark, one.run_id or one.path}
    found = set(names & known)
    for name in names - found:
        path = Path(name)
        files = [real for real, _ in located([path])] if name and path.exists() else [os.path.realpath(name)]
        marks = known.intersection(map(mark, files))
        inside = {one for one in known if name and PurePosixPath(one).is_relative_to(path.as_posix())}
        found |= marks or inside or {name}
    return frozenset(found)


def _look_up(folder: Path, names: frozenset[str], before: Names) -> _Gone:
    """These and those of before. Raises StoreError for one that is unknown."""
    unknown = set(names - known_as(before))
    new = dict.fromkeys(names - known_as(before), frozenset[str]())
    told = [one for _, one in inputs(folder) if one.mark in new and (one.run_id or one.unread)]
    unknown -= {one.mark for one in told}
    ids = {one.run_id for one in told if one.is_run and one.run_id}
    gone = _Gone(new | dict(before), frozenset(ids), frozenset())
    for run in records(folder / "trajectories.jsonl", Trajectory):
        unknown -= {run.id, run.source.path}
        if gone.has(run):
            ids.add(run.id)
    rated = {run for one in Book(folder).lines() for run in one.runs}
    ids |= rated & gone.names.keys()
    unknown -= rated
    for rejection in records(folder / "rejections.jsonl", Rejection) if unknown else ():
        unknown.discard(rejection.path)
    if unknown:
        why = f"holds no run and no file {min(unknown)}; `agenther inspect LOGS --json` tells ids and paths"
        raise StoreError(folder, why)
    found = gone._replace(ids=frozenset(ids))
    places = {name: {*known} for name, known in gone.names.items()}
    repeats: set[Rejection] = set()
    for _, one in filter(lambda place: found.has_input(place[1]), inputs(folder)):
        for name, place in ((one.run_id, one.place), (one.path, one.mark), (one.mark, one.mark)):
            if name in places:
                places[name].add(place)
        if one.unread:
            repeats.add(one.unread)
    return _Gone({name: frozenset(known) for name, known in places.items()}, frozenset(ids), frozenset(repeats))


def _kept(folder: Path, gone: _Gone) -> Iterator[tuple[str, bytes]]:
    """(file, record), as a journal gives them, of all that stays."""
    for item in run_folder.stored(folder):
        if isinstance(item, Rejection):
            if not gone.has(item):
                yield "unread", item.model_dump_json().encode()
        elif not gone.has(item[0]):
            yield "trajectories", item[0].model_dump_json().encode()
            yield from map(unpacked, block(*item).splitlines(keepends=True))
    for _, one in inputs(folder):
        if not gone.has_input(one):
            yield "inputs", one.model_dump_json().encode()


def _sweep(folder: Path) -> None:
    """What was left behind half-written, and a batch's questions and answers: both hold words of runs."""
    for path in (*folder.glob(f"*{PART}"), folder / "batch"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _sealed(folder: Path, run: run_folder.RunFile, counts: Counts) -> run_folder.RunFile:
    """The ledger stays: what was paid for a run that is forgotten was paid."""
    proposals = folder / "proposals.jsonl"
    judged = records(proposals, Judged) if run.panel and proposals.exists() else ()
    judges = [seat.judge for seat in run.panel.seats] if run.panel else []
    said = panel(judges, judged, run.made_with.settings)
    return run.model_copy(update={"counts": counts, "panel": said})

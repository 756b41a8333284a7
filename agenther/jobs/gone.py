"""What is to be forgotten, as it is found in a run folder and in all rounds of its lineage."""

import os
from collections.abc import Container, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.readers.find import located
from agenther.records import Reason, Rejection, Trajectory
from agenther.store import run_folder
from agenther.store.book import Book
from agenther.store.forgotten import Names, forgotten, known_as
from agenther.store.inputs import Input, inputs, mark
from agenther.store.journal import block, unpacked
from agenther.store.lines import records
from agenther.store.rounds import Lineage


class Gone(NamedTuple):
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


def asked(own: Path, lineage: Lineage, names: frozenset[str]) -> dict[Path, Names]:
    """What is to be forgotten in each round, by the names by which it knows it.

    The round that was named is asked first what is meant. Raises StoreError for what none of them knows.
    """
    told: dict[Path, frozenset[str]] = dict.fromkeys(lineage.folders, frozenset())
    shared: dict[Path, Names] = {}
    told[own], shared[own], unknown = _meant(own, names)
    others = [one for one in lineage.folders if one != own] if unknown else []
    for one in others:
        _, there, _ = _meant(one, unknown)
        shared[one] = {name: there[name] for name in unknown & there.keys()}  # an id means the same everywhere
        told[one] = frozenset(shared[one])
    for name in sorted(unknown.difference(*told.values())):
        looked = {one: _meant(one, frozenset({name})) for one in others}
        found = {one: (here, there) for one, (here, there, strange) in looked.items() if not strange}
        if not found:
            why = f"holds no run and no file {name}; `agenther inspect LOGS --json` tells ids and paths"
            raise StoreError(own, why)
        if len({frozenset(known[1]) for known in found.values()}) > 1:
            raise StoreError(
                own, f"{name} is not the same in {' and in '.join(map(str, found))}; name it in one of them"
            )
        for one, (here, there) in found.items():
            told[one] |= here
            shared[one] = {**shared.get(one, {}), **there}
    return {
        one: dict.fromkeys(told[one], frozenset[str]())
        | {name: places for other, found in shared.items() if other != one for name, places in found.items()}
        for one in lineage.folders
    }


def _meant(folder: Path, names: frozenset[str]) -> tuple[frozenset[str], Names, frozenset[str]]:
    """(the names by which the folder knows these, those by which other rounds do, those that it does not know)."""
    before = forgotten(folder)
    found = as_told(folder, names, before)
    gone, unknown = look_up(folder, dict.fromkeys(found, frozenset()), before)
    return found - unknown, elsewhere(folder, gone, found), unknown


def as_told(folder: Path, names: Iterable[str], before: Names) -> frozenset[str]:
    """The names by which the folder knows what was typed: an id, a path as in `Source`, or the mark of a file."""
    known = set(known_as(before))
    for _, one in inputs(folder):
        if one.run_id or one.unread:
            known |= {one.path, one.mark, one.run_id or one.path}
    found = {*names} & known
    for name in {*names} - found:
        path = Path(name)
        files = [real for real, _ in located([path])] if name and path.exists() else [os.path.realpath(name)]
        marks = known.intersection(map(mark, files))
        inside = {one for one in known if name and PurePosixPath(one).is_relative_to(path.as_posix())}
        found |= marks or inside or {name}
    return frozenset(found)


def look_up(folder: Path, names: Names, before: Names) -> tuple[Gone, frozenset[str]]:
    """(these and those of before, what of these the folder does not know)."""
    new = {name: places for name, places in names.items() if name not in known_as(before)}
    unknown = set(new)
    told = [one for _, one in inputs(folder) if one.mark in new and (one.run_id or one.unread)]
    unknown -= {one.mark for one in told}
    ids = {one.run_id for one in told if one.is_run and one.run_id}
    gone = Gone(new | dict(before), frozenset(ids), frozenset())
    for run in records(folder / "trajectories.jsonl", Trajectory):
        unknown -= {run.id, run.source.path}
        if gone.has(run):
            ids.add(run.id)
    rated = {run for one in Book(folder).lines() for run in one.runs}
    ids |= rated & gone.names.keys()
    unknown -= rated
    for rejection in records(folder / "rejections.jsonl", Rejection) if unknown else ():
        unknown.discard(rejection.path)
    found = gone._replace(ids=frozenset(ids))
    places = {name: {*known} for name, known in gone.names.items()}
    repeats: set[Rejection] = set()
    for _, one in filter(lambda place: found.has_input(place[1]), inputs(folder)):
        unknown.discard(one.run_id or "")
        for name, place in ((one.run_id, one.place), (one.path, one.mark), (one.mark, one.mark)):
            if name in places:
                places[name].add(place)
        if one.unread:
            repeats.add(one.unread)
    known = {name: frozenset(known) for name, known in places.items()}
    return Gone(known, frozenset(ids), frozenset(repeats)), frozenset(unknown)


def elsewhere(folder: Path, gone: Gone, names: Container[str]) -> Names:
    """What of these other rounds know, whose paths may be those of other files: ids of runs, those too that an earlier
    round has, and marks of files.
    """
    found = dict.fromkeys(gone.ids, frozenset[str]())
    for _, one in filter(lambda place: gone.has_input(place[1]), inputs(folder)):
        if one.file and (one.path in names or one.file in names):
            found[one.file] = frozenset({one.file})
        if one.run_id and (one.unread is None or one.unread.reason is Reason.EARLIER_ROUND):
            found[one.run_id] = found.get(one.run_id, frozenset()) | {one.place}
    return found


def kept(folder: Path, gone: Gone) -> Iterator[tuple[str, bytes]]:
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

"""What is being forgotten: written down in all rounds before anything goes, until all that held it was reached.

What tells which runs these are may be gone from one folder while another, or a set, still has them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.records import Record
from agenther.store.forgotten import Names
from agenther.store.rounds import place, seen_from

FORGETTING = "forgetting.json"
STOPPED = "`agenther forget` was stopped before it reached all rounds, lessons and sets; give it once more"


class Forgetting(Record):
    """`forgetting.json`."""

    rounds: Mapping[str, Mapping[str, tuple[str, ...]]]
    """What is to go from each round, as seen from this one, by name with its places; see `Forgotten`."""
    ids: tuple[str, ...]
    """Of the runs, by which lessons and sets know them."""


class Left(NamedTuple):
    """What earlier calls may have left to do."""

    names: Mapping[Path, Names]
    """By round."""
    ids: frozenset[str]


def is_stopped(folder: Path) -> bool:
    """Is something in it being forgotten, or was that never done?"""
    return (folder / FORGETTING).exists()


def check(folder: Path) -> None:
    """Raises StoreError where something is to be forgotten first."""
    if is_stopped(folder):
        raise StoreError(folder, STOPPED)


def left(folders: Iterable[Path]) -> Left:
    """Of all calls that were stopped. Raises StoreError where that is damaged."""
    names: dict[Path, Names] = {}
    ids: set[str] = set()
    for folder in filter(is_stopped, folders):
        path = folder / FORGETTING
        with usable(path):
            try:
                told = Forgetting.model_validate_json(path.read_bytes())
            except ValidationError:
                raise StoreError(path, "is damaged; delete it, and forget again what was to be forgotten") from None
        ids.update(told.ids)
        for there, own in told.rounds.items():
            one = place(folder, there)
            names[one] = both(names.get(one, {}), {name: frozenset(places) for name, places in own.items()})
    return Left(names, frozenset(ids))


def both(some: Names, others: Names) -> dict[str, frozenset[str]]:
    """All of these names, each with its places in both."""
    return {name: some.get(name, frozenset()) | others.get(name, frozenset()) for name in {**some, **others}}


def begin(folders: Iterable[Path], what: Left) -> None:
    """Writes it down in each of these folders."""
    for folder in folders:
        rounds = {
            seen_from(folder, one): {name: tuple(sorted(places)) for name, places in sorted(names.items())}
            for one, names in what.names.items()
        }
        with usable(folder), writing(folder / FORGETTING) as (file,):
            told = Forgetting(rounds=rounds, ids=tuple(sorted(what.ids)))
            file.write(told.model_dump_json().encode() + b"\n")


def end(folders: Iterable[Path]) -> None:
    """All was reached."""
    for folder in folders:
        with usable(folder):
            (folder / FORGETTING).unlink(missing_ok=True)

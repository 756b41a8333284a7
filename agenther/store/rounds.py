"""Rounds: run folders that come one after the other, each with the logs of an agent that was trained on those before.

A round tells in its `run.json` the round before it: its folder, as seen from its own, and a hash of its runs and
samples, so that folders may be moved together, and none changes unnoticed. A round that others come after has them in

    rounds.jsonl         {"path":"../b"}

so that what is forgotten in one is forgotten in all. Nothing else is written into an earlier round for a later one.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import locked, sha256_of, usable
from agenther.records import Record
from agenther.store.forgotten import Names, forgotten
from agenther.store.journal import After, MadeWith, begun_with
from agenther.store.run_folder import RunFile, last_sealed, run_file

ROUNDS = "rounds.jsonl"


class Later(Record):
    """A line of `rounds.jsonl`."""

    path: str


class Round(NamedTuple):
    """A finished one."""

    number: int
    folder: Path
    run: RunFile


class Lineage(NamedTuple):
    """A round, with those before it and, where they are asked for, all that come after any of these."""

    folders: tuple[Path, ...]
    missing: tuple[str, ...]
    """Folders that are not where they were, or are something else now."""


def begun(out: Path, before: Path) -> After:
    """Of a round in `out` that comes after the one in `before`. Raises StoreError where it cannot."""
    with held(before, _made(before)) as earlier:
        if any(os.path.realpath(out) == os.path.realpath(one) for one in (before, *(one.folder for one in earlier))):
            raise StoreError(out, "would come after itself; choose another --out")
        number = len(earlier) + 1
    with locked(before, shared=True):
        _finished(before, number)
        seen_from(before, out)  # refused here where `tell` could not write it down
        return After(path=seen_from(out, before), sha256=mark(before), round=number + 1)


def known(out: Path) -> After | None:
    """What the folder, finished or not, says itself."""
    made = _made(out)
    return made.after if made else None


@contextmanager
def held(folder: Path, made: MadeWith | None) -> Iterator[tuple[Round, ...]]:
    """The rounds before the one in `folder`, the first one first; nobody changes them meanwhile.

    Raises StoreError for one that is gone, changed, unfinished or held by another process, and for a circle.
    """
    found: list[Round] = []
    seen = [Path(os.path.realpath(folder))]
    after = made.after if made else None
    with ExitStack() as stack:
        while after:
            earlier = place(seen[-1], after.path)
            if earlier in seen:
                raise StoreError(folder, f"the rounds before it lead in a circle, back to {earlier}")
            number = after.round - 1
            if not earlier.is_dir():
                why = f"round {number}, after which {seen[-1].name} comes, is not there; if it was moved, name it"
                raise StoreError(earlier, f"{why}: `agenther run LOGS --out {seen[-1]} --after RUN`")
            stack.enter_context(locked(earlier, shared=True))
            run = _finished(earlier, number)
            if mark(earlier) != after.sha256:
                why = f"round {number} was changed since {seen[-1].name} was made after it"
                raise StoreError(earlier, f"{why}; make that anew, into another --out (what models answered is kept)")
            found.append(Round(number, earlier, run))
            seen.append(earlier)
            after = run.made_with.after
        yield tuple(reversed(found))


def gone(earlier: tuple[Round, ...]) -> Names:
    """What is forgotten in any of them; files by their marks, since another file may have the same path elsewhere."""
    found: dict[str, frozenset[str]] = {}
    for one in earlier:
        for name, places in forgotten(one.folder).items():
            is_file = places and not any(":" in place for place in places)
            for known in places if is_file else (name,):
                found[known] = found.get(known, frozenset()) | (frozenset({known}) if is_file else places)
    return found


def tell(before: Path, out: Path) -> None:
    """Lets a round know of one that comes after it."""
    path = seen_from(before, out)
    if path not in _later(before):
        with usable(before / ROUNDS), (before / ROUNDS).open("ab") as file:
            file.write(Later(path=path).model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def has_later(folder: Path) -> bool:
    """Does another round come after it?"""
    return bool(_later(folder))


def lineage(folder: Path) -> Lineage:
    """What can be found of it, each after the one that it comes after, and what cannot."""
    found = back(folder)
    folders = [*reversed(found.folders)]
    missing = (*found.missing, *_with_later(folders))
    return Lineage(tuple(folders), missing)


def back(folder: Path) -> Lineage:
    """It and the rounds before it, the last one first, as far as they are found, whatever became of them."""
    folders = [Path(os.path.realpath(folder))]
    while after := known(folders[-1]):
        earlier = place(folders[-1], after.path)
        if not (earlier / "run.json").exists() or earlier in folders:
            return Lineage(tuple(folders), (str(earlier),))
        folders.append(earlier)
    return Lineage(tuple(folders), ())


def later(folder: Path) -> tuple[Path, ...]:
    """The rounds that come after it, at once or after others of these, as far as they are found."""
    folders = [Path(os.path.realpath(folder))]
    _with_later(folders)
    return tuple(folders[1:])


def _with_later(folders: list[Path]) -> list[str]:
    """Adds to them all that come after any of them. Where such a one was, and is not any more."""
    missing: list[str] = []
    for one in folders:  # grows meanwhile
        for path in _later(one):
            there = place(one, path)
            if not _comes_after(there, one):
                missing.append(str(there))
            elif there not in folders:
                folders.append(there)
    return missing


def mark(folder: Path) -> str:
    """What `After` tells a round by: all that later ones do not do again. How it was made, and what that cost, may be
    written anew.
    """
    found = hashlib.sha256()
    for path in (folder / "trajectories.jsonl", folder / "samples.jsonl"):
        found.update(bytes.fromhex(sha256_of(path)) if path.exists() else b"")
    return found.hexdigest()


def place(folder: Path, path: str) -> Path:
    """The folder that is there, as seen from another."""
    return Path(os.path.realpath(os.path.realpath(folder) + os.sep + path))


def _comes_after(later: Path, one: Path) -> bool:
    after = known(later)
    return after is not None and place(later, after.path) == one


def seen_from(folder: Path, other: Path) -> str:
    """The path of another folder, as it is written down in this one. Raises StoreError where it cannot be."""
    path = Path(os.path.relpath(os.path.realpath(other), os.path.realpath(folder))).as_posix()
    if path.encode("utf-8", "ignore").decode() != path:
        raise StoreError(other, "cannot be written down, since its path is no UTF-8; rename it")
    return path


def _made(folder: Path) -> MadeWith | None:
    if (folder / "journal.jsonl").exists():
        return begun_with(folder / "journal.jsonl")
    run = last_sealed(folder)
    return run.made_with if run else None


def _finished(folder: Path, number: int) -> RunFile:
    run = run_file(folder)
    if run is None or not (folder / "samples.jsonl").exists():
        raise StoreError(folder, f"round {number} is not finished; `agenther run LOGS --out {folder}` goes on with it")
    if run.counts.forgotten < len(forgotten(folder)):
        raise StoreError(folder, f"round {number} is half without what is forgotten; give that `agenther forget` again")
    return run


def _later(folder: Path) -> list[str]:
    path = folder / ROUNDS
    with usable(path):
        lines = path.read_bytes().splitlines() if path.exists() else []
    try:
        return [Later.model_validate_json(line).path for line in lines]
    except ValidationError:
        raise StoreError(path, 'is damaged; it has a line {"path":"../b"} for each later round') from None

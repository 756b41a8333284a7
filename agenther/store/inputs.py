"""What was found in which log, so that a run folder can take in other logs later.

`inputs.jsonl` has a line for everything that was found in a log, and for each file that holds nothing:

    {"file":"3f…","path":"a.jsonl","line":1,"key":"","sha256":"5e…","run_id":"sharegpt-1f…","unread":null,…}   a run
    {"file":"3f…","path":"a.jsonl","line":2,"key":"","sha256":"5e…","run_id":"sharegpt-1f…","unread":{…}}    another's
    {"file":"9c…","path":"b.json","line":null,"key":"","sha256":"","run_id":null,"unread":{…}}   it could not be read
    {"file":"07…","path":"c.md","line":null,"key":"","sha256":"","run_id":null,"unread":null,
     "ignored":".md files hold no runs"}                                                                     nothing

A path is relative to the LOGS under which its file was found, so two files may have the same one; `file` tells them
apart.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import Field, ValidationError

from agenther.errors import StoreError
from agenther.files import natural, usable
from agenther.records import Record, Rejection, Trajectory

INPUTS = "inputs.jsonl"


class Input(Record):
    """What was found in a log."""

    file: str
    """`mark` of the file; empty where it was not written down."""
    path: str
    """As in `Source`."""
    line: int | None = None
    key: str = ""
    sha256: str = ""
    """Of a run, as in `Source`."""
    run_id: str | None = None
    unread: Rejection | None = None
    """Why it is no run of its own."""
    ignored: str = ""
    """Of a file that holds nothing, why it is no log."""
    rows: tuple[int, ...] = Field(default=(), exclude=True)
    """As in `Label`; not written down."""

    @property
    def mark(self) -> str:
        """What its file is known by, its name if nothing else is written down."""
        return self.file or self.path

    @property
    def place(self) -> str:
        """What its run is known by under every path."""
        return f"{self.mark}:{self.line}:{self.key}"

    @property
    def is_run(self) -> bool:
        return self.run_id is not None and self.unread is None

    def is_named(self, names: frozenset[str]) -> bool:
        """Is its run or its file among these?"""
        run = (self.run_id, self.place) if self.run_id else ()
        return not names.isdisjoint((self.path, self.mark, *run))


class Group(NamedTuple):
    """The inputs of one file, which follow each other."""

    mark: str
    path: str
    at: int
    """Where they begin in the file of inputs, in bytes."""
    lines: int = 0


def of_run(file: str, run: Trajectory) -> Input:
    """A run, found in the file of that mark."""
    source = run.source
    told = {"path": source.path, "line": source.line, "key": source.key, "sha256": source.sha256}
    return Input.model_validate({"file": file, "run_id": run.id, "rows": run.label.rows, **told})


def mark(real_path: str) -> str:
    """What a file is known by: its place on this machine, which a run folder should not tell."""
    return hashlib.sha256(os.fsencode(real_path)).hexdigest()[:16]


def grouped(groups: list[Group], one: Input, at: int) -> None:
    """Adds an input, whose line begins at `at`, to the last group or as the first of another."""
    if not groups or groups[-1].mark != one.mark:
        groups.append(Group(one.mark, one.path, at))
    groups[-1] = groups[-1]._replace(lines=groups[-1].lines + 1)


def inputs(folder: Path) -> Iterator[tuple[int, Input]]:
    """(where its line begins, input) for all in a folder that tells them. Raises StoreError when they are damaged."""
    path = folder / INPUTS
    at = 0
    if not path.exists():
        return
    try:
        with usable(path), path.open("rb") as file:
            for line in file:
                yield at, Input.model_validate_json(line)
                at += len(line)
    except ValidationError:
        raise StoreError(path, "is damaged; run again into another --out") from None


def in_order(old: list[Group], new: list[Group], rank: dict[str, int]) -> list[tuple[Group, bool]]:
    """(group, is it of `old`?) in the order of their paths, whichever came first.

    Files of one path stand in the order in which they came into the folder: those of before as `rank` tells.
    """
    places = {group.mark: len(rank) + number for number, group in enumerate(new)} | rank
    groups = [*((group, True) for group in old), *((group, False) for group in new)]
    return sorted(groups, key=lambda one: ([natural(name) for name in one[0].path.split("/")], places[one[0].mark]))


def members(group: Group, file: BinaryIO) -> Iterator[Input]:
    """The inputs of a group, from their file. Others may read there meanwhile."""
    at = group.at
    for _ in range(group.lines):
        file.seek(at)
        line = file.readline()
        at += len(line)
        yield Input.model_validate_json(line)

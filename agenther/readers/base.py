"""What a log format is: its `Reader`, at the end of a module, one line in `formats`, and a folder of cases.

    recognizes(head) -> Fit                     looks at the first 64 KB, never at the whole file
    read(log) -> Iterator[Trajectory | ReadError]

`read` yields a ReadError for one bad record and goes on; it raises one when the whole file is bad. Where each record is
a run, `reads` makes it of what makes a run of one. No reader knows of another: each says only how sure it is.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.json_values import Record
from agenther.readers.log import Head, Log
from agenther.readers.values import each
from agenther.records import Source, Trajectory


class Fit(IntEnum):
    """How sure a reader is that a log is its own; the surest one reads it."""

    NO = 0
    FALLBACK = 1
    """A form so common that other formats may share it."""
    SHAPE = 2
    """Records built as this format builds them, of fields with common names."""
    SIGNATURE = 3
    """Something that only this format has."""

    @classmethod
    def sure(cls, is_there: object) -> "Fit":
        """How sure one is by a signature, which is there or not."""
        return cls.SIGNATURE if is_there else cls.NO


class Reader(NamedTuple):
    """One log format."""

    about: str
    recognizes: Callable[[Head], Fit]
    read: Callable[[Log], Iterator[Trajectory | ReadError]]
    side_files: tuple[str, ...] = ()
    """Glob patterns of files beside the logs that hold no run: labels, settings."""
    accompanies: Callable[[Head], bool] = lambda _head: False
    """Is it such a file by what it holds?"""
    holds_again: Callable[[Log], bool] = lambda _log: False
    """Does a file of another format hold what a log of this one beside it tells better?"""
    needs: tuple[str, ...] = ()
    """Where a record of this format has something, as `steps[].action`: what to tell of one that is not understood."""


def reads(
    name: str,
    run: Callable[[Source, Any], Trajectory],
    found: Callable[[Log], Iterable[Record]] = Log.records,
    key: tuple[str, ...] = (),
) -> Callable[[Log], Iterator[Trajectory | ReadError]]:
    """How the format `name` is read, of which each record that is `found` in a log is a run, see `each`."""
    return lambda log: each(log, name, found(log), run, key)

"""From paths to runs: what is to be read, and what was read, in order."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from agenther.readers.find import Ignored, files, read
from agenther.readers.log import Log
from agenther.records import Rejection, Trajectory
from agenther.store.journal import forgotten

T = TypeVar("T")
Entry = Log | Rejection | Ignored

AHEAD = 256
"""Most items that are read in one go."""


def entries(logs: tuple[Path, ...], out: Path) -> Iterator[Entry]:
    """The files under `logs`, without those forgotten, and without the run folder, should it lie among them."""
    left_out = forgotten(out)
    for entry in files(logs, leave_out=out):
        if (entry.path if isinstance(entry, Rejection) else entry.name) not in left_out:
            yield entry


def size_of(entry: Entry) -> int:
    """Bytes to read; 0 for a file that is none, or that cannot be looked at."""
    try:
        return entry.path.stat().st_size if isinstance(entry, Log) else 0
    except OSError:
        return 0


def items(entries: Iterable[Entry], log_format: str | None) -> Iterator[Trajectory | Rejection | Ignored]:
    """Everything that is read from the entries, in order."""
    for entry in entries:
        if isinstance(entry, Log):
            yield from read(entry, log_format)
        else:
            yield entry


async def ahead(found: Iterator[T], size: int) -> AsyncIterator[tuple[T, bool]]:
    """(item, is it known to be among the last?) of the same items, of which up to twice `size` are read ahead.

    They are read in another thread, so that nobody waits for a large file to be parsed.
    """
    batch = await asyncio.to_thread(list, islice(found, size))
    while batch:
        following = asyncio.ensure_future(asyncio.to_thread(list, islice(found, size)))
        for item in batch:
            yield item, following.done() and not following.result()
        batch = await following

"""From paths to runs: what is to be read, and what was read, in order."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from agenther.jobs.shard import Shard
from agenther.readers.find import Entry, located
from agenther.readers.log import Folder, Log
from agenther.readers.reading import items
from agenther.records import Rejection, Trajectory
from agenther.settings import How
from agenther.store.forgotten import forgotten, known_as
from agenther.store.inputs import Input, mark, of_run

T = TypeVar("T")
Found = tuple[Input, Trajectory | None]
"""What was found in a log, and the run that it is, should it be one."""

AHEAD = 256
"""Most items that are read in one go."""


def looked_at(logs: tuple[Path, ...], out: Path, shard: Shard | None = None) -> Iterator[tuple[str, Entry | Folder]]:
    """(mark, file or folder) for all under `logs`, but files of other shards, and those that were forgotten in the run
    folder `out`.
    """
    left_out = known_as(forgotten(out))
    for real, entry in located(logs):
        file = mark(real)
        if isinstance(entry, Folder) or (_takes(shard, entry) and left_out.isdisjoint((file, path_of(entry)))):
            yield file, entry


def _takes(shard: Shard | None, entry: Entry) -> bool:
    return shard is None or shard.holds(path_of(entry))


def entries(logs: tuple[Path, ...], out: Path, shard: Shard | None = None) -> Iterator[tuple[str, Entry]]:
    """The same, without folders."""
    for file, entry in looked_at(logs, out, shard):
        if not isinstance(entry, Folder):
            yield file, entry


def size_of(entry: Entry | Folder) -> int:
    """Bytes to read; 0 for a file that is none, or that cannot be looked at."""
    try:
        return entry.path.stat().st_size if isinstance(entry, Log) else 0
    except OSError:
        return 0


def found(entries: Iterable[tuple[str, Entry]], how: How) -> Iterator[Found]:
    """The same, each with the file in which it was found."""
    for file, entry in entries:
        for item in items([entry], how):
            if isinstance(item, Trajectory):
                yield of_run(file, item), item
            else:
                unread, ignored = (item, "") if isinstance(item, Rejection) else (None, item.why)
                yield Input(file=file, path=path_of(item), unread=unread, ignored=ignored), None


def path_of(entry: Entry) -> str:
    """As it stands in `Source`."""
    return entry.path if isinstance(entry, Rejection) else entry.name


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

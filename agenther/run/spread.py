"""Reading and all stages in other processes, a batch of files at a time.

A batch comes back as lines like the journal's, an item after the other, each closed by a line that says what it
was: {"done":…} after a run's records, {"known":…} for a run with a result already, {"unread":…}, {"ignored":…}.
A file too large for one process is read by several; each does every n-th item, and the parts are merged.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic_core import to_json

from agenther.readers.find import Ignored, read
from agenther.readers.log import Log
from agenther.records import Rejection, Result, Trajectory
from agenther.store.journal import block

T = TypeVar("T")
Entry = Log | Rejection | Ignored
Settle = Callable[[Trajectory], Awaitable[Result]]

BATCH_BYTES = 4 * 1024 * 1024
BATCH_FILES = 200
AHEAD = 256
"""Most items that are read in one go for one process."""
CLOSING = (b'{"done":', b'{"known":', b'{"unread":', b'{"ignored":')


@dataclass(frozen=True)
class Batch:
    """What one process does in one go."""

    entries: tuple[Entry, ...]
    part: int = 0
    parts: int = 1
    """More than 1: this batch does the items `part`, `part + parts`, … of its one file."""


def batches(entries: Iterable[Entry], processes: int) -> Iterator[Batch]:
    """Entries in order, small files together, a large file in as many parts as there are processes."""
    together: list[Entry] = []
    total = 0
    for entry in entries:
        size = size_of(entry)
        if together and (total + size > BATCH_BYTES or len(together) == BATCH_FILES):
            yield Batch(tuple(together))
            together, total = [], 0
        if size > BATCH_BYTES:
            yield from (Batch((entry,), part, processes) for part in range(processes))
        else:
            together.append(entry)
            total += size
    if together:
        yield Batch(tuple(together))


def size_of(entry: Entry) -> int:
    """Bytes to read; 0 for a file that is none, or that cannot be looked at."""
    try:
        return entry.path.stat().st_size if isinstance(entry, Log) else 0
    except OSError:
        return 0


def work_off(settle: Settle, log_format: str | None, known: frozenset[str], batch: Batch, file: BinaryIO) -> None:
    """Does a batch, into `file`. Runs in a process of its own."""
    asyncio.run(_work_off(settle, log_format, known, batch, file))


async def _work_off(
    settle: Settle, log_format: str | None, known: frozenset[str], batch: Batch, file: BinaryIO
) -> None:
    for number, item in enumerate(items(batch.entries, log_format)):
        if number % batch.parts != batch.part:
            continue
        if isinstance(item, Ignored):
            file.write(b'{"ignored":%b}\n' % to_json(item.name))
        elif isinstance(item, Rejection):
            file.write(b'{"unread":%b}\n' % item.model_dump_json().encode())
        else:
            file.write(b'{"trajectory":%b}\n' % item.model_dump_json().encode())
            if item.id in known:
                file.write(b'{"known":%b}\n' % to_json(item.id))
            else:
                file.write(block(item, await settle(item)))


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


def items(entries: Iterable[Entry], log_format: str | None) -> Iterator[Trajectory | Rejection | Ignored]:
    """Everything that is read from the entries, in order."""
    for entry in entries:
        if isinstance(entry, Log):
            yield from read(entry, log_format)
        else:
            yield entry


def whole(done: Iterable[tuple[Batch, Path]]) -> Iterator[list[Path]]:
    """The files of one batch, or of all parts of a large file together."""
    paths: list[Path] = []
    for batch, path in done:
        paths.append(path)
        if len(paths) == batch.parts:
            yield paths
            paths = []


def merged(paths: list[Path]) -> Iterator[list[bytes]]:
    """The items in these files, by turns, each as its lines. The files are removed."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        for path in paths:
            path.unlink()
        turn = 0
        while item := _item(files[turn % len(files)]):
            yield item
            turn += 1


def _item(file: BinaryIO) -> list[bytes]:
    lines: list[bytes] = []
    for line in file:
        lines.append(line)
        if line.startswith(CLOSING):
            break
    return lines

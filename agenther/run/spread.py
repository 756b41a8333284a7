"""Reading and all stages in other processes, a batch of files at a time.

A batch comes back as lines like the journal's, an item after the other, each closed by a line that says what it
was: {"done":…} after a run's records, {"known":…} for a run with a result already, {"unread":…}, {"ignored":…}.
A file too large for one process is read by several; each does every n-th item, and the parts are merged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic_core import to_json

from agenther.readers.find import Ignored
from agenther.records import Rejection, Result, Trajectory
from agenther.run.reading import Entry, items, size_of
from agenther.store.journal import block

Settle = Callable[[Trajectory], Awaitable[Result]]

BATCH_BYTES = 4 * 1024 * 1024
BATCH_FILES = 200
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

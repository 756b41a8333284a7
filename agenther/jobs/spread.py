"""Reading and all stages in other processes, a batch of files at a time.

A batch comes back as lines like the journal's, an item after the other. One without a run is a line {"nothing":…}.
A run has a line {"inputs":…}, then {"trajectory":…}, and is closed by {"done":…} after its records, or by {"known":…}
when it has a result already.
A file too large for one process is read by several; each does every n-th item, and the parts are merged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic_core import to_json

from agenther.jobs.reading import found, size_of
from agenther.readers.find import Entry
from agenther.records import Result, Trajectory
from agenther.settings import How
from agenther.store.journal import block

Settle = Callable[[Trajectory], Awaitable[Result]]

BATCH_BYTES = 4 * 1024 * 1024
BATCH_FILES = 200
CLOSING = (b'{"done":', b'{"known":', b'{"nothing":')


@dataclass(frozen=True)
class Batch:
    """What one process does in one go."""

    entries: tuple[tuple[str, Entry], ...]
    part: int = 0
    parts: int = 1
    """More than 1: this batch does the items `part`, `part + parts`, … of its one file."""


def batches(entries: Iterable[tuple[str, Entry]], processes: int) -> Iterator[Batch]:
    """Entries in order, small files together, a large file in as many parts as there are processes."""
    together: list[tuple[str, Entry]] = []
    total = 0
    for entry in entries:
        size = size_of(entry[1])
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


def work_off(settle: Settle, how: How, known: frozenset[str], batch: Batch, file: BinaryIO) -> None:
    """Does a batch, into `file`. Runs in a process of its own."""
    asyncio.run(_work_off(settle, how, known, batch, file))


async def _work_off(settle: Settle, how: How, known: frozenset[str], batch: Batch, file: BinaryIO) -> None:
    for number, (one, run) in enumerate(found(batch.entries, how)):
        if number % batch.parts != batch.part:
            continue
        if run is None:
            file.write(b'{"nothing":%b}\n' % one.model_dump_json().encode())
            continue
        file.write(b'{"inputs":%b}\n' % to_json({**one.model_dump(), "rows": one.rows}))
        file.write(b'{"trajectory":%b}\n' % run.model_dump_json().encode())
        file.write(b'{"known":%b}\n' % to_json(run.id) if run.id in known else block(run, await settle(run)))


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

"""Reading and all stages by workers elsewhere, a batch of files at a time.

A batch comes back as lines like the journal's, an item after the other. One without a run is a line {"nothing":…}.
A run has a line {"inputs":…}, then {"trajectory":…}, and is closed by {"done":…} after its records, by {"known":…}
when it has a result already, or by {"left":…} when the money for its next call is not there.
A file too large for one worker is read by several; each does every n-th item, and the parts are merged.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import BinaryIO

from pydantic_core import to_json

from agenther.errors import CapError, ModelError
from agenther.jobs.reading import Found, found, size_of
from agenther.jobs.settle import settle
from agenther.llm.model import Model, ModelOf
from agenther.pipeline import Crew
from agenther.pipeline.crew import Known
from agenther.readers.find import Entry
from agenther.store.journal import MadeWith, block
from agenther.together import in_turn

Hire = Callable[[ModelOf], Crew]
"""Makes the crew of a run anew, with the models that are given."""

BATCH_BYTES = 4 * 1024 * 1024
BATCH_FILES = 200
MOST_BYTES = 256 * 1024 * 1024
"""Of a part of a large file."""
CLOSING = (b'{"done":', b'{"known":', b'{"left":', b'{"nothing":')


@dataclass(frozen=True)
class Batch:
    """What one worker does in one go."""

    entries: tuple[tuple[str, Entry], ...]
    part: int = 0
    parts: int = 1
    """More than 1: this batch does the items `part`, `part + parts`, … of its one file."""


@dataclass(frozen=True)
class Orders:
    """What every worker is told once."""

    made: MadeWith
    hire: Hire
    known: Known
    """Goals that are not to be made again."""
    runs: frozenset[str]
    """Those that are not to be done."""
    ahead: int = 1
    """So many runs are begun before the first of them is through."""


def nobody(name: str, _base_url: str | None = None, _copy: int = 1) -> Model:
    """Where no models are asked."""
    raise ModelError(name, "cannot be asked from here")


class Worker:
    """Does batches, one after the other."""

    def __init__(self, orders: Orders, models: ModelOf) -> None:
        self.orders = orders
        self.crew = replace(orders.hire(models), known=orders.known)

    async def follow(self, batch: Batch, file: BinaryIO) -> None:
        """Does a batch, into `file`."""
        items = (
            self._item(item)
            for number, item in enumerate(found(batch.entries, self.orders.made.settings))
            if number % batch.parts == batch.part
        )
        async for lines in in_turn(items, self.orders.ahead):
            file.write(lines)

    async def _item(self, item: Found) -> bytes:
        one, run = item
        if run is None:
            return b'{"nothing":%b}\n' % one.model_dump_json().encode()
        opening = b'{"inputs":%b}\n' % to_json({**one.model_dump(), "rows": one.rows})
        opening += b'{"trajectory":%b}\n' % run.model_dump_json().encode()
        if run.id in self.orders.runs:
            return opening + b'{"known":%b}\n' % to_json(run.id)
        try:
            return opening + block(run, await settle(self.crew, self.orders.made, run))
        except CapError:
            return opening + b'{"left":%b}\n' % to_json(run.id)


def batches(entries: Iterable[tuple[str, Entry]], workers: int, files: int = BATCH_FILES) -> Iterator[Batch]:
    """Entries in order, up to so many small files together, a large file in parts for several workers."""
    together: list[tuple[str, Entry]] = []
    total = 0
    for entry in entries:
        size = size_of(entry[1])
        if together and (total + size > BATCH_BYTES or len(together) == files):
            yield Batch(tuple(together))
            together, total = [], 0
        if size > BATCH_BYTES:
            parts = max(min(workers, -(-size // BATCH_BYTES)), -(-size // MOST_BYTES))
            yield from (Batch((entry,), part, parts) for part in range(parts))
        else:
            together.append(entry)
            total += size
    if together:
        yield Batch(tuple(together))


async def whole(done: AsyncIterator[tuple[Batch, BinaryIO]]) -> AsyncIterator[tuple[Batch, list[BinaryIO]]]:
    """What came of one batch, or of all parts of a large file together."""
    files: list[BinaryIO] = []
    async for batch, file in done:
        files.append(file)
        if len(files) == batch.parts:
            yield batch, files
            files = []


def merged(files: list[BinaryIO]) -> Iterator[list[bytes]]:
    """The items in these files, by turns, each as its lines. The files are closed."""
    with ExitStack() as stack:
        for file in files:
            stack.enter_context(file)
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

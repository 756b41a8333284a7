"""Processes of this machine. What they make comes back through files, so that memory stays flat."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import BinaryIO

from agenther.errors import AgentHERError, StoreError
from agenther.jobs.engines.base import taken
from agenther.jobs.spread import Batch, Orders, Worker, batches, nobody
from agenther.readers.find import Entry
from agenther.together import in_turn

AHEAD = 4
"""Batches for each process that may be given out before the first of them is taken back."""


@dataclass(frozen=True)
class Processes:
    """An engine of so many processes. They ask no models."""

    number: int

    async def each(
        self, orders: Orders, entries: Iterable[tuple[str, Entry]], folder: Path
    ) -> AsyncGenerator[tuple[Batch, BinaryIO], None]:
        """As an engine does. Raises StoreError when a file cannot be written."""
        with ExitStack() as stack:
            threads = stack.enter_context(ThreadPoolExecutor(self.number))
            idle: asyncio.Queue[Connection] = asyncio.Queue()
            for _ in range(self.number):
                idle.put_nowait(stack.enter_context(_hand(orders)))
            numbers = count()

            async def one(batch: Batch) -> tuple[Batch, Path]:
                path = folder / str(next(numbers))
                hand = await idle.get()
                await asyncio.get_running_loop().run_in_executor(threads, _do, hand, batch, path)
                idle.put_nowait(hand)
                return batch, path

            async for batch, path in in_turn(map(one, batches(entries, self.number)), AHEAD * self.number):
                yield batch, taken(path)


def _do(hand: Connection, batch: Batch, path: Path) -> None:
    try:
        hand.send((batch, path))
        why = hand.recv()
    except (EOFError, OSError):
        raise AgentHERError("a worker process died of the error above, or was killed for want of memory") from None
    if why:
        raise StoreError(path.parent, f"cannot be used: {why}")


@contextmanager
def _hand(orders: Orders) -> Iterator[Connection]:
    """A process that does one batch at a time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_obey, args=(theirs, orders), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()
        ours.close()


def _obey(connection: Connection, orders: Orders) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_die_with_parent, daemon=True).start()
    worker: Worker | None = None
    while True:
        try:
            batch, path = connection.recv()
        except EOFError:
            return
        try:
            worker = worker or Worker(orders, nobody)
            with path.open("wb") as file:
                asyncio.run(worker.follow(batch, file))
        except OSError as error:
            connection.send(error.strerror or str(error))
        else:
            connection.send("")


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

"""Work spread over processes; what they make comes back in order, through files, so that memory stays flat."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import BinaryIO, TypeVar

from agenther.errors import AgentHERError, StoreError

T = TypeVar("T")

AHEAD = 4
"""Tasks for each process that may be given out before the first of them is taken back."""


def ordered(
    work: Callable[[T, BinaryIO], None], tasks: Iterable[T], folder: Path, processes: int
) -> Iterator[tuple[T, Path]]:
    """Each task with the file in `folder` that `work` wrote for it, in the order of the tasks.

    The processes end with this generator, and with this process whatever becomes of it.
    Raises StoreError when a file cannot be written.
    """
    given = enumerate(tasks)
    open_tasks: deque[tuple[int, T]] = deque()
    done: set[int] = set()
    busy: dict[Connection, int] = {}
    with ExitStack() as stack:
        idle = [stack.enter_context(_hand(work)) for _ in range(processes)]
        while True:
            while idle and len(open_tasks) < AHEAD * processes and (task := next(given, None)):
                open_tasks.append(task)
                busy[hand := idle.pop()] = task[0]
                hand.send((task[1], folder / str(task[0])))
            if open_tasks and open_tasks[0][0] in done:
                number, mine = open_tasks.popleft()
                done.remove(number)
                yield mine, folder / str(number)
                continue
            if not busy:
                return
            ready = wait(list(busy))
            for hand in [hand for hand in busy if hand in ready]:
                _check(hand, folder)
                done.add(busy.pop(hand))
                idle.append(hand)


def _check(hand: Connection, folder: Path) -> None:
    try:
        why = hand.recv()
    except EOFError:
        raise AgentHERError("a worker process died of the error above, or was killed for want of memory") from None
    if why:
        raise StoreError(folder, f"cannot be used: {why}")


@contextmanager
def _hand(work: Callable[[T, BinaryIO], None]) -> Iterator[Connection]:
    """A process that does one task at a time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_obey, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.terminate()
        process.join()


def _obey(connection: Connection, work: Callable[[T, BinaryIO], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            task, path = connection.recv()
        except EOFError:
            return
        try:
            with path.open("wb") as file:
                work(task, file)
        except OSError as error:
            connection.send(error.strerror or str(error))
        else:
            connection.send("")


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)

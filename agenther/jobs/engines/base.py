"""What an engine is."""

from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import BinaryIO, Protocol

from agenther.jobs.spread import Batch, Orders
from agenther.readers.find import Entry


class Engine(Protocol):
    """Has workers, gives them batches of the logs, and hands back what they made of each."""

    def each(
        self, orders: Orders, entries: Iterable[tuple[str, Entry]], folder: Path
    ) -> AsyncGenerator[tuple[Batch, BinaryIO], None]:
        """Each batch with what `Worker.follow` wrote of it, in the order of the entries; whoever takes it closes it.

        `folder` is for files on the way. The workers end with this iterator, and with this process whatever becomes of
        it. Raises AgentHERError when they cannot go on.
        """
        ...


def taken(path: Path) -> BinaryIO:
    """The file, open; its room is free when it is closed."""
    file = path.open("rb")
    path.unlink()
    return file

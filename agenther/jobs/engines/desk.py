"""What workers on other machines ask models is asked by the process that was started, and by no other.

So its limits, its purse and its cache hold for the whole cluster, and no key leaves it. An answer is kept there before
the worker gets it: a machine that dies in the meantime costs nothing twice. Between the two there is a desk.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from ray.exceptions import RayError, RayTaskError

from agenther.errors import AgentHERError, AnswerError, CapError
from agenther.llm.model import Completion, ModelOf, Request
from agenther.tally.ledger import Bill, billed

Who = tuple[str, str | None, int]
"""What a `ModelOf` is asked for."""


class Asked(NamedTuple):
    number: int
    who: Who
    request: Request


@dataclass(frozen=True)
class Reply:
    bill: Bill
    said: Completion | None = None
    error: AgentHERError | None = None
    """Raised by the model in the place of an answer."""


@dataclass
class Desk:
    """An actor of the cluster, with a life on one machine."""

    numbers: Iterator[int] = field(default_factory=count)
    queue: asyncio.Queue[Asked] = field(default_factory=asyncio.Queue)
    waiting: dict[int, asyncio.Future[Reply]] = field(default_factory=dict)
    begun: Counter[int] = field(default_factory=Counter)

    async def begin(self, batch: int) -> int:
        """How often a batch was begun, with this time."""
        self.begun[batch] += 1
        return self.begun[batch]

    async def ask(self, who: Who, request: Request) -> Reply:
        """Called by workers."""
        number = next(self.numbers)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        self.queue.put_nowait(Asked(number, who, request))
        try:
            return await self.waiting[number]
        finally:
            del self.waiting[number]

    async def taken(self) -> list[Asked]:
        """What was asked since the last time; waits until there is something."""
        found = [await self.queue.get()]
        while not self.queue.empty():
            found.append(self.queue.get_nowait())
        return found

    async def give(self, number: int, reply: Reply) -> None:
        """Called with an answer; who asked may be gone."""
        if number in self.waiting:
            self.waiting[number].set_result(reply)


@contextmanager
def reached() -> Iterator[None]:
    """The cluster is asked within it. Raises AgentHERError where the cluster fails, which is no run's fault."""
    try:
        yield
    except RayTaskError:
        raise  # a bug
    except RayError as error:
        why = str(error).strip().partition("\n")[0]
        raise AgentHERError(f"the cluster cannot go on: {why}; what is done is kept") from error


@dataclass(frozen=True)
class Remote:
    """A model that is asked over a desk."""

    desk: Any
    who: Who

    @property
    def name(self) -> str:
        return self.who[0]

    async def complete(self, request: Request) -> Completion:
        with reached():
            reply: Reply = await self.desk.ask.remote(self.who, request)
        reply.bill.charge()
        if reply.said is None:
            raise reply.error or AssertionError("neither an answer nor an error")
        return reply.said

    async def aclose(self) -> None:
        """The connections are not here."""


async def serve(desk: Any, models: ModelOf) -> None:
    """Asks the models whatever is asked at the desk, for ever. What ends a run here, too, is raised."""
    async with asyncio.TaskGroup() as group:
        while True:
            with reached():
                found = await desk.taken.remote()
            for asked in found:
                group.create_task(_answer(desk, models, asked))


async def _answer(desk: Any, models: ModelOf, asked: Asked) -> None:
    with billed() as bill:
        try:
            reply = Reply(bill, await models(*asked.who).complete(asked.request))
        except (AnswerError, CapError) as error:
            reply = Reply(bill, error=error)
    with reached():
        await desk.give.remote(asked.number, reply)

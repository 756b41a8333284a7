"""How many calls may be under way to one model, and when: one gate for all who ask it.

A few calls are let in first. When they were answered, as many are as the endpoint answers, at the pace that is seen, in
half the time that a call may take, `most` at most: a server that takes one call at a time gets no crowd that it would
have to leave unanswered, and one that takes many gets them after a round or two. When it is overloaded (429, 503) the
limit is halved, once for each burst, and nobody is let in until the time that the endpoint named; then it grows again,
step by step. It is halved too when a call is not answered in time.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from agenther.llm.clients.faults import TransientError
from agenther.llm.layers.patience import Patience
from agenther.llm.model import BYTES_PER_TOKEN, SOME_TOKENS, Completion, Layer, Model, Request
from agenther.llm.money.purse import Purse

OVERLOADED = frozenset({429, 503, 529})
DOUBLED = 6
"""So often at most: no pause of ours is longer than about a minute."""
BELIEVED = 3
"""Bursts without an answer, after which an endpoint that asks for less than our own pause is not believed any more."""
FIRST = 4
"""Calls that are let in before so many were answered."""
GROWTH = 1 / 8
"""By how much the limit grows each time that as many calls as it lets in were answered; by one call at least."""


class Entry(NamedTuple):
    at: float
    """When the call was let in."""
    place: int
    """As one of how many that were inside then."""


class Bucket:
    """Lets through `per_minute` units, evenly."""

    def __init__(self, per_minute: float | None) -> None:
        self.seconds = 60 / per_minute if per_minute else 0.0
        """For each unit."""
        self.free = 0.0
        """When the next unit may come."""

    def take(self, units: float, now: float) -> float:
        """Seconds to wait before these units may come."""
        start = max(self.free, now)
        self.free = start + units * self.seconds
        return start - now

    def correct(self, units: float) -> None:
        """So many more, or fewer, were used than taken."""
        self.free += units * self.seconds


@dataclass(eq=False)
class Gate:
    """The way in to one model. Belongs to one event loop at a time."""

    most: int = 32
    rpm: float | None = None
    tpm: float | None = None
    pause: float = 1
    """Seconds for which the gate closes when the endpoint names no time; doubled with each burst."""
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self.limit = float(min(self.most, FIRST))
        self.inside = 0
        self.closed_until = 0.0
        self.halved = 0.0
        self.bursts = 0
        self.answered = 0
        """Calls that came back with an answer."""
        self.queue: deque[asyncio.Future[int]] = deque()
        self.requests = Bucket(self.rpm)
        self.tokens = Bucket(self.tpm)

    @asynccontextmanager
    async def entered(self, tokens: float) -> AsyncIterator[Entry]:
        """Waits for a place, and for the time to use it."""
        place = await self._place()
        try:
            now = time.monotonic()
            wait = max(self.requests.take(1, now), self.tokens.take(tokens, now))
            while wait > 0 or self.closed_until > time.monotonic():
                closed = self.closed_until - time.monotonic()
                spread = random.random() * min(1, closed / 4) if closed > 0 else 0  # noqa: S311 - not all at once
                await asyncio.sleep(max(wait, closed + spread))
                wait = 0
            yield Entry(time.monotonic(), place)
        finally:
            self._leave()

    async def _place(self) -> int:
        if self.inside < int(self.limit) and not self.queue:
            self.inside += 1
            return self.inside
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        self.inside -= 1
        while self.queue and self.inside < int(self.limit):
            turn = self.queue.popleft()
            if not turn.done():
                self.inside += 1
                turn.set_result(self.inside)

    def well(self) -> None:
        """A call was answered."""
        self.answered += 1
        self.patience.answered()
        self.bursts = 0
        self.limit = min(self.most, self.limit + max(1 / self.limit, GROWTH))

    def paced(self, entry: Entry, timeout: float) -> None:
        """A call that entered so was answered, of which each may take `timeout` seconds.

        Lets in as many as are answered in half of that: the call and those before it were, in the time that it took.
        """
        if self.answered >= FIRST and not self.halved:
            seconds = max(time.monotonic() - entry.at, 0.001)
            self.limit = min(self.most, max(self.limit, entry.place / seconds * timeout / 2))

    def turned_away(self, model: str, entered: float, error: TransientError) -> None:
        """Closes for as long as it takes after a call that entered at that time. Raises as `Patience.wait` does."""
        seconds = self.patience.wait(model, error, self.overloaded(entered, error.wait))
        self.closed_until = max(self.closed_until, time.monotonic() + seconds)

    def crowded(self, entered: float) -> bool:
        """Lets in half as many after a call that entered at that time, and tells whether it did.

        Calls that were under way with it count as one burst.
        """
        if entered <= self.halved:
            return False
        self.halved = time.monotonic()
        self.limit = max(1.0, self.limit / 2)
        return True

    def overloaded(self, entered: float, asked: float | None) -> float:
        """Seconds to wait after a call was turned away."""
        self.bursts += self.crowded(entered)
        pause = self.pause * 2.0 ** min(self.bursts - 1, DOUBLED)
        if asked is None:
            return pause
        return asked if self.bursts <= BELIEVED else max(asked, pause)


@dataclass(frozen=True)
class Admitted(Layer):
    """A model that is asked when its gate lets a call in and the purse can pay for it; `timeout` is for one call."""

    model: Model
    gate: Gate
    purse: Purse
    timeout: float = 300

    async def complete(self, request: Request) -> Completion:
        request = self.purse.bounded(self.name, request)
        expected = request.size / BYTES_PER_TOKEN + SOME_TOKENS
        async with self.gate.entered(expected) as entry:
            reserved = await self.purse.reserve(self.name, request)
            said = None
            try:
                said = await self._asked(request, entry, reserved)
            finally:
                used = self.purse.settle(self.name, request, reserved, said)
        self.gate.tokens.correct(used.prompt + used.completion - expected)
        return said

    async def _asked(self, request: Request, entry: Entry, reserved: float) -> Completion:
        answered = self.gate.answered
        try:
            said = await self._in_time(request, reserved)
        except TimeoutError:
            self.gate.crowded(entry.at)
            slow = self.gate.answered == answered
            why = f"no answer within {self.timeout:g} s (--timeout), which the provider may bill all the same"
            raise TransientError(why if slow else f"{why}; now beside fewer others", slow=slow) from None
        except TransientError as error:
            if error.status in OVERLOADED:
                self.gate.turned_away(self.name, entry.at, error)
            raise
        self.gate.well()
        self.gate.paced(entry, self.timeout)
        return said

    async def _in_time(self, request: Request, reserved: float) -> Completion:
        """The answer. Raises TimeoutError when it does not come in time."""
        try:
            with self.gate.patience.calling(self.name):
                async with asyncio.timeout(self.timeout):
                    return await self.model.complete(request)
        except TimeoutError:
            self.purse.cut_off(reserved)
            raise

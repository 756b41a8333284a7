"""How many calls may be under way to one model, and when: one gate for all who ask it.

While it goes well up to `most` calls are let in. When the endpoint is overloaded (429, 503) the limit is halved, once
for each burst, and nobody is let in until the time that the endpoint named; then it grows again. It is halved too when
a call is not answered in time: a server that answers one at a time lets the others wait.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agenther.llm.clients.faults import TransientError
from agenther.llm.layers.patience import Patience
from agenther.llm.model import BYTES_PER_TOKEN, SOME_TOKENS, Completion, Layer, Model, Request
from agenther.llm.money.purse import Purse

OVERLOADED = frozenset({429, 503, 529})
DOUBLED = 6
"""So often at most: no pause of ours is longer than about a minute."""
BELIEVED = 3
"""Bursts without an answer, after which an endpoint that asks for less than our own pause is not believed any more."""
GROWTH = 1 / 8
"""By how much the limit grows each time that as many calls as it lets in were answered; by one call at least."""


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
        self.limit = float(self.most)
        self.inside = 0
        self.closed_until = 0.0
        self.halved = 0.0
        self.bursts = 0
        self.answered = 0
        """Calls that came back with an answer."""
        self.queue: deque[asyncio.Future[None]] = deque()
        self.requests = Bucket(self.rpm)
        self.tokens = Bucket(self.tpm)

    @asynccontextmanager
    async def entered(self, tokens: float) -> AsyncIterator[float]:
        """Waits for a place, and for the time to use it; gives the time of entry."""
        await self._place()
        try:
            now = time.monotonic()
            wait = max(self.requests.take(1, now), self.tokens.take(tokens, now))
            while wait > 0 or self.closed_until > time.monotonic():
                closed = self.closed_until - time.monotonic()
                spread = random.random() * min(1, closed / 4) if closed > 0 else 0  # noqa: S311 - not all at once
                await asyncio.sleep(max(wait, closed + spread))
                wait = 0
            yield time.monotonic()
        finally:
            self._leave()

    async def _place(self) -> None:
        if self.inside < int(self.limit) and not self.queue:
            self.inside += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        try:
            await turn
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
                turn.set_result(None)

    def well(self) -> None:
        """A call was answered."""
        self.answered += 1
        self.patience.answered()
        self.bursts = 0
        self.limit = min(self.most, self.limit + max(1 / self.limit, GROWTH))

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
        async with self.gate.entered(expected) as entered:
            reserved = await self.purse.reserve(self.name, request)
            said = None
            try:
                said = await self._asked(request, entered, reserved)
            finally:
                used = self.purse.settle(self.name, request, reserved, said)
        self.gate.tokens.correct(used.prompt + used.completion - expected)
        return said

    async def _asked(self, request: Request, entered: float, reserved: float) -> Completion:
        answered = self.gate.answered
        try:
            said = await self._in_time(request, reserved)
        except TimeoutError:
            self.gate.crowded(entered)
            slow = self.gate.answered == answered
            why = f"no answer within {self.timeout:g} s (--timeout), which the provider may bill all the same"
            raise TransientError(why if slow else f"{why}; now beside fewer others", slow=slow) from None
        except TransientError as error:
            if error.status in OVERLOADED:
                self.gate.turned_away(self.name, entered, error)
            raise
        self.gate.well()
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

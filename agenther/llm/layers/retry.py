"""Asks again where that may help, waits as long as the endpoint asks for, and gives up in the end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential, wait_random

from agenther.errors import ModelError
from agenther.llm.clients.faults import BROKEN, BrokenError, TransientError, UnusableError
from agenther.llm.layers.gate import OVERLOADED, Gate
from agenther.llm.layers.shorter import halved
from agenther.llm.model import Completion, Layer, Model, Request

T = TypeVar("T")
ATTEMPTS = 8
FIRST = 4
"""Attempts as long as the endpoint never answered: it is more likely wrong than busy."""
MOST_SLOW = 2
"""Calls in a row for which an endpoint that answers nobody has too little time."""
LONGEST_PAUSE = 60.0
"""Seconds, unless the endpoint asks for more."""


@dataclass(frozen=True)
class Patient(Layer):
    """A model that is asked up to `attempts` times."""

    model: Model
    attempts: int = ATTEMPTS
    pause: float = 1
    """Seconds before the second attempt, unless the endpoint asks for more; doubled each time, with jitter."""
    gate: Gate = field(default_factory=Gate)
    """The one that `model` goes through."""

    async def complete(self, request: Request) -> Completion:
        call = Shrinking(self.model, request)
        attempts = self.attempts if request.manner is None else 1  # whether it takes this manner is what is asked
        said, failed = await patiently(self.name, call, self.gate, attempts, self.pause)
        return replace(said, retries=failed) if failed else said


@dataclass
class Shrinking:
    """A call that has half the room for its answer after no answer came in time. Where that is of no use either, the
    prompt counts as too long.
    """

    model: Model
    request: Request
    slow: int = 0

    async def __call__(self) -> Completion:
        try:
            return await self.model.complete(self.request)
        except TransientError as error:
            self.slow += error.slow
            if self.slow == MOST_SLOW:
                return Completion(f"{error}, nor with less room for it", "context_length")
            if error.slow and (less := halved(self.request)):
                self.request = less
                raise TransientError(f"{error}; now with room for {less.max_tokens} tokens", slow=True) from None
            raise


async def patiently(
    model: str, call: Callable[[], Awaitable[T]], gate: Gate, attempts: int = ATTEMPTS, pause: float = 1
) -> tuple[T, int]:
    """What a call through `gate` gives, and how often it failed before. Raises ModelError when it fails for good.

    An attempt that was turned away for load is not counted: the gate sees to it that the endpoint is asked less, and
    its patience is what ends. The very first connection has to come about at once.
    """
    counted = made = 0

    def enough(state: RetryCallState) -> bool:
        nonlocal counted
        error = _error(state)
        counted += error.status not in OVERLOADED
        most = attempts if gate.answered else min(FIRST, attempts)
        return counted >= most or (error.unreached and not gate.answered)

    def tell(state: RetryCallState) -> None:
        error = _error(state)
        if error.status not in OVERLOADED:  # else the gate has told it
            state.upcoming_sleep = gate.patience.wait(model, error, state.upcoming_sleep)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        stop=enough,
        wait=partial(wait, pause),
        before_sleep=tell,
        reraise=True,
    )
    try:
        async for attempt in retrying:
            with attempt:
                made += 1
                return await call(), made - 1
    except TransientError as error:
        tried = f"{made} attempts" if made > 1 else "one attempt"
        why = f"{error}, after {tried}; is the endpoint up? Once it is, the same command carries on"
        kind = UnusableError if error.unreached else BrokenError if error.status in BROKEN else ModelError
        raise kind(model, why) from None
    raise AssertionError("it gives something, or fails")


def wait(pause: float, state: RetryCallState) -> float:
    """Seconds until the next attempt: what the endpoint asks for, and never less than the backoff.

    After an overload that is the gate's business, which closes for all.
    """
    error = _error(state)
    if error.status in OVERLOADED:
        return 0
    backoff = wait_exponential(multiplier=pause, max=LONGEST_PAUSE) + wait_random(0, pause)
    return max(error.wait or 0, backoff(state))


def _error(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TransientError), "nothing else is asked again"
    return error

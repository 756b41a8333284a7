"""How long an endpoint is waited for while it answers nobody, and who is told of it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from agenther.errors import ModelError
from agenther.llm.clients.faults import TransientError, UnusableError

SLOW = 5.0
"""Seconds after which a call under way is no refusal that is about to come."""
LOOK = 2.0
"""Seconds between calls that find out whether those under way were answered, once the patience is at its end."""
FIRST = 10.0
"""Seconds of silence at the beginning that are told; then twice as many, and so on."""
CARRY_ON = "what is done is kept, and the same command carries on"


class Wait(NamedTuple):
    """A wait that begins before something is asked again."""

    model: str
    why: str
    """In the words of the endpoint, where it has any."""
    status: int | None
    seconds: float
    silent: float
    """For how many seconds the endpoint has answered nobody."""
    most: float
    """For how many it may."""


class Silence(NamedTuple):
    """An endpoint has not answered anything yet."""

    model: str
    calls: int
    """That are under way."""
    seconds: float
    """Since the first of them; 0 once it has answered."""


def nobody(_told: object) -> None:
    """Who is told when nobody listens."""


@dataclass(eq=False)
class Patience:
    """With one endpoint, shared by all who ask it."""

    most: float = 600
    """Seconds without one answer, or that it may ask to wait."""
    tell: Callable[[Wait], None] = nobody
    tell_silence: Callable[[Silence], None] = nobody
    since: float | None = None
    """When a call failed first since the last answer."""
    under_way: list[float] = field(default_factory=list)
    """When each call was made that may still be answered."""
    was_heard: bool = False
    """Was there ever an answer?"""
    silence: Silence | None = None
    """That was told."""
    ear: asyncio.TimerHandle | None = None
    """Tells of it, while calls are under way."""

    @contextmanager
    def calling(self, model: str) -> Iterator[None]:
        """While a call is under way."""
        now = time.monotonic()
        self.under_way.append(now)
        if not (self.was_heard or self.ear):
            self._listen(model, FIRST)
        try:
            yield
        finally:
            self.under_way.remove(now)
            if not self.under_way:
                self._listen_no_more()

    def _listen(self, model: str, seconds: float) -> None:
        self.ear = asyncio.get_running_loop().call_later(seconds, self._silent, model)

    def _listen_no_more(self) -> None:
        if self.ear:
            self.ear.cancel()
            self.ear = None

    def _silent(self, model: str) -> None:
        seconds = time.monotonic() - min(self.under_way)
        self.silence = Silence(model, len(self.under_way), seconds)
        self.tell_silence(self.silence)
        self._listen(model, seconds)

    def answered(self) -> None:
        self.since, self.was_heard = None, True
        self._listen_no_more()
        if self.silence:
            self.tell_silence(self.silence._replace(seconds=0))
            self.silence = None

    def wait(self, model: str, error: TransientError, seconds: float) -> float:
        """Seconds to wait, at most those, after a call failed that is to be made again; tells of it.

        Raises UnusableError when the endpoint asks for more than there is patience, and ModelError when that is at its
        end. Where the endpoint only turns calls away while it has others for long, silence means nothing: each may take
        its time.
        """
        now = time.monotonic()
        self.since = self.since or now
        silent, asked = now - self.since, error.wait or 0.0
        if asked > self.most:
            limit = f"it asks to wait {asked:.0f} s, longer than --patience {self.most:g}"
            raise UnusableError(model, f"{error}; {limit}; {CARRY_ON}")
        left = self.most - silent
        is_slow = error.status is not None and any(began < now - SLOW for began in self.under_way)
        if (left <= 0 or asked > left) and not is_slow:
            waits = f", and it asks to wait {asked:.0f} s more" if asked else ""
            limit = f"no answer came for {silent:.0f} s{waits} (--patience {self.most:g})"
            raise ModelError(model, f"{error}; {limit}; {CARRY_ON}")
        seconds = max(asked, min(seconds, left if left > 0 else LOOK))
        self.tell(Wait(model, str(error), error.status, seconds, silent, self.most))
        return seconds

"""How models are answering, for people to look at while it goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass


def nobody() -> None:
    """Who is told when nobody listens."""


@dataclass(eq=False)
class Meter:
    """Counts the answers of this start."""

    answers: int = 0
    """With those that were kept from before."""
    asked: int = 0
    """Without."""
    tokens: int = 0
    """In those that were asked for."""
    begun: float | None = None
    """When the first was asked for."""
    tell: Callable[[], None] = nobody
    """Told of each answer; it must not block."""

    def begin(self) -> None:
        """Something is asked for."""
        self.begun = self.begun or time.monotonic()

    def kept(self) -> None:
        """An answer was there from before."""
        self.answers += 1

    def came(self, tokens: int) -> None:
        """An answer came that was asked for."""
        self.answers += 1
        self.asked += 1
        self.tokens += tokens
        self.tell()

    def a_second(self, amount: int) -> float:
        """So much in the time since the first was asked for."""
        return amount / max(time.monotonic() - self.begun, 1e-9) if self.begun else 0.0

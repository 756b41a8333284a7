"""What may still be spent. One purse for all models of a run, over all its starts.

Before each call the most that it can cost is put aside, and what it did cost is taken instead when it is answered. So
the cap holds with all calls that are under way.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from pydantic_core import to_json

from agenther.errors import AgentHERError, CapError
from agenther.files import usable, writing
from agenther.llm.clients.manner import parameters
from agenther.llm.model import Completion, Request, Usage, used
from agenther.settings import Price

LONGEST_ANSWER = 8_192
"""Tokens that an answer may have while there is a cap, so that no call can cost more than was put aside for it."""
LONGEST_BY_UNKNOWN = 4_096
"""The same, of a model of which nobody says how much it may answer at most."""


class Purse:
    """Money, from `prices` in USD for a token. `longest` is how many tokens models may answer, where that is known."""

    def __init__(
        self, prices: Mapping[str, Price], cap: float | None = None, longest: Mapping[str, int] | None = None
    ) -> None:
        self.prices = prices
        self.cap = cap
        self.longest = longest or {}
        self.paid = 0.0
        """By this process and, once `opened`, by those before it that worked on the same run."""
        self.paid_now = 0.0
        """By this process."""
        self.put_aside = 0.0
        self.calls = 0
        self.cut = 0
        """Calls that were not waited for any longer. Nobody knows what they cost."""
        self.closed: AgentHERError | None = None
        """Why nothing may be asked any more."""
        self._changed: asyncio.Event = asyncio.Event()
        self._book: TextIO | None = None

    def open(self, book: Path) -> None:
        """Writes down in this file what is paid, and counts what stands there already."""
        with usable(book):
            lines = book.read_text("ascii", "replace").split("\n") if book.exists() else []
            self.paid += sum(_amount(line) for line in lines[:-1])  # a killed process may have left half a line
            with writing(book) as (file,):
                file.write(f"{self.paid!r}\n".encode())
            self._book = book.open("a", encoding="ascii")

    def put_away(self) -> None:
        """Closes the book; nothing is asked any more."""
        if self._book:
            self._book.close()

    def close(self, why: AgentHERError) -> None:
        """Nothing more may be asked. Calls under way are not touched."""
        self.closed = self.closed or why
        self._changed.set()

    def bounded(self, model: str, request: Request) -> Request:
        """The request, with the length of its answer bounded if that is what keeps the cap."""
        price = self.prices.get(model)
        if self.cap is None or price is None or not price.completion:
            return request
        bound = min(self.longest.get(model, LONGEST_BY_UNKNOWN), request.max_tokens or LONGEST_ANSWER, LONGEST_ANSWER)
        return replace(request, max_tokens=bound)

    async def reserve(self, model: str, request: Request) -> float:
        """Puts aside the most that a bounded call can cost, and tells it.

        Waits while calls under way may leave enough of the money. Raises CapError when they do not, and whatever
        the purse was closed with.
        """
        usd = self.most(model, request)
        while self.cap is not None and usd and not self.closed and self.paid + self.put_aside + usd > self.cap:
            if not self.put_aside:
                self.close(CapError(self.cap, self.paid))
                break
            self._changed.clear()
            await self._changed.wait()
        if self.closed:
            raise self.closed
        self.put_aside += usd
        return usd

    def most(self, model: str, request: Request) -> float:
        """What a bounded call can cost: no tokenizer makes more tokens of it than the whole body has bytes."""
        if self.cap is None or (price := self.prices.get(model)) is None:
            return 0.0
        prompt = len(to_json(parameters(request)))
        return price.usd(prompt=prompt, cached=0, completion=request.max_tokens or 0)

    def settle(self, model: str, request: Request, reserved: float, said: Completion | None) -> Usage:
        """Takes what a call did cost, and tells what it used. One that was not answered costs nothing."""
        usage = used(request, said) if said and said.raw else Usage(0, 0, 0)
        price = self.prices.get(model)
        usd = price.usd(prompt=usage.prompt, cached=usage.cached, completion=usage.completion) if price else 0.0
        self.put_aside -= reserved
        if abs(self.put_aside) < 1e-12:
            self.put_aside = 0.0  # no rest of rounding is money under way
        self._pay(usd)
        self.calls += said is not None
        self._changed.set()
        return usage

    def cut_off(self, reserved: float) -> None:
        """A call is not waited for any longer. Under a cap it counts as paid for, with the most that it can cost."""
        self.cut += 1
        self._pay(reserved)

    def _pay(self, usd: float) -> None:
        self.paid += usd
        self.paid_now += usd
        if usd and self._book:
            with usable(Path(self._book.name)):
                self._book.write(f"{usd!r}\n")
                self._book.flush()


def _amount(line: str) -> float:
    try:
        return max(0.0, float(line))
    except ValueError:
        return 0.0

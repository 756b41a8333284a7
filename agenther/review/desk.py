"""A rater's desk: the cards in their order, what he said of each, and what is still open.

All that is said goes into the book at once, where other desks of the same folder find it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

from pydantic import Field

from agenther.records import Record
from agenther.review.draw import Card
from agenther.store.book import Answer, Book, Drawn, Preference, Rating

Said = Rating | Preference
_DAY = 86_400


class Change(Record):
    """What a rater says now; what is not given stays as it was."""

    valid: Answer | None = None
    natural: Answer | None = None
    worth: Answer | None = None
    better: str | None = None
    note: str = Field(default="", max_length=10_000)
    seconds: float | None = Field(default=None, ge=0, le=_DAY)
    uncovered: bool = False
    by_id: bool = False
    """Did he look for the item by its id?"""


class Progress(NamedTuple):
    rated: int
    """By this rater."""
    left: int


class _Read(NamedTuple):
    """The book as it was at some time."""

    stamp: tuple[int, int, int]
    said: dict[tuple[tuple[str, ...], str], Said]
    """The last line of each rater, on each card."""
    raters: Counter[tuple[str, ...]]
    """Of each card, those who gave an answer."""


class Desk:
    """The desk of one rater; `each` item is rated by so many people. Used from several threads."""

    def __init__(self, book: Book, cards: Sequence[Card], rater: str, each: int = 1) -> None:
        self.book = book
        self.cards = cards
        self.rater = rater
        self.each = each
        self.keys = [card.key for card in cards]
        self._done: list[tuple[int, Said]] = []
        self._lock = Lock()
        self._read = _Read((0, 0, 0), {}, Counter())

    def said(self, n: int) -> Said:
        """What this rater said of the card last; without an answer when he said nothing. Raises StoreError."""
        return self._said(self.cards[n])

    def change(self, n: int, change: Change) -> None:
        """Adds what he says now to the book. Raises StoreError, and ValidationError for what no answer can be."""
        with self._lock:
            card = self.cards[n]
            before = self._said(card)
            given = change.model_dump(include=change.model_fields_set - {"by_id", "uncovered"})
            if isinstance(before, Rating):
                given["drawn"] = _drawn(card, before, by_id=change.by_id)
                given["uncovered"] = before.uncovered or (change.uncovered and not before.valid)
            self._add({**before.model_dump(), **given}, before)
            self._done.append((n, before))

    def undo(self) -> int | None:
        """Takes back what was said last at this desk; the place of its card. None when nothing was said."""
        with self._lock:
            if not self._done:
                return None
            n, before = self._done[-1]
            self._add(before.model_dump(), before)
            self._done.pop()
            return n

    def open_after(self, n: int) -> int | None:
        """The place of the next card that is open, from the first again behind the last; None when none is."""
        read, total = self._now(), len(self.cards)
        around = ((n + more) % total for more in range(1, total + 1))
        return next((place for place in around if self._is_open(place, read)), None)

    def progress(self) -> Progress:
        read = self._now()
        rated = sum(_answer(read.said.get((key, self.rater))) is not None for key in self.keys)
        return Progress(rated, sum(self._is_open(n, read) for n in range(len(self.cards))))

    def find(self, which: str) -> int | None:
        """The place that a number, counted from 1, or the id of an item names."""
        if which.isascii() and which.isdecimal() and 0 < int(which[:9]) <= len(self.cards):
            return int(which[:9]) - 1
        return next((n for n, key in enumerate(self.keys) if which in key), None)

    def _is_open(self, n: int, read: _Read) -> bool:
        """Also what was rated otherwise than at random, when its turn comes at random."""
        mine = read.said.get((self.keys[n], self.rater))
        if _answer(mine) is None:
            return read.raters[self.keys[n]] < self.each
        return isinstance(mine, Rating) and self.cards[n].drawn == "random" != mine.drawn

    def _said(self, card: Card) -> Said:
        return self._now().said.get((card.key, self.rater)) or _blank(card, self.rater)

    def _add(self, fields: dict[str, Any], before: Said) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.book.add([type(before).model_validate({**fields, "at": now})])

    def _now(self) -> _Read:
        if (stamp := self.book.stamp()) != self._read.stamp:
            said = {(_key(one), one.rater): one for one in self.book.lines()}
            raters = Counter(key for (key, _), one in said.items() if _answer(one) is not None)
            self._read = _Read(stamp, said, raters)
        return self._read


def _drawn(card: Card, before: Rating, *, by_id: bool) -> Drawn:
    """What was drawn at random once stays so; what somebody looked for was not drawn."""
    if card.drawn == "near-miss":
        return card.drawn
    return before.drawn if by_id or before.drawn == "random" else card.drawn


def _blank(card: Card, rater: str) -> Said:
    ids = iter(card.key)
    runs = iter(one.item.run_id for one in card.shown)
    if len(card.shown) == 1:
        return Rating(item=next(ids), run_id=next(runs), rater=rater)
    return Preference(items=(next(ids), next(ids)), run_ids=(next(runs), next(runs)), rater=rater)


def _key(said: Said) -> tuple[str, ...]:
    return (said.item,) if isinstance(said, Rating) else said.items


def _answer(said: Said | None) -> str | None:
    if said is None:
        return None
    return said.valid if isinstance(said, Rating) else said.better

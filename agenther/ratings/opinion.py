"""What several people say of one item, as one opinion."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from agenther.store.book import Drawn, Rating


class Opinion(NamedTuple):
    """Of those who said yes or no, the majority; None where they are divided, or nobody was sure."""

    item: str
    run_id: str
    valid: bool | None
    drawn: Drawn
    """At random, where one rater came to it so."""
    said: tuple[str, ...]
    """What each rater answered, by their names."""


def opinions(ratings: Iterable[Rating]) -> dict[str, Opinion]:
    """By item."""
    by_item: defaultdict[str, list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_item[rating.item].append(rating)
    return {item: _opinion(sorted(said, key=lambda one: one.rater)) for item, said in by_item.items()}


def _opinion(ratings: list[Rating]) -> Opinion:
    votes = Counter(rating.valid for rating in ratings)
    valid = None if votes["yes"] == votes["no"] else votes["yes"] > votes["no"]
    first = next((one for one in ratings if one.drawn == "random"), ratings[0])
    return Opinion(first.item, first.run_id, valid, first.drawn, tuple(rating.valid or "" for rating in ratings))

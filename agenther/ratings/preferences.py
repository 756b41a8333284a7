"""What was held to be better, of two goals of one run, or of two runs for one goal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from agenther.ratings.items import Item
from agenther.records import Record
from agenther.store.book import Preference
from agenther.tally.counts import Table
from agenther.tally.shares import Share, by_runs

LONGEST = 10
"""Items that are named in a table."""


class Preferred(Record):
    """How often an item was held to be better than one beside it."""

    item: str
    accepted: bool
    better: Share


class Comparison(Record):
    """Of two items, one of which was held to be better; each rater counts."""

    decided: int
    neither: int
    """Where neither was held to be better; it counts nowhere else."""
    accepted: Share
    """Where one was accepted and one refused, the accepted one was better."""
    surer: Share
    """Where their scores differ, that with the higher one was better."""
    first: Share
    """The one that was shown first was better: half of them, unless raters do not look."""
    items: tuple[Preferred, ...]
    """The most often compared first."""


def compare(preferences: Iterable[Preference], items: Mapping[str, Item]) -> Comparison | None:
    """None where nothing was compared that is among the items."""
    known = [one for one in preferences if one.items[0] in items and one.items[1] in items]
    decided = [one for one in known if one.better != "neither"]
    order = [(items[one.items[one.better != "first"]], items[one.items[one.better == "first"]]) for one in decided]
    gates = [(better, worse) for better, worse in order if better.accepted != worse.accepted]
    scores = [(better, worse) for better, worse in order if better.score != worse.score]
    if not known:
        return None
    return Comparison(
        decided=len(decided),
        neither=len(known) - len(decided),
        accepted=by_runs((better.run_id, better.accepted) for better, _ in gates),
        surer=by_runs((better.run_id, better.score > worse.score) for better, worse in scores),
        first=by_runs((one.run_ids[0], one.better == "first") for one in decided),
        items=tuple(_by_item(order)),
    )


def _by_item(order: list[tuple[Item, Item]]) -> Iterator[Preferred]:
    said: defaultdict[str, list[bool]] = defaultdict(list)
    held = {one.id: one for two in order for one in two}
    for better, worse in order:
        said[better.id].append(True)
        said[worse.id].append(False)
    for item in sorted(said, key=lambda item: (-len(said[item]), -sum(said[item]), item)):
        share = Share(part=sum(said[item]), of=len(said[item]))
        yield Preferred(item=item, accepted=held[item].accepted, better=share)


def tables(found: Comparison) -> Iterator[Table]:
    """To look at."""
    rows = (
        ("the accepted one, not the refused one", str(found.accepted)),
        ("the one with the higher score", str(found.surer)),
        ("the one that was shown first", str(found.first)),
    )
    yield Table("Preferences", ("of two, this was better", "so often"), rows if found.decided else ())
    named = tuple(
        (one.item, "accepted" if one.accepted else "refused", f"{one.better.part} of {one.better.of}")
        for one in found.items[:LONGEST]
    )
    yield Table("Most often compared", ("item", "gate", "better than the other"), named)


def in_short(found: Comparison) -> Iterator[str]:
    """In some lines."""
    if found.accepted.of:
        yield f"of one accepted and one refused, the accepted one was better in {found.accepted} comparisons"
    yield f"of {found.decided + found.neither} comparisons, {found.neither} found neither better"

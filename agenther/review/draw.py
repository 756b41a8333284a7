"""What is put before raters, and in which order: proposals accepted and refused alike, and near-misses among them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

from agenther.errors import StoreError
from agenther.probe.twins import Twin, twins
from agenther.ratings.items import Item, Ticket, by_lot, item_id, of_run, order_of, proposals
from agenther.records import Diagnosis, Judged, Rejection, Sample, Trajectory
from agenther.store import run_folder
from agenther.store.book import Drawn

Order = Literal["random", "stratified"]


class Candidate(NamedTuple):
    """A proposal to be rated."""

    item: Item
    judged: Judged
    diagnosis: Diagnosis | None
    twin: Twin | None = None
    """Of a near-miss, what was changed to make it wrong."""


class Card(NamedTuple):
    """What is put before a rater at once: a candidate, or two of which one may be better."""

    shown: tuple[Candidate, ...]
    drawn: Drawn

    @property
    def key(self) -> tuple[str, ...]:
        """The ids of what it shows."""
        return tuple(one.item.id for one in self.shown)


def candidates(folder: Path, every: int = 0) -> list[Candidate]:
    """The proposals of a finished run, and a near-miss for one in `every` that was accepted; 0 makes none."""
    found: dict[str, Candidate] = {}
    accepted = 0
    for stored in run_folder.stored(folder):
        if isinstance(stored, Rejection):
            continue
        trajectory, result = stored
        samples = iter(result.samples)
        for item, judged in zip(of_run(trajectory, result), proposals(result), strict=True):
            found.setdefault(item.id, Candidate(item, judged, result.diagnosis))
            if judged.accepted and (sample := next(samples, None)):
                if every and accepted % every == 0:
                    goals = {one.proposal.goal for one in result.judged}
                    found |= {one.item.id: one for one in _near_miss(found[item.id], sample, trajectory, goals)}
                accepted += 1
    return list(found.values())


def _near_miss(true: Candidate, sample: Sample, trajectory: Trajectory, goals: set[str]) -> Iterator[Candidate]:
    """One whose goal nobody proposed."""
    made = (twin for twin in twins(sample, trajectory, each=1) if twin.goal not in goals)
    if chosen := min(made, key=lambda twin: by_lot(twin.goal), default=None):
        proposal = true.judged.proposal.model_copy(update={"goal": chosen.goal})
        judged = Judged(proposal=proposal, accepted=True)
        item = true.item.model_copy(update={"id": item_id(judged), "goal": chosen.goal, "doubts": ()})
        yield Candidate(item, judged, true.diagnosis, chosen)


def cards(found: Iterable[Candidate], order: Order) -> list[Card]:
    """One of each. At random, or from each band of scores in turn, accepted and refused apart."""
    mixed = list(found)
    places = order_of(
        Ticket(one.item.id, f"{one.item.run_id}{' made wrong' if one.twin else ''}", one.item.score > 0)
        for one in mixed
    )
    by_chance = sorted(mixed, key=lambda one: places[one.item.id])
    drawn = by_chance if order == "random" else _stratified(by_chance)
    return [Card((one,), "near-miss" if one.twin else order) for one in drawn]


def _stratified(by_chance: list[Candidate]) -> Iterator[Candidate]:
    bands: defaultdict[tuple[bool, int], list[Candidate]] = defaultdict(list)
    for one in by_chance:
        bands[one.item.accepted, int(one.item.score * 10)].append(one)
    for row in zip_longest(*(bands[band] for band in sorted(bands))):
        yield from (one for one in row if one is not None)


def pairs(found: Sequence[Candidate]) -> list[Card]:
    """Two goals of one run, and two runs for one goal, in an order drawn by lot.

    Raises StoreError when there is nothing to compare.
    """
    by_run: defaultdict[str, list[Candidate]] = defaultdict(list)
    by_goal: defaultdict[str, dict[str, Candidate]] = defaultdict(dict)
    for one in sorted(found, key=lambda one: by_lot(one.item.id)):
        if one.twin is None:
            by_run[one.item.run_id].append(one)
            by_goal[" ".join(one.item.goal.casefold().split())].setdefault(one.item.run_id, one)
    groups = [*by_run.values(), *(list(runs.values()) for runs in by_goal.values())]
    made = [Card(two, "random") for group in groups for two in pairwise(group)]
    return sorted(made, key=lambda card: by_lot(" ".join(card.key)))


def drawn(folder: Path, order: Order, every: int, *, in_pairs: bool) -> list[Card]:
    """All cards of the run folder. Raises StoreError when there are none."""
    found = candidates(folder, 0 if in_pairs else every)
    if not found:
        raise StoreError(folder, "holds no proposals to rate")
    if not in_pairs:
        return cards(found, order)
    if not (made := pairs(found)):
        raise StoreError(folder, "holds no two goals of one run, and no goal of two runs, to compare")
    return made

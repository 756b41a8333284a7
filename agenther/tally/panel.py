"""What the judges of a run said of its proposals, and how far they say the same.

Judges who err alike are worth fewer votes than their number tells: with a mean correlation ρ of their verdicts, n
of them are worth n / (1 + (n - 1)ρ) independent ones.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import sqrt
from statistics import fmean

from agenther.records import Judged, Record
from agenther.settings import Settings
from agenther.tally.counts import Table

ENOUGH = 10
"""Proposals that two judges have to have in common before their agreement means anything."""
UNKNOWN = "n/a"


class Seat(Record):
    """What one judge did."""

    judge: str
    asked: int
    refused: int
    """It did not consent: no, not sure enough, or no usable answer."""
    refused_alone: int | None
    """Of the proposals that were put to all judges, those that it alone refused. None when it refused some, and
    never one that all others were asked about too, as the first to refuse may end it; and when there are no others."""


class Pair(Record):
    """Two models, over the proposals that both were asked about."""

    judges: tuple[str, str]
    asked: int
    agreed: int
    kappa: float | None
    """Cohen's. None with fewer than ENOUGH proposals, or when one of the two always said the same."""
    correlation: float | None
    """Pearson's, of their votes; None likewise."""


class Panel(Record):
    """All judges of a run, the mechanical one first. It has no vote, but a veto, and so is in no pair."""

    seats: tuple[Seat, ...]
    pairs: tuple[Pair, ...]
    correlation: float | None
    """Mean of the pairs'; None when none has any."""
    effective_votes: float | None
    """How many independent votes those of the models are worth; None when that cannot be told."""


def panel(judges: Iterable[str], judged: Iterable[Judged], settings: Settings) -> Panel | None:
    """Counts the verdicts. None when there are none."""
    votes = Counter(
        tuple((verdict.judge, settings.consents(verdict)) for verdict in one.verdicts) for one in judged if one.verdicts
    )
    ballots = [(dict(ballot), times) for ballot, times in votes.items()]
    if not ballots:
        return None
    names = tuple(dict.fromkeys(judges))
    pairs = tuple(_pair(one, other, ballots) for one, other in combinations(names[1:], 2))
    known = [pair.correlation for pair in pairs if pair.correlation is not None]
    rho = round(fmean(known), 4) if known else None
    return Panel(
        seats=tuple(_seat(name, names, ballots) for name in names),
        pairs=pairs,
        correlation=rho,
        effective_votes=effective(len(names) - 1, rho),
    )


def effective(votes: int, rho: float | None) -> float | None:
    """What that many votes are worth. None without ρ, and where opposite votes cancel each other out."""
    if votes == 1:
        return 1.0
    share = 1 + (votes - 1) * rho if votes and rho is not None else 0.0
    return round(votes / share, 2) if share > 0 else None


_Ballots = list[tuple[dict[str, bool], int]]


def _seat(name: str, names: tuple[str, ...], ballots: _Ballots) -> Seat:
    refusals = [(ballot, times) for ballot, times in ballots if ballot.get(name) is False]
    refused = sum(times for _, times in refusals)
    by_all = [(ballot, times) for ballot, times in refusals if all(judge in ballot for judge in names)]
    alone = sum(times for ballot, times in by_all if sum(ballot[judge] for judge in names) == len(names) - 1)
    return Seat(
        judge=name,
        asked=sum(times for ballot, times in ballots if name in ballot),
        refused=refused,
        refused_alone=alone if len(names) > 1 and (by_all or not refused) else None,
    )


def _pair(one: str, other: str, ballots: _Ballots) -> Pair:
    said: Counter[tuple[bool, bool]] = Counter()
    for ballot, times in ballots:
        if one in ballot and other in ballot:
            said[ballot[one], ballot[other]] += times
    both, first, second, neither = (said[vote] for vote in ((True, True), (True, False), (False, True), (False, False)))
    excess = 2 * (both * neither - first * second)
    spread = (both + first) * (second + neither), (both + second) * (first + neither)
    is_known = said.total() >= ENOUGH and all(spread)
    by_chance = (both + first) * (first + neither) + (both + second) * (second + neither)
    return Pair(
        judges=(one, other),
        asked=said.total(),
        agreed=both + neither,
        kappa=round(excess / by_chance, 4) if is_known else None,
        correlation=round(excess / 2 / sqrt(spread[0] * spread[1]), 4) if is_known else None,
    )


def tables(found: Panel) -> Iterator[Table]:
    """The panel, to look at."""
    seats = tuple(
        (seat.judge, str(seat.asked), str(seat.refused), _share(seat.refused, seat.asked), _told(seat.refused_alone))
        for seat in found.seats
    )
    yield Table("Judges", ("judge", "asked", "refused", "share", "refused alone"), seats)
    pairs = tuple(
        (*pair.judges, str(pair.asked), _share(pair.agreed, pair.asked), _told(pair.kappa), _told(pair.correlation))
        for pair in found.pairs
    )
    yield Table("Judges in pairs", ("judge", "and", "both asked", "agreed", "kappa", "correlation"), pairs)
    if found.pairs:
        worth = (str(len(found.seats) - 1), _told(found.correlation), _told(found.effective_votes))
        yield Table("Votes of models", ("judges", "mean correlation", "effective votes"), (worth,))


def _share(part: int, of: int) -> str:
    return f"{part / of:.0%}" if of else UNKNOWN


def _told(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:g}"

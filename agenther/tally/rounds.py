"""What each round added, in tables."""

from collections import Counter
from collections.abc import Iterator, Sequence

from agenther.records import Reason
from agenther.tally.counts import Counts, Table

NO_FAILURE = frozenset({Reason.SUCCESS, Reason.NOT_KNOWN_TO_FAIL})
"""Reasons of runs of which nobody says that they failed, whatever their steps look like."""


def tables(rounds: Sequence[Counts]) -> Iterator[Table]:
    """Of all rounds, the first one first; nothing for a run that comes after no other."""
    if len(rounds) > 1:
        yield Table("Rounds", ("round", *_COLUMNS), tuple(_rows(rounds)))
        yield Table("Goal types by round", *_by_round([Counter(one.samples_by_kind) for one in rounds]))
        yield Table("Failure types by round", *_by_round([failures(one) for one in rounds]))


_COLUMNS = ("runs", "failures", "with samples", "yield", "samples", "goal types", "new goal types")


def failures(counts: Counts) -> Counter[str]:
    """Runs that failed, by how."""
    found: Counter[str] = Counter()
    for group in counts.groups:
        if group.failure_type and group.reason not in NO_FAILURE:
            found[group.failure_type] += group.runs
    return found


def _rows(rounds: Sequence[Counts]) -> Iterator[tuple[str, ...]]:
    known: set[str] = set()
    for number, one in enumerate(rounds, 1):
        runs = sum(group.runs for group in one.groups if group.format)
        share = f"{one.with_samples / runs:.0%}" if runs else "0%"
        kinds = one.samples_by_kind.keys()
        numbers = (runs, failures(one).total(), one.with_samples)
        yield (*map(str, (number, *numbers)), share, *map(str, (one.samples, len(kinds), len(kinds - known))))
        known |= kinds


def _by_round(found: Sequence[Counter[str]]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """(columns, rows): how often there was each, and what the last round changed."""
    names = sorted(set().union(*found))
    rows = tuple((name, *(str(one[name]) for one in found), _change(name, found)) for name in names)
    return ("", *(f"round {number}" for number in range(1, len(found) + 1)), "in the last"), rows


def _change(name: str, found: Sequence[Counter[str]]) -> str:
    *before, last = (one[name] for one in found)
    if last and not any(before):
        return "new"
    if last and not before[-1]:
        return "back"
    return "gone" if before[-1] and not last else ""

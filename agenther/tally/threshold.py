"""A threshold with a guarantee, found by testing thresholds in a fixed order, the strictest first.

Fixed-sequence testing of Learn then Test (Angelopoulos et al., arXiv 2110.01052), with exact binomial p-values, as
"Trust or Escalate" (Jung et al., arXiv 2407.18370) has it for judges. The order may depend on scores and must not
depend on labels.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from math import ceil, log
from typing import NamedTuple

from agenther.records import Record

LEVELS = 100
"""At most so many thresholds are tested."""
SPARE = 1.6
"""The first threshold has so many times the ratings that do without a fault, so that a fault or two end nothing."""
FARTHEST = 1_000_000
"""More ratings than that nobody makes."""


class Rated(NamedTuple):
    """One unit that was rated."""

    score: float
    valid: bool


class Tested(Record):
    """One threshold, held against the units that reach it."""

    threshold: float
    of: int
    wrong: int
    p_value: float
    """Of the hypothesis that precision is below the target."""
    low: float
    """Clopper–Pearson's lower bound of precision, one-sided."""

    def passes(self, risk: float) -> bool:
        return self.p_value <= risk

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.of if self.of else 0.0


def levels(scores: Iterable[float]) -> list[float]:
    """Thresholds to test for units of these scores, the strictest first: all different ones, or evenly some of them."""
    different = sorted(set(scores), reverse=True)
    step = ceil(len(different) / LEVELS) if different else 1
    return different[step - 1 :: step] or different[-1:]


def order(scores: Sequence[float], rated: int, target: float, risk: float) -> list[float]:
    """The thresholds in the order of the tests, by the scores of all units, of which `rated` are drawn at random.

    The first is the strictest that leaves enough of them to be passed at all.
    """
    tested = levels(scores)
    enough = min(SPARE * faultless(target, risk), rated)
    few = takewhile(lambda level: sum(score >= level for score in scores) * rated < enough * len(scores), tested)
    return tested[len(list(few)) :]


def held_against(rated: Iterable[Rated], threshold: float, target: float, risk: float) -> Tested:
    """That threshold alone."""
    from scipy.stats import beta, binom  # noqa: PLC0415 - an extra, and slow to import

    reached = [one.valid for one in rated if one.score >= threshold]
    of, wrong = len(reached), reached.count(False)
    low = float(beta.ppf(risk, of - wrong, wrong + 1)) if of > wrong else 0.0
    p_value = float(binom.cdf(wrong, of, 1 - target)) if of else 1.0
    return Tested(threshold=threshold, of=of, wrong=wrong, p_value=p_value, low=low)


def in_sequence(rated: Sequence[Rated], thresholds: Iterable[float], target: float, risk: float) -> list[Tested]:
    """The tests up to and including the first that fails. Precision at each that passed is at least `target`, with a
    probability of at least 1 - `risk` for all of them together.
    """
    tests = []
    for threshold in thresholds:
        tests.append(held_against(rated, threshold, target, risk))
        if not tests[-1].passes(risk):
            break
    return tests


def faultless(target: float, risk: float) -> int:
    """How many ratings without a fault show that much precision."""
    return ceil(round(log(risk) / log(target), 9)) if target < 1 else FARTHEST


def needed(share_wrong: float, target: float, risk: float) -> int | None:
    """How many ratings would show it if that share of them were wrong. None when no number would."""
    from scipy.stats import binom  # noqa: PLC0415 - as above

    if share_wrong >= 1 - target:
        return None
    low, high = 1, 1
    while float(binom.cdf(ceil(share_wrong * high), high, 1 - target)) > risk:
        low, high = high, high * 2
        if high > FARTHEST:
            return None
    while low < high:
        middle = (low + high) // 2
        if float(binom.cdf(ceil(share_wrong * middle), middle, 1 - target)) <= risk:
            high = middle
        else:
            low = middle + 1
    return high

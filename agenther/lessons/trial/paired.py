"""Arms held against each other, task by task."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import ceil, comb, sqrt
from statistics import fmean

from agenther.lessons.trial.records import Block
from agenther.records import Record
from agenther.tally.shares import SURE, wilson

GAIN = 0.1
"""The least gain beyond the placebo that is worth having, unless the user says otherwise."""


FEWEST = 6
"""Tasks that can show a difference at all, if all of them come out the same way."""


class Mean(Record):
    """Of values from 0 to 1, by task: each counts the same, however often it was tried."""

    value: float
    low: float
    high: float
    """At 95 %."""


class Difference(Mean):
    """Between two arms; task by task."""

    chance: float
    """How likely so uneven a split of the tasks that came out differently is where the arms are alike: the exact
    two-sided sign test, which is McNemar's where each task was tried once.
    """

    @property
    def is_more(self) -> bool:
        return self.low > 0 and self.chance <= 1 - SURE

    @property
    def is_less(self) -> bool:
        return self.high < 0 and self.chance <= 1 - SURE


class Said(StrEnum):
    """What follows."""

    HELPS = "helps beyond the placebo"
    HARMS = "does harm"
    NO_BETTER = "no better than an unrelated text"
    TOO_FEW = "too few to tell"


class Found(Record):
    tasks: int
    runs: int
    """In each arm."""
    success: dict[str, Mean]
    """By arm."""
    differences: dict[str, Difference]
    """Between two arms."""
    said: Said
    needs: int | None = None
    """Tasks, about, that would tell, if the differences stay what they are; None where these do."""


def found(blocks: Iterable[Block], gain: float = GAIN) -> Found:
    by_task: dict[str, list[Block]] = {}
    for block in blocks:
        by_task.setdefault(block.task, []).append(block)

    def arm(value: Callable[[Block], float]) -> list[float]:
        return [fmean(map(value, some)) for some in by_task.values()]

    none, lesson, placebo = arm(lambda one: one.none), arm(lambda one: one.helped), arm(lambda one: one.placebo)
    over_none, over_placebo = difference(lesson, none), difference(lesson, placebo)
    said = _said(len(by_task), over_none, over_placebo, gain)
    return Found(
        tasks=len(by_task),
        runs=sum(map(len, by_task.values())),
        success={"none": _mean(none), "lesson": _mean(lesson), "placebo": _mean(placebo)},
        differences={
            "lesson - none": over_none,
            "lesson - placebo": over_placebo,
            "placebo - none": difference(placebo, none),
        },
        said=said,
        needs=_needs(len(by_task), over_none, over_placebo, gain) if said == Said.TOO_FEW else None,
    )


def _said(tasks: int, over_none: Difference, over_placebo: Difference, gain: float) -> Said:
    if over_none.is_less:
        return Said.HARMS
    if over_none.is_more and over_placebo.is_more:
        return Said.HELPS
    return Said.NO_BETTER if tasks >= FEWEST and over_placebo.high < gain else Said.TOO_FEW


def _needs(tasks: int, over_none: Difference, over_placebo: Difference, gain: float) -> int:
    """An interval is as wide as one over the root of the tasks. It has to lie above 0, or all below the gain."""

    def by(one: Mean, room: float) -> float:
        return ceil(tasks * ((one.high - one.low) / 2 / max(room, 0.01)) ** 2)

    helps = max(by(over_none, over_none.value), by(over_placebo, over_placebo.value))
    return max(tasks + 1, FEWEST, int(min(helps, by(over_placebo, gain - over_placebo.value))))


def _mean(values: Sequence[float]) -> Mean:
    value = fmean(values) if values else 0.0
    low, high = wilson(value, len(values))
    return Mean(value=value, low=low, high=high)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Of the means of two arms, with the interval of Newcombe's method 10 for paired proportions (Statistics in
    Medicine 17, 1998, 2635-2650), at 95 %.

    A pair is a task. Where each was tried once and a value is 0 or 1 it is that method to the letter; means of several
    tries, and scores, spread no more than such values do, so that the interval errs to the wide side.
    """
    n, one, other = len(first), _mean(first), _mean(second)
    if not n:
        return Difference(value=0, low=-1, high=1, chance=1)
    together = sum(a * b for a, b in zip(first, second, strict=True)) / n - one.value * other.value
    together = max(0.0, together - 1 / (2 * n)) if together > 0 else together
    spread = sqrt(one.value * (1 - one.value) * other.value * (1 - other.value))
    phi = together / spread if spread else 0.0

    def reach(mine: float, theirs: float) -> float:
        return sqrt(max(0.0, mine * mine - 2 * phi * mine * theirs + theirs * theirs))

    value = one.value - other.value
    return Difference(
        value=value,
        chance=_chance(first, second),
        low=value - reach(one.value - one.low, other.high - other.value),
        high=value + reach(one.high - one.value, other.value - other.low),
    )


def _chance(first: Sequence[float], second: Sequence[float]) -> float:
    more = sum(a > b for a, b in zip(first, second, strict=True))
    apart = more + sum(a < b for a, b in zip(first, second, strict=True))
    tail = sum(comb(apart, n) for n in range(max(more, apart - more), apart + 1)) * 2
    return min(1.0, tail / (1 << apart))

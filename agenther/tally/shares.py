"""Shares, and how far a count of so many can be trusted."""

from collections.abc import Iterable
from math import ceil, sqrt

from agenther.records import Record

Z = 1.96
"""Standard deviations on each side of a normal distribution's 95 %."""
SURE = 0.95


class Share(Record):
    """How many of so many."""

    part: int
    of: int
    units: int | None = None
    """How many of them count as independent, where that is fewer: pairs of one run are alike."""

    @property
    def value(self) -> float:
        return self.part / self.of if self.of else 0.0

    @property
    def rest(self) -> "Share":
        """The others of so many."""
        return self.model_copy(update={"part": self.of - self.part})

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %, of the independent ones; (0, 1) when there is nothing to count."""
        return wilson(self.value, self.units or self.of)

    def more(self, width: float) -> int:
        """How many more units like these would make the interval no wider than that."""
        p = min(max(self.value, 1 / (2 * max(1, self.of))), 1 - 1 / (2 * max(1, self.of)))
        return max(0, ceil(4 * Z * Z * p * (1 - p) / width**2) - (self.units or self.of))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.part} of {self.of} ({low:.1%} to {high:.1%})" if self.of else "none"


def wilson(value: float, n: int) -> tuple[float, float]:
    """The interval of a share of n, at 95 %; (0, 1) when there is nothing to count."""
    if not n:
        return 0.0, 1.0
    centre = value + Z * Z / (2 * n)
    spread = Z * sqrt(value * (1 - value) / n + Z * Z / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + Z * Z / n) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def exact(share: Share) -> tuple[float, float]:
    """Clopper and Pearson's interval at 95 %, of the independent ones, as Korn and Graubard (1998) have it for
    clusters; (0, 1) when there is nothing to count.
    """
    from scipy.stats import beta  # noqa: PLC0415 - an extra, and slow to import

    if not share.of:
        return 0.0, 1.0
    n = share.units or share.of
    part, risk = n * share.value, 1 - SURE
    low = float(beta.ppf(risk / 2, part, n - part + 1)) if part else 0.0
    return low, float(beta.ppf(1 - risk / 2, part + 1, n - part)) if part < n else 1.0


def by_runs(counted: Iterable[tuple[str, bool]]) -> Share:
    """Of (run, is it so), how many are so; only as many as there are runs are independent."""
    found = list(counted)
    return Share(part=sum(is_so for _, is_so in found), of=len(found), units=len({run for run, _ in found}))

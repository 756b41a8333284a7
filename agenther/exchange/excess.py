"""Has a source more records at fault than all others have, and than anybody is allowed?

By Fisher's exact test against the others, and by a binomial test against what is allowed: both one-sided, at 5 %
divided by the number of sources (Bonferroni), and the larger p counts. Against others alone, a single slip of a small
source would do, where one of another domain has a thousand records without any.
"""

from collections import Counter, defaultdict
from math import exp, lgamma, log
from typing import NamedTuple

RISK = 0.05
ALLOWED = 0.1
"""Share of its records that may be at fault before a source can be set aside."""
FEWEST = 3
"""Sources, of which one can be told from the others."""


class Test(NamedTuple):
    """A source held against all others."""

    source: str
    faults: int
    of: int
    others: int
    others_of: int
    p_value: float
    """The larger of two: against all others, and against what is allowed."""
    is_out: bool

    @property
    def words(self) -> str:
        return (
            f"{self.source} is set aside: {self.faults} of its {self.of} records are at fault, of the others' "
            f"{self.others} of {self.others_of} (p = {self.p_value:.2g})"
        )


def tests(counts: Counter[tuple[frozenset[str], bool]]) -> list[Test]:
    """Each source held against the others, the worst first, until none is worse than they are. One that is out is no
    longer among the others; never as many as half are.

    Of `counts`, how many records, at fault or not, are whose.
    """
    left = {name for own, _ in counts for name in own}
    sources, done = len(left), list[Test]()
    while len(left) >= FEWEST:
        held = _held(counts, left, RISK / sources)
        worst = min(held, key=lambda test: (test.p_value, test.source))
        if not worst.is_out or 2 * (sources - len(left) + 1) >= sources:
            return [*done, *(test._replace(is_out=False) for test in held)]
        done.append(worst)
        left.remove(worst.source)
    return done


def _held(counts: Counter[tuple[frozenset[str], bool]], left: set[str], risk: float) -> list[Test]:
    """Each source that is left against the rest of them, from how many records, at fault or not, are whose."""
    all_of: Counter[bool] = Counter()
    own: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    alone: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for (holders, is_faulty), many in counts.items():
        giving = holders & left
        all_of[is_faulty] += many if giving else 0
        for name in giving:
            own[name][is_faulty] += many
            alone[name][is_faulty] += many if len(giving) == 1 else 0
    found = []
    for name in sorted(left):
        faults, of = own[name][True], own[name].total()
        others, others_of = all_of[True] - alone[name][True], all_of.total() - alone[name].total()
        p_value = max(at_least(faults, of, others, others_of), more_than_allowed(faults, of))
        found.append(Test(name, faults, of, others, others_of, p_value, p_value <= risk))
    return found


def more_than_allowed(faults: int, of: int) -> float:
    """The chance of as many faults among `of` records or more, if each had the chance that is allowed (binomial)."""
    odds = (log(ALLOWED), log(1 - ALLOWED))
    return min(1.0, sum(exp(_ways(of, n) + n * odds[0] + (of - n) * odds[1]) for n in range(faults, of + 1)))


def at_least(faults: int, of: int, others: int, others_of: int) -> float:
    """The chance of as many faults among `of` records or more, if both were drawn from the same (Fisher's test)."""
    total = faults + others
    most = min(of, total)
    return min(
        1.0,
        sum(
            exp(_ways(of, n) + _ways(others_of, total - n) - _ways(of + others_of, total))
            for n in range(faults, most + 1)
            if total - n <= others_of
        ),
    )


def _ways(of: int, n: int) -> float:
    """Logarithm of the number of ways to draw n."""
    return lgamma(of + 1) - lgamma(n + 1) - lgamma(of - n + 1)

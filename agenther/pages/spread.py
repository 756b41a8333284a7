"""How new goals are spread against the failed ones (AgentHER, Table 8): clusters covered, entropy, divergence.

Goals are compared by their words (TF-IDF), and clustered together by k-means; nothing is downloaded.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log2

from agenther.records import Record
from agenther.tally.counts import Table

CLUSTERS = 20
"""At most, and no more than a quarter of the goals."""
MOST = 5_000
"""Goals of each sort that are looked at; of more, evenly some."""
SEED = 7


class Spread(Record):
    """Of goals over the clusters of all of them."""

    clusters: int
    of_old: int
    """Clusters with a failed goal in them."""
    covered: int
    """Of these, how many have a new goal too."""
    old_entropy: float
    """In bits; the most there can be is log2 of the clusters."""
    new_entropy: float
    divergence: float
    """Jensen–Shannon's, in bits: 0 the same spread, 1 nothing in common."""


def spread(old: Sequence[str], new: Sequence[str]) -> Spread | None:
    """None when there are too few goals to tell, or they hold no words."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - an extra, and slow to import
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - as above

    old, new = _some(old), _some(new)
    count = min(CLUSTERS, (len(old) + len(new)) // 4)
    if count < 2 or not old or not new:
        return None
    try:
        vectors = TfidfVectorizer(sublinear_tf=True).fit_transform([*old, *new])
    except ValueError:  # not one word in all of them
        return None
    count = min(count, len({(tuple(row.indices), tuple(row.data)) for row in vectors}))
    found = KMeans(count, random_state=SEED, n_init=4).fit_predict(vectors)
    first, second = Counter(found[: len(old)].tolist()), Counter(found[len(old) :].tolist())
    mixed = {cluster: (first[cluster] / len(old) + second[cluster] / len(new)) / 2 for cluster in first | second}
    bits = _entropy(first.values()), _entropy(second.values())
    return Spread(
        clusters=len(mixed),
        of_old=len(first),
        covered=len(first.keys() & second.keys()),
        old_entropy=round(bits[0], 3),
        new_entropy=round(bits[1], 3),
        divergence=round(max(0.0, _entropy(mixed.values()) - sum(bits) / 2), 3),
    )


def _some(goals: Sequence[str]) -> list[str]:
    return [*goals[:: -(-len(goals) // MOST) or 1]]


def _entropy(weights: Iterable[float]) -> float:
    """In bits."""
    shares = [weight for weight in weights if weight]
    return -sum(share / sum(shares) * log2(share / sum(shares)) for share in shares)


def table(found: Spread) -> Table:
    """To look at."""
    rows = (
        ("clusters of goals", str(found.clusters)),
        ("with a failed goal", str(found.of_old)),
        ("of these, with a new goal too", f"{found.covered} ({found.covered / found.of_old:.0%})"),
        ("entropy of failed goals, bits", f"{found.old_entropy:.2f}"),
        ("entropy of new goals, bits", f"{found.new_entropy:.2f}"),
        ("Jensen-Shannon divergence, bits", f"{found.divergence:.3f}"),
    )
    return Table("Spread of goals", ("", "number"), rows)


def by_round(found: Sequence[Spread | None]) -> Table:
    """The same of several rounds; those with too few goals are left out."""
    rows = tuple(
        (
            str(number),
            f"{one.covered} of {one.of_old}",
            f"{one.old_entropy:.2f}",
            f"{one.new_entropy:.2f}",
            f"{one.divergence:.3f}",
        )
        for number, one in enumerate(found, 1)
        if one
    )
    columns = ("round", "clusters of failed goals reached", "entropy, failed", "entropy, new", "divergence")
    return Table("Spread of goals by round", columns, rows)

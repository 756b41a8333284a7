"""How much each source counts: none more than its share of all, and no record more than 1."""

from collections.abc import Mapping


def share_of(sources: int) -> float:
    """What one of so many sources may be at most: half, and no more than twice its equal part."""
    return min(0.5, 2 / sources) if sources > 1 else 1.0


def scales(masses: Mapping[str, float], share: float) -> dict[str, float]:
    """By what each source's records are weighed, from the number that it gives, so that all give as much as they may.

    A record that several give counts for each by an equal part. The share is an equal part at least.
    """
    ordered = sorted(masses.values(), reverse=True)
    rest = sum(ordered)
    for many, most in enumerate(ordered):
        left = 1 - many * share
        if left <= 0:
            break
        limit = share * rest / left
        if most <= limit * (1 + 1e-12):
            return {name: min(1.0, limit / mass) if many and mass > most else 1.0 for name, mass in masses.items()}
        rest -= most
    return {name: ordered[-1] / mass for name, mass in masses.items()}

"""How far raters say the same of the same, beyond chance."""

from collections import Counter
from collections.abc import Sequence

Answers = Sequence[Sequence[str]]
"""For each thing that was rated, what was said of it, one answer a rater; raters may differ from thing to thing."""


def alpha(answers: Answers) -> float | None:
    """Krippendorff's α for categories (Krippendorff 2011). None when nothing was rated twice, or all say the same.

    It takes things that fewer raters have seen.
    """
    import krippendorff  # noqa: PLC0415 - an extra

    kinds = sorted({answer for said in answers for answer in said})
    counted = [[Counter(said)[kind] for kind in kinds] for said in answers if len(said) > 1]
    if sum(any(of[n] for of in counted) for n in range(len(kinds))) < 2:
        return None
    return float(krippendorff.alpha(value_counts=counted, level_of_measurement="nominal"))


def kappa(answers: Answers) -> float | None:
    """Fleiss' κ (Fleiss 1971). None when not all things have as many answers, and where α has none."""
    raters = {len(said) for said in answers}
    if len(raters) != 1 or (n := raters.pop()) < 2:
        return None
    counts = [Counter(said) for said in answers]
    total = sum(counts, Counter[str]())
    agreed = sum(sum(times * (times - 1) for times in count.values()) for count in counts) / len(counts) / n / (n - 1)
    by_chance = sum((times / total.total()) ** 2 for times in total.values())
    return None if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)

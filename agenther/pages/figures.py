"""Figures as SVG: for a page, a paper or a card. They bring their own colours where no page gives them any."""

from collections.abc import Sequence

from markupsafe import Markup

from agenther.pages.facts import Facts, Narrowing
from agenther.pages.html import fragment

WIDTH = 720
"""In user units; a page scales it."""
ROW = 56
REASONS = 3
"""Of what was lost on the way, so many reasons are named in the figure."""
TALL = 140


def funnel(widths: Sequence[Narrowing]) -> Markup:
    """From logs to samples, and what was lost at each step and why."""
    most = max([1, *(one.left for one in widths)])
    rows = [
        {
            "name": one.name,
            "left": one.left,
            "share": f"{one.left / most:.0%}",
            "y": ROW * number,
            "width": round(_scaled(one.left, most), 1),
            "lost": _lost(one),
        }
        for number, one in enumerate(widths)
    ]
    return fragment("funnel.svg", rows=rows, height=ROW * len(rows), width=WIDTH)


def _scaled(left: int, most: int) -> float:
    return (WIDTH - 300) * left / most


def _lost(one: Narrowing) -> str:
    named = [f"{logs:,} {reason}" for reason, logs in one.lost[:REASONS]]
    more = sum(logs for _, logs in one.lost[REASONS:])
    return ", ".join([*named, f"{more:,} for other reasons"] if more else named)


def histogram(title: str, bins: Sequence[int], labels: tuple[str, str], others: Sequence[int] = ()) -> Markup:
    """Bars for each bin; `others` stand on top of them. The labels are those of the two ends."""
    stacked = [one + (others[number] if others else 0) for number, one in enumerate(bins)]
    most = max([1, *stacked])
    wide = (WIDTH // 2 - 40) / len(bins)
    bars = [
        {
            "x": round(30 + number * wide, 2),
            "width": round(wide - 1, 2),
            "height": round(TALL * one / most, 2),
            "top": round(TALL * (stacked[number] - one) / most, 2),
            "one": one,
            "other": stacked[number] - one,
        }
        for number, one in enumerate(bins)
    ]
    return fragment("histogram.svg", title=title, bars=bars, most=most, labels=labels, tall=TALL, width=WIDTH // 2)


def figures(facts: Facts) -> dict[str, Markup]:
    """By name, all that a report shows."""
    accepted, refused = facts.confidence
    return {
        "funnel": funnel(facts.funnel),
        "confidence": histogram("Confidence of proposals", accepted, ("0", "1"), refused),
        "weight": histogram("Weight of samples", facts.weight, ("0", "1")),
        "steps": histogram("Steps of samples", facts.steps[1:], ("1", f"{len(facts.steps) - 1} and more")),
    }

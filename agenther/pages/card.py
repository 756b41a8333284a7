"""The figures that a dataset card shows."""

from collections.abc import Iterator
from pathlib import Path

from agenther.hub.facts import Figure
from agenther.pages.counting import counted
from agenther.pages.figures import figures

SHOWN = {
    "funnel": "From logs to samples: what was lost at each stage, and why",
    "confidence": "Confidence of proposed goals: accepted in blue, refused in red",
}


def card_figures(folder: Path) -> Iterator[Figure]:
    """Of a finished run: counts, and the names of stages and reasons."""
    drawn = figures(counted(folder)[0])
    yield from (Figure(name, about, drawn[name]) for name, about in SHOWN.items())

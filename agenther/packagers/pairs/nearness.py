"""How near a run came to a goal that is not its own."""

from agenther.evidence import arguments
from agenther.records import Sample, Trajectory

HARD = 0.6
"""From this share of the goal's claims on, a run that misses the goal is a hard negative."""


def share(sample: Sample, run: Trajectory) -> float:
    """Which part of the goal's claims the run satisfies too: their quotes stand somewhere in it, word for word."""
    texts = [text for _, text in run.observations()]
    texts += [text for step in run.steps for text in arguments(step)]
    met = [any(claim.quote in text for text in texts) for claim in sample.claims]
    return sum(met) / len(met) if met else 0.0


def band(near: float) -> str:
    """How hard it is to tell a run that misses the goal from one that meets it."""
    return "hard" if near >= HARD else "medium" if near else "easy"

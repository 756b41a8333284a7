"""From what was said of who erred to what we believe: steps of the run, quotes that stand in them, and weights of
which no run has more than 1.
"""

from collections.abc import Iterable, Sequence

from agenther.evidence import place
from agenther.llm.schemas import SaidAttribution
from agenther.records import Attribution, Evidence, Suspect, Tag, Trajectory
from agenther.rendering.tags import plain

MOST = 3
"""Suspects that are named."""


def suspect(trajectory: Trajectory, step: int, weight: float, reason: str, quote: str = "") -> Suspect:
    """A step of the run. A quote that does not stand in it is dropped."""
    return Suspect(
        step=step,
        agent=trajectory.steps[step - 1].agent,
        weight=weight,
        reason=reason.strip(),
        quote=_quoted(trajectory, step, quote),
    )


def _quoted(trajectory: Trajectory, step: int, quote: str) -> str:
    """In the step's own words; a model may have copied a tag as a prompt shows it."""
    spelled = (Evidence(text="", step=step, quote=words) for words in (quote, plain(quote)))
    return next((found.quote for one in spelled if (found := place(trajectory, one))), "")


def suspects(trajectory: Trajectory, said: SaidAttribution) -> tuple[Suspect, ...]:
    """Those that are steps of the run, each once."""
    named = {one.step: one for one in reversed(said.suspects) if 1 <= one.step <= len(trajectory.steps)}
    in_order = reversed(named.values())
    return ranked(suspect(trajectory, one.step, one.probability, one.reason, one.quote) for one in in_order)


def ranked(found: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """The likeliest few, the likeliest first; what is said to be likelier than 1 in all is scaled down to that."""
    likeliest = sorted(found, key=lambda one: -one.weight)[:MOST]
    return scaled(likeliest, min(1.0, sum(one.weight for one in likeliest)))


def scaled(found: Sequence[Suspect], whole: float) -> tuple[Suspect, ...]:
    """The same with weights that make `whole` in all, unless all of them are 0."""
    said = sum(one.weight for one in found) or 1.0
    return tuple(one.model_copy(update={"weight": round(one.weight * whole / said, 4)}) for one in found)


def tags(trajectory: Trajectory, said: SaidAttribution) -> tuple[Tag, ...]:
    """One for each step; a step that is said to be a mistake is one, whatever else is said of it."""
    lists = ((Tag.RECOVERY, said.recoveries), (Tag.UNNECESSARY, said.unnecessary), (Tag.MISTAKE, said.mistakes))
    told = {n: tag for tag, numbers in lists for n in numbers}
    return tuple(told.get(step.n, Tag.GOOD) for step in trajectory.steps)


def attribution(trajectory: Trajectory, said: Attribution) -> Attribution:
    """Of what was made of the run elsewhere, what can be so."""
    named = {one.step: one for one in reversed(said.suspects) if one.step <= len(trajectory.steps)}
    found = (suspect(trajectory, one.step, one.weight, one.reason, one.quote) for one in reversed(named.values()))
    tagged = said.tags if len(said.tags) == len(trajectory.steps) else ()
    return said.model_copy(update={"suspects": ranked(found), "tags": tagged})

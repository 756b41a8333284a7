"""Attribution by rules: signs that need no reading, weighed against each other."""

from collections.abc import Mapping, Sequence
from math import exp

from agenther.records import Attribution, Party, Suspect, Tag, Trajectory
from agenther.stages.attribute.signals import SIGNS, Signs
from agenther.stages.lexicon import table, words

METHOD = "rules"
FITTED_ON = words("attribution", "fitted_on")
"""Benchmarks of the runs on which the weights were fitted: on these they look better than they are."""
MOST = 3
"""Suspects that are named."""
ALONE = "the run has no other step"
TOLD = 0.3
"""A sign that counts for so much is named as a reason."""


async def attribute(trajectory: Trajectory) -> Attribution:
    """The likeliest steps, by the fitted weights."""
    signs = [*Signs(trajectory).all()]
    weights = table("attribution")["weights"]
    shares = likelihoods(signs, weights)
    likeliest = sorted(range(len(signs)), key=lambda n: -shares[n])[:MOST]
    suspects = tuple(
        Suspect(
            step=n + 1,
            agent=trajectory.steps[n].agent,
            weight=round(shares[n], 4),
            reason=_reason(signs[n], weights) if len(signs) > 1 else ALONE,
        )
        for n in likeliest
    )
    return Attribution(
        run_id=trajectory.id,
        suspects=suspects,
        party=_party(signs[likeliest[0]]) if likeliest else "agent",
        tags=tuple(tags(trajectory, signs)),
        method=METHOD,
    )


def likelihoods(signs: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> list[float]:
    """How likely each step is the decisive one; they add up to 1 (a conditional logit over the steps of a run)."""
    scores = [sum(weights.get(name, 0.0) * value for name, value in one.items()) for one in signs]
    raised = [exp(score - max(scores)) for score in scores]
    return [one / sum(raised) for one in raised]


def _reason(signs: Mapping[str, float], weights: Mapping[str, float]) -> str:
    """The signs that speak for the step, the strongest first."""
    counted = {name: weights.get(name, 0.0) * value for name, value in signs.items() if name in SIGNS}
    named = [name for name, much in sorted(counted.items(), key=lambda one: -one[1]) if much >= TOLD]
    return ", ".join(named) or "its place in the run"


def _party(signs: Mapping[str, float]) -> Party:
    return "tool" if signs["error without recovery"] and not signs["values from nowhere"] else "agent"


def tags(trajectory: Trajectory, signs: Sequence[Mapping[str, float]]) -> list[Tag]:
    """What can be told without reading: an act that failed is a mistake, and the next of the same tool that works is
    the recovery; an act that repeats the one before it is of no use.
    """
    found: list[Tag] = []
    failed: set[str] = set()
    for step, of in zip(trajectory.steps, signs, strict=True):
        before = trajectory.steps[step.n - 2] if step.n > 1 else None
        if of["error"]:
            found.append(Tag.MISTAKE)
            failed.add(step.action.name)
        elif before and before.action == step.action and before.observation == step.observation:
            found.append(Tag.UNNECESSARY)
        else:
            found.append(Tag.RECOVERY if step.action.name in failed else Tag.GOOD)
            failed.discard(step.action.name)
    return found

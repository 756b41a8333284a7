"""How near a run came to a goal, from 0 to 1, and where that is from: one scale for pairs of any two runs.

score      of what the log's score can be at most
checklist  the share of the things looked at that were met
outcome    the label alone: 1 for a success, 0 for a failure
claims     under a hindsight goal, the share of its claims whose quotes stand somewhere in the run, word for word
"""

from typing import NamedTuple

from agenther.evidence import arguments
from agenther.records import Evidence, Sample, Trajectory

HARD = 0.6
"""From this reward on, a run that misses the goal is a hard negative (arXiv 2511.22254)."""
OUTCOME, CLAIMS = "outcome", "claims"

UNKNOWN = "nothing tells whether the run failed"
SUCCESS = "a run that is labelled a success"
MET = "a run whose reward is that of a success"


class Reward(NamedTuple):
    value: float
    by: str
    """Where it is from."""

    @property
    def band(self) -> str:
        return "hard" if self.value >= HARD else "plain"


def reward(run: Trajectory, sample: Sample | None = None) -> Reward | None:
    """Under the run's own goal, or under that of the sample; None where nothing tells."""
    label = run.label
    if sample:
        places = places_of(run, sample.claims)
        return Reward(sum(one is not None for one in places) / len(places), CLAIMS) if places else None
    if label.reward is not None:
        return Reward(label.reward, label.reward_by)
    return None if label.success is None else Reward(float(label.success), OUTCOME)


def value_of(run: Trajectory) -> float | None:
    """What a run came to under its own goal; a success is one whatever else is said of it."""
    its = reward(run)
    return 1.0 if run.label.success else its.value if its else None


def places_of(run: Trajectory, claims: tuple[Evidence, ...]) -> list[int | None]:
    """Of each claim the first step of the run in which its quote stands; None where it stands nowhere."""
    texts = [*run.observations(), *((step.n, text) for step in run.steps for text in arguments(step))]
    return [next((n for n, text in texts if claim.quote in text), None) for claim in claims]


def why_not(run: Trajectory, its: Reward | None) -> str:
    """Why the run can be on no rejected side, with that reward for the goal of the pair; empty where it can.

    Its own label counts under whatever goal: what anybody calls a success is never shown as what not to do.
    """
    if run.label.success is not False or its is None:
        return SUCCESS if run.label.success else UNKNOWN
    return MET if its.value >= 1 or run.label.reward == 1 else ""

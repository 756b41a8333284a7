"""Stage 2 by rules: which steps brought something, and the facts that they brought."""

from agenther.evidence.trouble import troubles
from agenther.records import Diagnosis, Evidence, Outcome, Step, Trajectory
from agenther.stages.findings import PART, WHOLE, Findings, findings

UNSEEN = "[image]"
"""Readers' mark for what a log's text cannot hold; a request that needs it is not met by words alone."""


async def extract(trajectory: Trajectory, diagnosis: Diagnosis) -> Outcome:
    """AgentHER §3.2. Only what observations show; what errors say is no achievement."""
    assert diagnosis.run_id == trajectory.id
    found = [(step, its) for step in _acts(trajectory) if (its := findings(step))]
    return Outcome(
        run_id=trajectory.id,
        achievements=tuple(_achievement(step, its) for step, its in found),
        key_observations=tuple(fact.evidence() for _, its in found for fact in its.facts),
    )


def _acts(trajectory: Trajectory) -> list[Step]:
    """The acts that succeeded, repeated ones once; none where the request shows what no text can hold."""
    if UNSEEN in trajectory.goal or UNSEEN in (trajectory.start or ""):
        return []
    failed = troubles(trajectory)
    acts = [one for one in trajectory.steps if not (one.final or one.answered_by == "user" or one.n in failed)]
    return list({f"{step.action.name}{step.action.arguments}": step for step in reversed(acts)}.values())[::-1]


def _achievement(step: Step, found: Findings) -> Evidence:
    return Evidence(text=WHOLE if found.whole else PART, step=step.n, quote=found.facts[0].quote)

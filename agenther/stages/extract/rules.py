"""Stage 2 by rules: which steps brought something, and the facts that they brought."""

from agenther.evidence.trouble import troubles
from agenther.records import Diagnosis, Evidence, Outcome, Step, Trajectory
from agenther.stages.findings import PART, WHOLE, findings

UNSEEN = "[image]"
"""Readers' mark for what a log's text cannot hold; a request that needs it is not met by words alone."""


async def extract(trajectory: Trajectory, diagnosis: Diagnosis) -> Outcome:
    """AgentHER §3.2. Only what observations show; what errors say is no achievement."""
    assert diagnosis.run_id == trajectory.id
    found = [findings(step) for step in _acts(trajectory)]
    told = [(facts, WHOLE if is_whole else PART) for facts, is_whole in found if facts]
    return Outcome(
        run_id=trajectory.id,
        achievements=tuple(Evidence(text=text, step=its[0].step, quote=its[0].quote) for its, text in told),
        key_observations=tuple(fact.evidence() for its, _ in told for fact in its),
    )


def _acts(trajectory: Trajectory) -> list[Step]:
    """The acts that succeeded, repeated ones once; none where the request shows what no text can hold."""
    if UNSEEN in trajectory.goal or UNSEEN in (trajectory.start or ""):
        return []
    failed = troubles(trajectory)
    acts = [one for one in trajectory.steps if not (one.final or one.answered_by == "user" or one.n in failed)]
    return list({f"{step.action.name}{step.action.arguments}": step for step in reversed(acts)}.values())[::-1]

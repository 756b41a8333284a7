"""A judge: `--judge local:brief`. It refuses goals that nobody would say in one breath."""

from agenther.records import Point, Proposal, Trajectory, Verdict

MOST = 25
"""Words."""


async def judge(_run: Trajectory, proposal: Proposal, points: tuple[Point, ...]) -> Verdict:
    words = len(proposal.goal.split())
    points = tuple(point.model_copy(update={"settled": words <= MOST}) for point in points)
    why = "" if words <= MOST else f"{words} words are more than {MOST}"
    return Verdict(judge="brief", valid=words <= MOST, confidence=0.9, reason=why, points=points)

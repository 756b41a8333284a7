"""Stage 3 by rules: parts of the request in its own words, then frames for single calls."""

import re

from agenther.evidence.changes import change
from agenther.records import Diagnosis, Judged, Outcome, Proposal, Trajectory
from agenther.stages.relabel.answers import Answer, Goal, answers
from agenther.stages.relabel.english import spelt
from agenther.stages.relabel.frames import framed
from agenther.stages.relabel.parts import parts_met
from agenther.stages.relabel.spoken import given, inputs, is_said
from agenther.text.words import Words

CONFIDENCE = {"part": 0.9}
"""The user's own words need less trust than ours."""


async def relabel(
    trajectory: Trajectory, diagnosis: Diagnosis, outcome: Outcome, attempt: int, refused: tuple[Judged, ...]
) -> tuple[Proposal, ...]:
    """AgentHER §3.3 and HSL. Rules have only one try: another would say the same."""
    assert diagnosis.run_id == outcome.run_id == trajectory.id
    if attempt > 1 or refused:
        return ()
    found = answers(trajectory, outcome)
    is_told = trajectory.goal_seen and not trajectory.is_dialogue  # what only a simulated user knew is no request
    goals = list(parts_met(trajectory.goal, found)) if is_told else []
    met = {call.step.n for goal in goals for call in goal.calls}
    said = Words([trajectory.goal, trajectory.start or "", *(step.said_by_user for step in trajectory.steps)])
    goals += [goal for one in found if one.step.n not in met and (goal := _framed(trajectory, one, said))]
    by_answer: dict[str, Goal] = {}
    for goal in goals:
        by_answer.setdefault(goal.answer, goal)
    return tuple(_proposal(trajectory, goal) for goal in by_answer.values())


def _framed(trajectory: Trajectory, answer: Answer, said: Words) -> Goal | None:
    """What one call did, if it changed nothing and a user may have known its inputs."""
    is_inner = any(_is_inner(key, str(item)) and not is_said(item, said) for key, item in inputs(answer))
    return None if is_inner or change(trajectory, answer.step) else framed(answer, trajectory.goal)


_REFERENCE = re.compile(r"#?(?=.*[A-Z])(?=.*\d)[A-Z0-9]{5,9}|[A-Z]{6}")
_PRECISE = re.compile(r"-?\d+\.\d{4,}")


def _is_inner(key: str, value: str) -> bool:
    """Is it a number that only a service knows? A booking's or an order's is told to people: H8Q05L, #W2702727."""
    is_id = not {"id", "ids", "slug", "key"}.isdisjoint(spelt(key)) and not _REFERENCE.fullmatch(value)
    return is_id or bool(_PRECISE.fullmatch(value))


def _proposal(trajectory: Trajectory, goal: Goal) -> Proposal:
    steps = tuple(sorted({call.step.n for call in goal.calls}))
    known = Words([goal.text])
    return Proposal(
        run_id=trajectory.id,
        goal=goal.text,
        claims=(*(one for call in goal.calls for one in given(call, known)), *goal.facts),
        end_step=steps[-1],
        relevant_steps=steps,
        answer=goal.answer,
        answer_source="grounded",
        confidence=CONFIDENCE.get(goal.kind, 0.8),
        rationale=f"what step {', '.join(map(str, steps))} did and returned",
        kind=goal.kind,
    )

"""Stage 3 by rules: a dialogue as it was, parts of the request in its own words, then frames for single calls."""

import re

from agenther.evidence.changes import change
from agenther.records import Diagnosis, Judged, Outcome, Proposal, Trajectory
from agenther.stages.relabel.answers import Answer, Goal, answers
from agenther.stages.relabel.dialogue import served
from agenther.stages.relabel.english import spelt
from agenther.stages.relabel.frames import framed
from agenther.stages.relabel.parts import parts_met
from agenther.stages.relabel.spoken import given, inputs, is_said
from agenther.text.words import Words

MIN_SHARE = 1 / 3
"""Of the acts up to its end, the share that has to serve a goal."""
CONFIDENCE = {"part": 0.9}
"""The user's own words need less trust than ours."""


async def relabel(
    trajectory: Trajectory,
    diagnosis: Diagnosis,
    outcome: Outcome,
    attempt: int,
    refused: tuple[Judged, ...],
    *,
    fold: bool = False,
) -> tuple[Proposal, ...]:
    """AgentHER §3.3 and HSL. Where a dialogue was refused, what single calls did is told; a third try says the same."""
    assert diagnosis.run_id == outcome.run_id == trajectory.id
    found = answers(trajectory, outcome)
    kept = served(trajectory, found) if trajectory.is_dialogue and not fold else None
    if attempt > 1 + bool(kept):
        return ()
    goals = [kept] if kept and not refused else []
    end = max((n for goal in goals for n in goal.turns), default=0)
    if trajectory.goal_seen and not trajectory.is_dialogue:  # what only a simulated user knew is no request
        goals += parts_met(trajectory.goal, found)
    met = {call.step.n for goal in goals for call in goal.calls}
    said = Words([trajectory.goal, trajectory.start or "", *(step.said_by_user for step in trajectory.steps)])
    others = [one for one in found if one.step.n > end and one.step.n not in met]
    goals += [goal for one in others if (goal := _framed(trajectory, one, said))]
    by_answer: dict[str, Goal] = {}
    for goal in goals:
        by_answer.setdefault(goal.answer, goal)
    proposals = (_proposal(trajectory, goal) for goal in by_answer.values())
    return tuple(one for one in proposals if one.as_dialogue or _is_direct(trajectory, one))


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
    steps = goal.turns or tuple(sorted({call.step.n for call in goal.calls}))
    known = Words([goal.text])
    return Proposal(
        run_id=trajectory.id,
        goal=goal.text,
        claims=(*(one for call in goal.calls for one in given(call, known)), *goal.facts),
        end_step=steps[-1],
        relevant_steps=steps,
        answer=goal.answer,
        answer_source="log" if goal.turns else "grounded",
        as_dialogue=bool(goal.turns),
        confidence=CONFIDENCE.get(goal.kind, 0.8),
        rationale=f"what step {', '.join(map(str, steps))} did and returned",
        kind=goal.kind,
    )


def _is_direct(trajectory: Trajectory, proposal: Proposal) -> bool:
    """Do enough of the acts serve it, and did none up to its end change what it does not ask for?"""
    acts = [s for s in trajectory.steps[: proposal.end_step] if not s.final and s.answered_by == "environment"]
    others = [step for step in acts if step.n not in proposal.relevant_steps]
    return len(acts) - len(others) >= MIN_SHARE * len(acts) and not any(change(trajectory, step) for step in others)

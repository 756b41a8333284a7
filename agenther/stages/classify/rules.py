"""Stage 1 by rules: what sort of failure, how bad, and where it was decided."""

from itertools import groupby

from agenther.evidence import arguments
from agenther.evidence.trouble import troubles
from agenther.records import Diagnosis, Ending, FailureType, Loop, Step, Trajectory
from agenther.text.giving_up import gives_up
from agenther.text.specifics import specifics
from agenther.text.words import Words

LOOP = 3
"""So many identical acts in a row are a loop."""
CUT = "observations-truncated"
"""Flag of runs whose log holds only the beginnings of observations."""
_BASE = {
    FailureType.INCOMPLETE: 0.2,
    FailureType.CONSTRAINT_VIOLATION: 0.3,
    FailureType.WRONG_RESULT: 0.35,
    FailureType.TOOL_ERROR: 0.4,
    FailureType.HALLUCINATION: 0.5,
    FailureType.OFF_TOPIC: 0.6,
}
_FAILED_ENDINGS = {Ending.GAVE_UP, Ending.STEP_LIMIT, Ending.PARSE_FAILURE, Ending.REPEATED, Ending.CRASHED}


async def classify(trajectory: Trajectory) -> Diagnosis:
    """AgentHER §3.1. Looks at actions, observations and the answer, never at the words of the request."""
    acts = [step for step in trajectory.steps if not step.final and step.answered_by == "environment"]
    trouble = troubles(trajectory)
    failed = [step.n for step in acts if step.n in trouble]
    loops = _loops(trajectory)
    type_, why = _failure_type(trajectory, len(failed), len(acts))
    share = len(failed) / len(acts) if acts else 1
    severity = min(1.0, _BASE[type_] + 0.3 * share + 0.1 * len(loops))
    recoverable = len(acts) > len(failed)
    why = why if recoverable else _why_nothing(trajectory, acts)
    return Diagnosis(
        run_id=trajectory.id,
        is_failure=_is_failure(trajectory),
        failure_type=type_,
        recoverable=recoverable,
        severity=round(severity, 4),
        weight=round(1 - severity, 4),
        decisive_step=_decisive(trajectory, failed, loops),
        loops=loops,
        explanation=why,
    )


def _why_nothing(trajectory: Trajectory, acts: list[Step]) -> str:
    """Why no act brought anything: the log may have been cut before it was read."""
    silent = [step for step in acts if step.observation is None and not step.error]
    if silent and trajectory.lacks_results:
        return (
            f"nothing tells to which of {len(silent)} acts the results belong that came back, and they were set aside"
        )
    if not silent or CUT not in trajectory.flags:
        return "no act of the agent brought anything but errors"
    rest = "" if len(silent) == len(acts) else ", and the others brought errors"
    return (
        f"the log holds no whole observation of {len(silent)} of {len(acts)} acts: it was cut when it was written{rest}"
    )


def _is_failure(trajectory: Trajectory) -> bool | None:
    """The log's own label first; without one, only signs of failure count, and finishing is no success."""
    if trajectory.label.success is not None:
        return not trajectory.label.success
    if trajectory.failure_reason or trajectory.ending in _FAILED_ENDINGS:
        return True
    return True if trajectory.answer and gives_up(trajectory.answer) else None


def _failure_type(trajectory: Trajectory, failed: int, acts: int) -> tuple[FailureType, str]:
    answer = trajectory.answer
    if acts and failed * 2 >= acts:
        return FailureType.TOOL_ERROR, f"{failed} of {acts} acts brought errors or nothing"
    if not answer or gives_up(answer):
        return FailureType.INCOMPLETE, f"no answer was reached ({trajectory.ending})"
    if unseen := _unseen(trajectory, answer):
        return FailureType.HALLUCINATION, f"“{unseen}” in the answer was never observed"
    return FailureType.WRONG_RESULT, "an answer was given, and it was not what was asked for"


def _unseen(trajectory: Trajectory, answer: str) -> str | None:
    """A number or id of the answer that occurs nowhere in the run or the request."""
    sources = [text for _, text in trajectory.observations()] + [trajectory.goal]
    seen = Words([*sources, *(text for step in trajectory.steps if not step.final for text in arguments(step))])
    for spellings in specifics(answer):
        if len(spellings[0]) > 2 and not seen.has_one(spellings):
            return spellings[0]
    return None


def _loops(trajectory: Trajectory) -> tuple[Loop, ...]:
    runs = [
        (next(group).n, 1 + sum(1 for _ in group))
        for _, group in groupby(trajectory.steps, key=lambda step: (step.action.name, str(step.action.arguments)))
    ]
    return tuple(Loop(start=start, times=times) for start, times in runs if times >= LOOP)


def _decisive(trajectory: Trajectory, failed: list[int], loops: tuple[Loop, ...]) -> int | None:
    """The first loop, else the first of the errors with which the run ended, else its closing act."""
    if loops:
        return loops[0].start
    last = next((step.n for step in reversed(trajectory.steps) if not step.final and step.n not in failed), 0)
    after = [n for n in failed if n > last]
    if after:
        return after[0]
    return trajectory.steps[-1].n if trajectory.steps else None

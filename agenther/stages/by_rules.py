"""Stages 1 to 3 by rules, without any model: free, offline, and rather nothing than something wrong."""

from itertools import groupby

from agenther.evidence import arguments
from agenther.evidence.changes import change
from agenther.evidence.giving_up import gives_up
from agenther.evidence.specifics import specifics
from agenther.evidence.trouble import troubles
from agenther.evidence.words import Words, squeezed
from agenther.records import (
    Diagnosis,
    Ending,
    Evidence,
    FailureType,
    Judged,
    Loop,
    Outcome,
    Proposal,
    Step,
    Trajectory,
)
from agenther.stages.calls import Finding, findings
from agenther.stages.pages import Reached, reached
from agenther.stages.requests import answering, asking

LOOP = 3
"""So many identical acts in a row are a loop."""
MOST_TOGETHER = 3
"""Findings that one goal may ask for together."""
MIN_SHARE = 0.5
"""Of the acts up to its end, the share that has to serve a goal."""
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


async def extract(trajectory: Trajectory, diagnosis: Diagnosis) -> Outcome:
    """AgentHER §3.2. Only what observations show; what errors say is no achievement."""
    assert diagnosis.run_id == trajectory.id
    achievements: list[Evidence] = []
    details: list[Evidence] = []
    for finding in findings(trajectory):
        shown = [claim for claim in finding.claims if claim.quote in trajectory.observation(claim.step)]
        request = asking((finding.request,))
        achievements += [Evidence(text=request, step=finding.step, quote=one.quote) for one in shown[:1]]
        details += shown[1:]
    for page in reached(trajectory):
        achievements.append(Evidence(text=page.goal, step=page.step, quote=page.claims[-1].quote))
    return Outcome(run_id=trajectory.id, achievements=tuple(achievements), key_observations=tuple(details))


async def relabel(
    trajectory: Trajectory, diagnosis: Diagnosis, outcome: Outcome, attempt: int, refused: tuple[Judged, ...]
) -> tuple[Proposal, ...]:
    """AgentHER §3.3 and HSL: the widest goal first. Rules have only one try: another would say the same."""
    assert diagnosis.run_id == outcome.run_id == trajectory.id
    if attempt > 1 or refused:
        return ()
    found = findings(trajectory)
    together = _together(trajectory, found)
    singles = [_proposal(trajectory, (finding,)) for finding in found]
    pages = [_page_proposal(trajectory, page) for page in reversed(reached(trajectory))]
    proposals = [*([together] if together else []), *singles, *pages]
    return tuple(proposal for proposal in proposals if _is_direct(trajectory, proposal))


def _together(trajectory: Trajectory, found: tuple[Finding, ...]) -> Proposal | None:
    """The first few findings as one request, if each could be asked for and told by itself."""
    alike = [one for one in found if one.request.is_question == found[0].request.is_question]
    subjects = [finding.subject for finding in alike]
    group = tuple(one for n, one in enumerate(alike) if subjects[n] not in subjects[:n])[:MOST_TOGETHER]
    if len(group) < 2 or len({finding.request.answer for finding in group}) < len(group):
        return None
    for finding in group:
        others = [other for other in group if other is not finding]
        if any(value in squeezed(other.request.asked) for value in finding.values for other in others):
            return None  # one request tells what another asks for
        shown = Words(trajectory.observation(other.step) for other in others)
        if any(map(shown.has, finding.found_out)):
            return None  # one step showed what another was called with
    while len(group) > 1 and _changes_more(trajectory, group):
        group = group[:-1]
    return _proposal(trajectory, group) if len(group) > 1 else None


def _changes_more(trajectory: Trajectory, group: tuple[Finding, ...]) -> bool:
    """Did a step up to the end of the group change something that none of it asks for?"""
    asked = {finding.step for finding in group}
    return any(change(trajectory, step) for step in trajectory.steps[: group[-1].step] if step.n not in asked)


def _proposal(trajectory: Trajectory, group: tuple[Finding, ...]) -> Proposal:
    requests = [finding.request for finding in group]
    return Proposal(
        run_id=trajectory.id,
        goal=asking(requests),
        claims=tuple(claim for finding in group for claim in finding.claims),
        end_step=group[-1].step,
        relevant_steps=tuple(finding.step for finding in group),
        answer=answering(requests),
        answer_source="grounded",
        confidence=min(finding.confidence for finding in group),
        rationale=f"composed from what step {', '.join(str(finding.step) for finding in group)} did and returned",
        kind=group[0].kind if len(group) == 1 else "several",
    )


def _page_proposal(trajectory: Trajectory, page: Reached) -> Proposal:
    return Proposal(
        run_id=trajectory.id,
        goal=page.goal,
        claims=page.claims,
        end_step=page.step,
        relevant_steps=page.relevant,
        answer=page.answer,
        answer_source="grounded",
        confidence=page.confidence,
        rationale=f"the page was reached at step {page.step}",
        kind=page.kind,
    )


def _is_direct(trajectory: Trajectory, proposal: Proposal) -> bool:
    acts = [s for s in trajectory.steps[: proposal.end_step] if not s.final and s.answered_by == "environment"]
    return len(proposal.relevant_steps) >= MIN_SHARE * len(acts)

"""The accepted pair: a goal, and the part of the run that demonstrates it."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from agenther.evidence.trouble import troubles
from agenther.records import Attribution, Diagnosis, Judged, Proposal, Sample, Step, Trajectory

LOOP = 3
"""So many identical acts in a row are a loop."""
OF_FAILED = 0.8
OF_LOOP = 0.1
"""How much severity failed acts, if they are all, and each loop make."""


def told_apart(proposals: Sequence[Proposal], attribution: Attribution | None) -> list[Proposal]:
    """By what attribution found: goals that are met before the decisive step come first, and steps that were a mistake
    or of no use carry no loss, unless a claim rests on them.
    """
    if attribution is None:
        return [*proposals]
    decisive = attribution.step
    ordered = sorted(proposals, key=lambda one: decisive is not None and one.end_step >= decisive)
    return [_without(proposal, attribution.wasted) for proposal in ordered]


def _without(proposal: Proposal, wasted: frozenset[int]) -> Proposal:
    cited = {claim.step for claim in proposal.claims}
    kept = tuple(n for n in proposal.relevant_steps if n not in wasted or n in cited)
    return proposal.model_copy(update={"relevant_steps": kept}) if kept else proposal


def weighed(trajectory: Trajectory, proposal: Proposal) -> Proposal:
    """The proposal with a severity: that of its kept steps, where nobody weighed them, by errors and repetitions."""
    if proposal.severity is not None:
        return proposal
    acts = [step for step in trajectory.steps[: proposal.end_step] if _is_kept(step, proposal)]
    failed = sum(step.n in troubles(trajectory) for step in acts)
    same = groupby(acts, key=lambda step: (step.action.name, str(step.action.arguments)))
    loops = sum(len(list(group)) >= LOOP for _, group in same)
    severity = min(1.0, OF_FAILED * failed / max(1, len(acts)) + OF_LOOP * loops)
    return proposal.model_copy(update={"severity": round(severity, 4)})


def sample(
    trajectory: Trajectory, diagnosis: Diagnosis, judged: Judged, number: int, *, of_run: bool = False
) -> Sample:
    """The accepted pair, self-contained: what any dataset format needs stands in it.

    Its severity and weight are those of the demonstration, or of the whole run.
    """
    proposal = judged.proposal
    severity = diagnosis.severity if of_run else proposal.severity or 0
    steps = _demonstrated(trajectory, proposal)
    kept = {step.n for step in steps}
    return Sample.of_run(
        trajectory,
        id=f"{trajectory.id}.{number}",
        goal=proposal.goal,
        kind=proposal.kind,
        start=trajectory.start if _shows_start(trajectory, proposal) else None,
        opening=trajectory.opening if proposal.as_dialogue else None,
        steps=steps,
        relevant_steps=tuple(n for n in proposal.relevant_steps if n in kept),
        answer=proposal.answer,
        answer_source=proposal.answer_source,
        claims=proposal.claims,
        rationale=proposal.rationale,
        confidence=fmean(verdict.confidence if verdict.valid else 0 for verdict in judged.verdicts),
        failure_type=diagnosis.failure_type,
        severity=severity,
        weight=diagnosis.weight if of_run else proposal.weight,
        verdicts=judged.verdicts,
        by=proposal.by,
    )


def _shows_start(trajectory: Trajectory, proposal: Proposal) -> bool:
    """Is what was there at the start no part of what the user said?"""
    return trajectory.goal_seen if proposal.as_dialogue else not trajectory.is_dialogue


def _demonstrated(trajectory: Trajectory, proposal: Proposal) -> tuple[Step, ...]:
    """The kept steps up to the end. A turn that is not kept whole loses its thought, which may speak of the rest.

    Where results were set aside, a call without one is not shown: its result would be an empty one, which it was not.
    """
    lost = {step.n for step in trajectory.steps if trajectory.lacks_results and step.observation is None}
    steps = (step for step in trajectory.steps[: proposal.end_step] if step.n not in lost)
    kept = [_kept(step, proposal) for step in steps if _is_kept(step, proposal)]
    numbers = {step.n for step in kept}
    torn = {step.turn for step in trajectory.steps if step.n not in numbers}
    return tuple(step.model_copy(update={"thought": None}) if step.turn in torn else step for step in kept)


def _is_kept(step: Step, proposal: Proposal) -> bool:
    """A demonstration closes with an answer: that of the goal, and the user speaks only once; of a dialogue, the
    agent's own message where it ends with one.
    """
    if proposal.as_dialogue:
        return step.n < proposal.end_step or step.says is None
    return not step.final and step.answered_by == "environment"


def _kept(step: Step, proposal: Proposal) -> Step:
    """The step, with what the user said after it where the dialogue is kept and goes on."""
    if not step.note or (proposal.as_dialogue and step.n < proposal.end_step):
        return step
    return step.model_copy(update={"note": None, "note_by": "environment"})

"""Algorithm 1 of AgentHER (arXiv 2603.21357, §3), with HSL's several goals a run.

Stages measure; here, and in `agenther.pipeline.gate`, is decided. No I/O.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from agenther.ladder import LAST, STAGES, Stage
from agenther.pipeline.crew import Crew
from agenther.pipeline.demonstration import sample, told_apart, weighed
from agenther.pipeline.gate import judge
from agenther.records import Diagnosis, Judged, Outcome, Proposal, Reason, Record, Rejection, Result, Trajectory
from agenther.settings import Settings
from agenther.together import together

Keep = Callable[[Result], None]


@dataclass(frozen=True)
class Only:
    """One stage, to be done by itself."""

    stage: str
    before: Result
    """What the stages before it made."""


async def process(
    trajectory: Trajectory,
    crew: Crew,
    settings: Settings,
    keep: Keep = lambda _result: None,
    only: Only | None = None,
) -> Result:
    """One run through all stages: its samples, or the one reason why there are none.

    `keep` is given what it came to after each stage and attempt, so that a later error loses none of it. `only` one
    stage is done where it is given.
    """
    result = only.before if only else Result(run_id=trajectory.id)
    if not trajectory.steps:
        return _ended(result, reject(trajectory, "classify", Reason.NO_STEPS, "the agent did nothing"))
    ahead: dict[type[Record], Record] = {}
    for name, work in crew.stages.items():
        stage = STAGES[name]
        if result.all(stage.record):
            continue
        record = ahead.pop(stage.record, None)
        if record is None:
            made = await work(trajectory, *given(result, stage))
            record, *others = made if isinstance(made, tuple) else (made,)
            ahead.update((type(other), other) for other in others)
        result = result.plus(record)
        keep(result)
        if name in DECIDED and (rejection := DECIDED[name](trajectory, record, settings)):
            return _ended(result, rejection)
        if only and only.stage == name:
            return result
    return await relabel(trajectory, result, crew, settings, keep)


def given(result: Result, stage: Stage) -> Iterator[Record]:
    """The records that a stage needs."""
    return (record for need in stage.needs for record in result.all(STAGES[need].record))


def screen(trajectory: Trajectory, diagnosis: Diagnosis, settings: Settings) -> Rejection | None:
    """After stage 1: successes are passed by, and what cannot be saved is dropped (§3.1)."""
    no = partial(reject, trajectory, "classify")
    is_assumed = settings.assume_failed and trajectory.label.success is None
    if diagnosis.is_failure is False and not is_assumed:
        source = f"label: {trajectory.label.source}" if trajectory.label.success else f"says {diagnosis.by}"
        return no(Reason.SUCCESS, f"the run met its goal ({source})")
    if diagnosis.is_failure is None and not settings.assume_failed:
        return no(Reason.NOT_KNOWN_TO_FAIL, "nothing tells whether it failed; --assume-failed takes it as failed")
    if not diagnosis.recoverable:
        return no(Reason.IRRECOVERABLE, diagnosis.explanation or "nothing substantive was observed")
    if settings.delta_on == "run" and diagnosis.weight < settings.delta:
        return no(Reason.LOW_WEIGHT, f"weight {diagnosis.weight:.2f} < {settings.delta:.2f} (--delta)")
    return None


def anchor(trajectory: Trajectory, outcome: Outcome, _settings: Settings) -> Rejection | None:
    """After stage 2: without an achievement there is nothing that a new goal could stand on (§3.2)."""
    if outcome.achievements or outcome.key_observations:
        return None
    return reject(trajectory, "extract", Reason.NOTHING_ACHIEVED, "no observation shows anything achieved")


DECIDED: dict[str, Callable[..., Rejection | None]] = {"classify": screen, "extract": anchor}
"""What is decided after a stage, by its name; after others nothing is."""


async def relabel(trajectory: Trajectory, result: Result, crew: Crew, settings: Settings, keep: Keep) -> Result:
    """Stage 3: up to K attempts, each proposal through the gate; what was refused stays refused (§3.3)."""
    diagnosis = result.diagnosis
    assert diagnosis is not None
    needed = tuple(given(result, STAGES[LAST]))
    judged: list[Judged] = []
    accepted: list[Judged] = []
    for attempt in range(1, settings.attempts + 1):
        proposals = await crew.relabel(trajectory, *needed, attempt, tuple(judged))
        apart = told_apart(_fresh(proposals, judged), result.attribution)
        fresh = [weighed(trajectory, proposal) for proposal in apart]
        for some in [fresh] if settings.goals is None else [[proposal] for proposal in fresh]:
            if len(accepted) != settings.goals:
                judged += await together([_judged(trajectory, one, crew, settings) for one in some])
                accepted = [one for one in judged if one.accepted]
        if accepted or not fresh:
            break
        keep(result.plus(*judged))
    made = partial(sample, trajectory, diagnosis, of_run=settings.delta_on == "run")
    samples = tuple(made(one, number) for number, one in enumerate(accepted, 1))
    rejection = None if samples else _why_none(trajectory, judged, settings)
    return _ended(result.plus(*judged, *samples), rejection)


async def _judged(trajectory: Trajectory, proposal: Proposal, crew: Crew, settings: Settings) -> Judged:
    """Nobody is asked about a goal that there is already."""
    if why := crew.known(trajectory, proposal):
        return Judged(proposal=proposal, accepted=False, why=why, known=True)
    return await judge(trajectory, proposal, crew.judges, settings)


def _fresh(proposals: tuple[Proposal, ...], judged: list[Judged]) -> list[Proposal]:
    """Proposals that say what none before them says: not the same goal up to the same end, nor, of those that were made
    together, the same claims. A goal that was mended may well keep its claims.
    """
    known: set[object] = {_said(one.proposal) for one in judged}
    fresh = []
    for proposal in proposals:
        said = {_said(proposal), (proposal.claims, proposal.end_step)}
        if not said & known:
            fresh.append(proposal)
        known |= said
    return fresh


def _said(proposal: Proposal) -> tuple[str, int]:
    """What its goal says, whatever its case, its blanks and its marks."""
    words = "".join(character if character.isalnum() else " " for character in proposal.goal.casefold())
    return " ".join(words.split()) or proposal.goal, proposal.end_step


def _why_none(trajectory: Trajectory, judged: list[Judged], settings: Settings) -> Rejection:
    """The one reason that stands for all proposals: that of the one that came furthest."""
    if not judged:
        return reject(trajectory, "relabel", Reason.NO_GOAL_PROPOSED, "no goal was found that the run demonstrates")
    furthest = max(judged, key=lambda one: len(one.verdicts))
    if not furthest.verdicts:
        there = next((one.why for one in judged if one.known), None)
        if there:
            return reject(trajectory, "relabel", Reason.KNOWN_GOAL, there)
        return _why_unasked(trajectory, judged, settings)
    verdict = next(one for one in furthest.verdicts if not settings.consents(one))
    is_told = verdict.rule == "untold" and trajectory.is_dialogue and not furthest.proposal.as_dialogue
    refused = Reason.DIALOGUE if is_told else Reason.REFUSED
    reason = Reason.BAD_ANSWER if verdict.raw is not None else refused
    detail = f"{verdict.judge}: {verdict.reason or f'confidence below {settings.least_by}'}"
    return reject(trajectory, "relabel", reason, detail, verdict.raw)


def _why_unasked(trajectory: Trajectory, judged: list[Judged], settings: Settings) -> Rejection:
    """Why no proposal came before any judge."""
    valid = [one for one in judged if one.proposal.valid]
    sure = [one for one in valid if one.proposal.confidence >= settings.least]
    if not valid:
        detail = judged[0].proposal.rationale or "the proposer held none of its goals to be valid"
        return reject(trajectory, "relabel", Reason.NO_GOAL_PROPOSED, detail)
    if sure and sure[0].why:
        return reject(trajectory, "relabel", Reason.LOW_WEIGHT, sure[0].why)
    if sure:
        return reject(trajectory, "relabel", Reason.REFUSED, "there is no judge, and nothing is accepted unjudged")
    best = max(one.proposal.confidence for one in judged)
    detail = f"best confidence {best:.2f} < {settings.least:.2f} ({settings.least_by})"
    return reject(trajectory, "relabel", Reason.LOW_CONFIDENCE, detail)


def reject(trajectory: Trajectory, stage: str, reason: Reason, detail: str, raw: str | None = None) -> Rejection:
    """A rejection of a run that was read."""
    return Rejection.model_validate(
        {
            "run_id": trajectory.id,
            "path": trajectory.source.path,
            "line": trajectory.source.line,
            "key": trajectory.source.key,
            "stage": stage,
            "reason": reason,
            "detail": detail,
            "raw": raw,
        }
    )


def _ended(result: Result, rejection: Rejection | None) -> Result:
    return result.model_copy(update={"rejection": rejection})

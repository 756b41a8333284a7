"""Algorithm 1 of AgentHER (arXiv 2603.21357, §3), with HSL's several goals a run.

Stages measure; here is decided. Every threshold, and every acceptance or rejection of a run that was
read, stands in this file. No I/O.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from agenther.demonstration import sample
from agenther.errors import AnswerError
from agenther.ladder import LAST, STAGES, Stage
from agenther.records import (
    Diagnosis,
    Judged,
    Outcome,
    Proposal,
    Reason,
    Record,
    Rejection,
    Result,
    Trajectory,
    Verdict,
)
from agenther.settings import Quorum
from agenther.together import together

Work = Callable[..., Awaitable[Record | tuple[Record, ...]]]
"""Given the run and the records that its stage needs. Where one question stands for two stages, both are given."""
Relabel = Callable[..., Awaitable[tuple[Proposal, ...]]]
"""Given the run, the records that its stage needs, the number of the attempt, and what was judged before."""
Judge = Callable[[Trajectory, Proposal], Awaitable[Verdict]]
Keep = Callable[[Result], None]


@dataclass(frozen=True)
class Crew:
    """Who does each stage."""

    stages: Mapping[str, Work]
    """By name, as in the table of stages; all that are done before the last one."""
    relabel: Relabel
    judges: Mapping[str, Judge]
    """By name, in the order in which they are asked; the first is the mechanical one, the others are models."""


@dataclass(frozen=True)
class Only:
    """One stage, to be done by itself."""

    stage: str
    before: Result
    """What the stages before it made."""


@dataclass(frozen=True)
class Rules:
    """The thresholds, named as in `Settings`."""

    theta: float = 0.5
    delta: float = 0.3
    attempts: int = 3
    goals: int | None = None
    assume_failed: bool = False
    quorum: Quorum = "all"


async def process(
    trajectory: Trajectory,
    crew: Crew,
    rules: Rules,
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
        if name in DECIDED and (rejection := DECIDED[name](trajectory, record, rules)):
            return _ended(result, rejection)
        if only and only.stage == name:
            return result
    return await relabel(trajectory, result, crew, rules, keep)


def given(result: Result, stage: Stage) -> Iterator[Record]:
    """The records that a stage needs."""
    return (record for need in stage.needs for record in result.all(STAGES[need].record))


def screen(trajectory: Trajectory, diagnosis: Diagnosis, rules: Rules) -> Rejection | None:
    """After stage 1: successes are passed by, and what cannot be saved is dropped (§3.1)."""
    no = partial(reject, trajectory, "classify")
    is_assumed = rules.assume_failed and trajectory.label.success is None
    if diagnosis.is_failure is False and not is_assumed:
        source = f"label: {trajectory.label.source}" if trajectory.label.success else f"says {diagnosis.by}"
        return no(Reason.SUCCESS, f"the run met its goal ({source})")
    if diagnosis.is_failure is None and not rules.assume_failed:
        return no(Reason.NOT_KNOWN_TO_FAIL, "nothing tells whether it failed; --assume-failed takes it as failed")
    if not diagnosis.recoverable:
        return no(Reason.IRRECOVERABLE, diagnosis.explanation or "nothing substantive was observed")
    if diagnosis.weight < rules.delta:
        return no(Reason.LOW_WEIGHT, f"weight {diagnosis.weight:.2f} < {rules.delta:.2f} (--delta)")
    return None


def anchor(trajectory: Trajectory, outcome: Outcome, _rules: Rules) -> Rejection | None:
    """After stage 2: without an achievement there is nothing that a new goal could stand on (§3.2)."""
    if outcome.achievements or outcome.key_observations:
        return None
    return reject(trajectory, "extract", Reason.NOTHING_ACHIEVED, "no observation shows anything achieved")


DECIDED: dict[str, Callable[..., Rejection | None]] = {"classify": screen, "extract": anchor}
"""What is decided after a stage, by its name; after others nothing is."""


async def relabel(trajectory: Trajectory, result: Result, crew: Crew, rules: Rules, keep: Keep) -> Result:
    """Stage 3: up to K attempts, each proposal through the gate; what was refused stays refused (§3.3)."""
    diagnosis = result.diagnosis
    assert diagnosis is not None
    needed = tuple(given(result, STAGES[LAST]))
    judged: list[Judged] = []
    accepted: list[Judged] = []
    for attempt in range(1, rules.attempts + 1):
        proposals = await crew.relabel(trajectory, *needed, attempt, tuple(judged))
        fresh = _fresh(proposals, judged)
        for some in [fresh] if rules.goals is None else [[proposal] for proposal in fresh]:
            if len(accepted) != rules.goals:
                judged += await together([judge(trajectory, one, crew, rules) for one in some])
                accepted = [one for one in judged if one.accepted]
        if accepted or not fresh:
            break
        keep(result.plus(*judged))
    samples = tuple(sample(trajectory, diagnosis, one, number) for number, one in enumerate(accepted, 1))
    rejection = None if samples else _why_none(trajectory, judged, rules)
    return _ended(result.plus(*judged, *samples), rejection)


async def judge(trajectory: Trajectory, proposal: Proposal, crew: Crew, rules: Rules) -> Judged:
    """The gate: the proposer's own word, then the mechanical judge, then the models.

    Where all have to consent, the first refusal ends it. For a majority all models are asked, and at the same time.
    """
    if not proposal.valid or proposal.confidence < rules.theta:
        return Judged(proposal=proposal, accepted=False)
    judges = list(crew.judges.items())
    verdicts: list[Verdict] = []
    votes: list[bool] = []
    for turn in [judges[:1], judges[1:]] if rules.quorum == "majority" else [[one] for one in judges]:
        verdicts += await together([put(name, ask, trajectory, proposal) for name, ask in turn])
        votes = [verdict.consents(rules.theta) for verdict in verdicts]
        if not passes(votes, rules.quorum):
            break
    return Judged(proposal=proposal, verdicts=tuple(verdicts), accepted=passes(votes, rules.quorum))


async def put(name: str, ask: Judge, trajectory: Trajectory, proposal: Proposal) -> Verdict:
    """What the judge of that name says. One that cannot answer has not consented."""
    try:
        return await ask(trajectory, proposal)
    except AnswerError as error:
        raw = error.raw.encode("utf-8", "replace").decode()
        return Verdict(judge=name, valid=False, confidence=0, reason=f"no usable answer: {error}", raw=raw)


def passes(votes: Sequence[bool], quorum: Quorum) -> bool:
    """Is it accepted? The first vote is the mechanical judge's, whom nobody outvotes; without any vote it is not."""
    models = votes[1:]
    needed = len(models) // 2 + 1 if models and quorum == "majority" else len(models)
    return bool(votes) and votes[0] and sum(models) >= needed


def _fresh(proposals: tuple[Proposal, ...], judged: list[Judged]) -> list[Proposal]:
    """Proposals whose goal has not been judged yet, each once."""
    known = {_plain(one.proposal.goal) for one in judged}
    fresh = []
    for proposal in proposals:
        if (goal := _plain(proposal.goal)) not in known:
            known.add(goal)
            fresh.append(proposal)
    return fresh


def _plain(goal: str) -> str:
    return " ".join(goal.casefold().split()).rstrip(".!?")


def _why_none(trajectory: Trajectory, judged: list[Judged], rules: Rules) -> Rejection:
    """The one reason that stands for all proposals: that of the one that came furthest."""
    if not judged:
        return reject(trajectory, "relabel", Reason.NO_GOAL_PROPOSED, "no goal was found that the run demonstrates")
    furthest = max(judged, key=lambda one: len(one.verdicts))
    if not furthest.verdicts:
        if not any(one.proposal.valid for one in judged):
            detail = furthest.proposal.rationale or "the proposer held none of its goals to be valid"
            return reject(trajectory, "relabel", Reason.NO_GOAL_PROPOSED, detail)
        best = max(one.proposal.confidence for one in judged)
        detail = f"best confidence {best:.2f} < {rules.theta:.2f} (--theta)"
        return reject(trajectory, "relabel", Reason.LOW_CONFIDENCE, detail)
    verdict = next(one for one in furthest.verdicts if not one.consents(rules.theta))
    refused = Reason.DIALOGUE if verdict.rule == "dialogue" else Reason.REFUSED
    reason = Reason.BAD_ANSWER if verdict.raw is not None else refused
    detail = f"{verdict.judge}: {verdict.reason or 'confidence below --theta'}"
    return reject(trajectory, "relabel", reason, detail, verdict.raw)


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

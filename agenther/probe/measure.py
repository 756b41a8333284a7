"""How well the gate holds: near-miss goals are put to each judge, and counted when they get through."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agenther.judges.table import Judge
from agenther.pipeline import passes, verdicts_of
from agenther.probe.report import GATE, TRUE, Line, Passed, Report, Unproven
from agenther.probe.twins import EACH, twins
from agenther.records import Proposal, Sample, Trajectory, Verdict
from agenther.settings import Settings
from agenther.tally.shares import Share
from agenther.text.clauses import stems
from agenther.together import in_turn

AT_A_TIME = 8
WINDOW = 16
"""So many goals for one that is asked about at a time are made ahead."""


class _Question(NamedTuple):
    sample: Sample
    trajectory: Trajectory
    proposal: Proposal
    kind: str
    from_run: bool
    now: str

    @property
    def passed(self) -> Passed:
        return Passed(sample_id=self.sample.id, goal=self.sample.goal, twin=self.proposal.goal, kind=self.kind)


async def probe(
    samples: Iterable[tuple[Sample, Trajectory]],
    judges: Mapping[str, Judge],
    settings: Settings | None = None,
    each: int = EACH,
    at_a_time: int = AT_A_TIME,
) -> Report:
    """Asks every judge about every sample's goal and its twins, `at_a_time` goals at a time.

    The first judge is the mechanical one; with it, θ and the quorum of `settings` the gate is that of the pipeline.
    """
    settings = settings or Settings()
    refused: Counter[tuple[str, str, bool]] = Counter()
    asked: Counter[tuple[str, str, bool]] = Counter()
    passed: list[Passed] = []
    unproven: dict[str, list[tuple[bool, int]]] = {}
    names = (*judges, GATE)
    free = asyncio.Semaphore(at_a_time)

    async def votes(question: _Question) -> tuple[_Question, tuple[Verdict, ...]]:
        async with free:
            return question, await verdicts_of(question.trajectory, question.proposal, judges, settings)

    questions = (question for sample, trajectory in samples for question in _questions(sample, trajectory, each))
    async for question, verdicts in in_turn(map(votes, questions), WINDOW * at_a_time):
        said = [settings.consents(verdict) for verdict in verdicts]
        for first in verdicts[:1]:
            if first.valid or first.points:
                unproven.setdefault(question.kind, []).append((names_it(first, question.now), len(first.points)))
        through = passes(said, settings)
        for judge, yes in zip(names, (*said, through), strict=True):
            key = (judge, question.kind, question.from_run)
            asked[key] += 1
            refused[key] += not yes
        if question.kind != TRUE and through:
            passed.append(question.passed)
    lines = tuple(
        Line(judge=judge, kind=kind, from_run=from_run, refused=Share(part=refused[judge, kind, from_run], of=number))
        for (judge, kind, from_run), number in sorted(asked.items(), key=lambda one: names.index(one[0][0]))
    )
    left = tuple(
        Unproven(
            kind=kind,
            named=Share(part=sum(named for named, _ in found), of=len(found)),
            points=sum(points for _, points in found),
        )
        for kind, found in unproven.items()
    )
    return Report(lines=lines, passed=tuple(passed), unproven=left)


def names_it(verdict: Verdict, now: str) -> bool:
    """Does one of its doubts quote what was changed, or at least half of its words?"""
    words = stems(now) or frozenset(now.casefold().strip(" .").split())
    for question in (point.question.casefold() for point in verdict.points):
        said = stems(question) | frozenset(re.findall(r"\w+", question))
        if words and (now.strip(" .").casefold() in question or 2 * len(words & said) >= len(words)):
            return True
    return False


def proposal(sample: Sample, trajectory: Trajectory) -> Proposal:
    """The proposal that the sample of the run was accepted as."""
    last = max([0, *(step.n for step in sample.steps)])
    after = trajectory.steps[last:] if sample.opening else ()
    closing = [step.n for step in after if (step.says or "").strip() == sample.answer][:1]
    cited = [claim.step for claim in sample.claims]
    own = [verdict.confidence for verdict in sample.verdicts[:1]]  # the mechanical judge has none but the proposer's
    return Proposal(
        run_id=sample.run_id,
        goal=sample.goal,
        claims=sample.claims,
        end_step=max([1, *cited, last, *closing]),
        relevant_steps=(*sample.relevant_steps, *closing),
        answer=sample.answer,
        answer_source=sample.answer_source,
        confidence=own[0] if own else sample.confidence,
        rationale=sample.rationale,
        kind=sample.kind,
        as_dialogue=sample.opening is not None,
        by=sample.by,
    )


def _questions(sample: Sample, trajectory: Trajectory, each: int) -> Iterable[_Question]:
    true = proposal(sample, trajectory)

    def question(goal: str, kind: str, now: str, *, from_run: bool) -> _Question:
        return _Question(sample, trajectory, true.model_copy(update={"goal": goal}), kind, from_run, now)

    yield question(sample.goal, TRUE, "", from_run=True)
    for twin in twins(sample, trajectory, each):
        yield question(twin.goal, twin.kind, twin.now, from_run=twin.from_run)

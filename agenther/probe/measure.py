"""How well the gate holds: near-miss goals are put to each judge, and counted when they get through."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import sqrt
from typing import Any, NamedTuple

from agenther.judges.table import Judge
from agenther.pipeline import passes, verdicts_of
from agenther.probe.spots import Kind
from agenther.probe.twins import EACH, twins
from agenther.records import Proposal, Record, Sample, Trajectory, Verdict
from agenther.settings import Settings
from agenther.tally.counts import Table
from agenther.text.clauses import stems
from agenther.together import in_turn

GATE = "gate"
"""All judges together: what they refuse as the pipeline has it."""
TRUE = "true"
"""Stands in the place of a twin's kind for the goals themselves."""
AT_A_TIME = 8
WINDOW = 16
"""So many goals for one that is asked about at a time are made ahead."""


class Share(Record):
    """How many of so many."""

    part: int
    of: int

    @property
    def value(self) -> float:
        return self.part / self.of if self.of else 0.0

    @property
    def rest(self) -> "Share":
        """The others of so many."""
        return Share(part=self.of - self.part, of=self.of)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %; (0, 1) when there is nothing to count."""
        if not self.of:
            return 0.0, 1.0
        z = 1.96
        centre = self.value + z * z / (2 * self.of)
        spread = z * sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of * self.of))
        low, high = ((centre + sign * spread) / (1 + z * z / self.of) for sign in (-1, 1))
        return max(0.0, low), min(1.0, high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.part} of {self.of} ({low:.1%} to {high:.1%})" if self.of else "none"


class Line(Record):
    """What one judge, or the gate, did with the goals of one kind."""

    judge: str
    kind: str
    """A kind of twin, or "true"."""
    from_run: bool
    refused: Share


class Unproven(Record):
    """Goals of one kind that the mechanical judge does not prove wrong."""

    kind: str
    named: Share
    """How many of them a doubt names by what was changed."""
    points: int
    """Doubts about them, in all."""


class Passed(Record):
    """A twin that got through the gate."""

    sample_id: str
    goal: str
    twin: str
    kind: str


class Report(Record):
    lines: tuple[Line, ...]
    passed: tuple[Passed, ...]
    unproven: tuple[Unproven, ...] = ()

    def proved(self, *kinds: str) -> Share:
        """Of the goals of these kinds, how many the mechanical judge proves wrong."""
        of = self.refused(GATE, *kinds).of
        return Share(part=of - sum(one.named.of for one in self.unproven if one.kind in kinds), of=of)

    def named(self, *kinds: str) -> Share:
        """Of those that it does not, how many a doubt names by what was changed."""
        chosen = [one.named for one in self.unproven if one.kind in kinds]
        return Share(part=sum(share.part for share in chosen), of=sum(share.of for share in chosen))

    def refused(self, judge: str, *kinds: str, from_run: bool | None = None) -> Share:
        """Of the goals of these kinds, how many the judge refused; `from_run` narrows it to one sort of twins."""
        chosen = [
            line.refused
            for line in self.lines
            if line.judge == judge and line.kind in kinds and from_run in {None, line.from_run}
        ]
        return Share(part=sum(share.part for share in chosen), of=sum(share.of for share in chosen))

    def through(self, judge: str, *kinds: str, from_run: bool | None = None) -> Share:
        """Of the goals of these kinds, how many the judge let through."""
        return self.refused(judge, *kinds, from_run=from_run).rest

    def tables(self) -> tuple[Table, ...]:
        """For each judge and the gate: what got through by kind, twins with words of the run and from nowhere apart."""
        columns = ("kind", "got through", "with words of the run", "from nowhere")
        return tuple(
            Table(f"Near-miss goals that got through: {judge}", columns, tuple(self._rows(judge)))
            for judge in dict.fromkeys(line.judge for line in self.lines)
        )

    def _rows(self, judge: str) -> Iterator[tuple[str, ...]]:
        for kind in Kind:
            yield kind, *(str(self.through(judge, kind, from_run=which)) for which in (None, True, False))
        yield "all of them", *(str(self.through(judge, *Kind, from_run=which)) for which in (None, True, False))
        yield "(true goals)", str(self.through(judge, TRUE)), "", ""

    def in_short(self) -> str:
        """The gate in one line."""
        return f"near-miss goals through the gate: {self.through(GATE, *Kind)}; true goals: {self.through(GATE, TRUE)}"

    def objects(self) -> Iterator[dict[str, Any]]:
        """For other programs: what got through, by judge and kind, and then each twin that got through the gate."""
        for line in self.lines:
            through = line.refused.rest
            low, high = (round(bound, 4) for bound in through.interval)
            counted = {"through": through.part, "of": through.of, "low": low, "high": high}
            yield {"judge": line.judge, "kind": line.kind, "from_run": line.from_run, **counted}
        for one in self.passed:
            yield one.model_dump()


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
        said = [verdict.consents(settings.theta) for verdict in verdicts]
        for first in verdicts[:1]:
            if first.valid or first.points:
                unproven.setdefault(question.kind, []).append((names_it(first, question.now), len(first.points)))
        through = passes(said, settings.quorum)
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

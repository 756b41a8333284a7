"""Every record of a set: a failed run, a lesson, a triplet. Sets of others are read as these, and as nothing else."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import from_json, to_json

from agenther.lessons.records import Lesson
from agenther.records import (
    Action,
    Attribution,
    Diagnosis,
    Ending,
    FailureType,
    Label,
    Party,
    Record,
    Source,
    Step,
    Suspect,
    Tag,
    Trajectory,
)

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}"
"""Of an organisation."""
Outcome = Literal["failed", "succeeded", "unknown"]
OUTCOMES: Mapping[bool | None, Outcome] = {False: "failed", True: "succeeded", None: "unknown"}


class Act(Record):
    """A step of a run."""

    n: int = Field(ge=1)
    agent: str = ""
    thought: str = ""
    tool: str
    arguments: str = "{}"
    """JSON; what the log holds where that is none."""
    observation: str = ""
    error: str = ""
    url: str = ""
    by_user: bool = False
    """Is the observation what the user said?"""
    final: bool = False

    def step(self) -> Step:
        try:
            inputs = from_json(self.arguments)
        except ValueError:
            inputs = None
        is_object = isinstance(inputs, dict)
        action = Action(
            name=self.tool, arguments=inputs if is_object else {}, raw=None if is_object else self.arguments
        )
        return Step(
            n=self.n,
            turn=self.n,
            agent=self.agent,
            thought=self.thought or None,
            action=action,
            observation=self.observation or None,
            error=self.error or None,
            url=self.url or None,
            answered_by="user" if self.by_user else "environment",
            final=self.final,
        )


class Failed(Record):
    """A failed run, and what is said of its failure. Nothing in it is null but scores that nobody gave."""

    run_id: str
    group: str
    """What stays on one side of the split."""
    format: str
    benchmark: str = ""
    domain: str = ""
    template: str = ""
    task_id: str = ""
    goal: str
    goal_seen: bool = True
    start: str = ""
    steps: tuple[Act, ...]
    answer: str = ""
    ending: Ending = Ending.UNKNOWN
    outcome: Outcome
    """As its label has it: "unknown" is a run that only its steps show to have failed."""
    label_source: str = "none"
    score: float | None = None
    reward: float | None = None
    """From 0 to 1: how near it came to its goal."""
    failure_type: FailureType | Literal[""] = ""
    failure_reason: str = ""
    severity: float = Field(default=0, ge=0, le=1)
    party: Party = "agent"
    suspects: tuple[Suspect, ...] = ()
    tags: tuple[Tag, ...] = ()
    method: str = ""
    """Of attribution; empty where none was asked for."""
    by: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Failed":
        if [act.n for act in self.steps] != list(range(1, len(self.steps) + 1)):
            raise ValueError("steps are not numbered from 1 on")
        return self

    def run(self) -> Trajectory:
        """As rules read it."""
        return Trajectory(
            id=self.run_id,
            source=Source(format=self.format, path=""),
            goal=self.goal,
            goal_seen=self.goal_seen,
            task_id=self.task_id,
            benchmark=self.benchmark,
            domain=self.domain,
            template=self.template,
            start=self.start or None,
            steps=tuple(act.step() for act in self.steps),
            answer=self.answer or None,
            ending=self.ending,
            label=Label(
                success={name: said for said, name in OUTCOMES.items()}[self.outcome],
                source=self.label_source,
                score=self.score,
                reward=self.reward,
            ),
            failure_reason=self.failure_reason or None,
        )


class Triplet(Record):
    """A run, one that ended like it, and one that did not: texts, for encoders."""

    id: str
    group: str
    anchor: str
    positive: str
    negative: str
    outcome: Literal["failed", "succeeded"]
    """Of the first two; the third's is the other."""
    failure_type: str = ""
    """Of the first."""
    shared: Literal["task", "template", "site", "benchmark", "nothing"]
    """What is the same for all three, the closest that there is."""
    anchor_run_id: str
    positive_run_id: str
    negative_run_id: str
    positive_group: str
    negative_group: str

    @property
    def run_ids(self) -> tuple[str, str, str]:
        return (self.anchor_run_id, self.positive_run_id, self.negative_run_id)

    def outcomes(self) -> dict[str, str]:
        """How it says that each of its runs ended."""
        other = "succeeded" if self.outcome == "failed" else "failed"
        return {
            self.negative_run_id: other,
            self.positive_run_id: self.outcome,
            self.anchor_run_id: self.outcome,
        }


CONFIGS: Mapping[str, type[Record]] = {"failures": Failed, "lessons": Lesson, "contrast": Triplet}
"""Of a set, each with its records, in the order in which they are told."""


def id_of(record: Record) -> str:
    """That by which people know it."""
    return record.run_id if isinstance(record, Failed) else str(getattr(record, "id", ""))


def runs_of(record: Record) -> frozenset[str]:
    """The runs that it is about, or stands on."""
    match record:
        case Failed():
            return frozenset({record.run_id})
        case Triplet():
            return frozenset(record.run_ids)
        case Lesson():
            return frozenset({*record.run_ids, *(one.run_id for one in (*record.failures, *record.successes))})
    return frozenset()


def digest(line: bytes) -> str:
    """The name of a record: of its canonical line."""
    return sha256(line).hexdigest()


def failed(run: Trajectory, group: str, diagnosis: Diagnosis | None, attribution: Attribution | None) -> Failed:
    """What a set tells of the run."""
    said = attribution.model_dump(include={"party", "suspects", "tags", "method", "by"}) if attribution else {}
    shared = "benchmark domain template task_id goal goal_seen ending".split()
    return Failed(
        run_id=run.id,
        group=group,
        format=run.source.format,
        **{name: getattr(run, name) for name in shared},
        start=run.start or "",
        steps=tuple(map(_act, run.steps)),
        answer=run.answer or "",
        outcome=OUTCOMES[run.label.success],
        label_source=run.label.source,
        score=run.label.score,
        reward=run.label.reward,
        failure_type=(diagnosis and diagnosis.failure_type) or "",
        failure_reason=run.failure_reason or "",
        severity=diagnosis.severity if diagnosis else 0,
        **said,
    )


def _act(step: Step) -> Act:
    inputs = step.action.raw if step.action.raw is not None else to_json(step.action.arguments).decode()
    return Act(
        n=step.n,
        agent=step.agent,
        thought=step.thought or "",
        tool=step.action.name,
        arguments=inputs,
        observation=step.observation or "",
        error=step.error or "",
        url=step.url or "",
        by_user=step.answered_by == "user",
        final=step.final,
    )

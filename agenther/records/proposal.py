"""What relabeling makes: goals, and what judges say of them."""

from typing import Literal

from pydantic import Field

from agenther.records.base import RULES, Record
from agenther.records.diagnosis import Evidence


class Proposal(Record):
    """Stage 3: a goal that a beginning of the run demonstrates (AgentHER §3.3; HSL)."""

    run_id: str
    goal: str
    claims: tuple[Evidence, ...]
    """One for each requirement of the goal."""
    end_step: int = Field(ge=1)
    """The first step at which the goal is met; later steps are cut."""
    relevant_steps: tuple[int, ...]
    """The steps up to `end_step` that serve the goal; only these carry loss."""
    answer: str
    """What the agent says at the end, every fact from the observations up to `end_step`."""
    answer_source: Literal["log", "grounded"]
    """The log's own final answer, or one written anew from the observations."""
    valid: bool = True
    """Does the proposer itself hold the goal to be valid?"""
    confidence: float = Field(ge=0, le=1)
    rationale: str = ""
    severity: float | None = Field(default=None, ge=0, le=1)
    """How bad what the kept steps do is: 0 harmless, 1 worthless. None: nobody weighed it; then it is measured."""
    kind: str = ""
    """Goal type for balance, for example "lookup", "navigate", "search", "change"."""
    as_dialogue: bool = False
    """Is the dialogue itself the demonstration, so that the user's turns stay as they were? Otherwise the goal is what
    the user asks, and holds all that he said.
    """
    attempt: int = 1
    by: str = RULES

    @property
    def weight(self) -> float:
        """1 keeps the demonstration in full, 0 drops it."""
        return round(1 - (self.severity or 0), 4)


class Point(Record):
    """A doubt about a proposal, for somebody who can read to decide."""

    rule: str
    """Name of the mechanical rule that raised it."""
    question: str
    """In words. It quotes the new goal and its answer, never the failed request, which judges must not see."""
    settled: bool | None = None
    """Was it decided for the goal? None: nobody decided it."""
    reason: str = ""
    """Of who decided it."""


class Verdict(Record):
    """One judge's opinion of one proposal."""

    judge: str
    valid: bool
    confidence: float = Field(ge=0, le=1)
    reason: str = ""
    rule: str = ""
    """Name of the mechanical rule that refused; empty for model judges and for consent."""
    points: tuple[Point, ...] = ()
    """Of the mechanical judge, the doubts that it raises; of a model, how it decided each."""
    claims: tuple[tuple[str, bool, int | None], ...] = ()
    """(claim, supported, step)."""
    raw: str | None = None
    """The last answer of a model that gave none that could be used."""

    @property
    def probability(self) -> float:
        """That the pair is valid, by this judge. Who refuses gives it no more than an even chance."""
        return self.confidence if self.valid else min(self.confidence, 1 - self.confidence)


class Judged(Record):
    """A proposal and what became of it."""

    proposal: Proposal
    verdicts: tuple[Verdict, ...] = ()
    accepted: bool
    why: str = ""
    """Why it was refused, where no judge refused it."""
    known: bool = False
    """Did an earlier round make its goal? Then it was refused for that, which says nothing against it."""

    @property
    def run_id(self) -> str:
        return self.proposal.run_id

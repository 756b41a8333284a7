"""What the first two stages make: did the run fail, and what was achieved?"""

from enum import StrEnum

from pydantic import Field

from agenther.records.base import RULES, Record


class FailureType(StrEnum):
    """AgentHER §3.1."""

    INCOMPLETE = "incomplete"
    CONSTRAINT_VIOLATION = "constraint_violation"
    WRONG_RESULT = "wrong_result"
    TOOL_ERROR = "tool_error"
    HALLUCINATION = "hallucination"
    OFF_TOPIC = "off_topic"


class Loop(Record):
    """The same action `times` times in a row, from step `start` on."""

    start: int
    times: int


class Diagnosis(Record):
    """Stage 1 (AgentHER §3.1)."""

    run_id: str
    is_failure: bool | None
    """None: nothing tells. Such a run is not relabeled unless it is assumed failed."""
    failure_type: FailureType | None = None
    recoverable: bool = False
    """Was anything substantive observed?"""
    severity: float = Field(default=0, ge=0, le=1)
    """How bad the failure is: 0 harmless, 1 worthless. Never used as a weight."""
    weight: float = Field(default=0, ge=0, le=1)
    """1 keeps the sample in full, 0 drops it."""
    decisive_step: int | None = None
    """The first step after which the run could no longer succeed, as far as can be told."""
    loops: tuple[Loop, ...] = ()
    explanation: str = ""
    by: str = RULES
    """Who judged: "rules", or the model's name."""


class Evidence(Record):
    """A statement and the verbatim words of the log that show it."""

    text: str
    step: int
    quote: str
    """Occurs verbatim in the observation of `step`, or in an argument of its action."""


class Outcome(Record):
    """Stage 2: what was really achieved (AgentHER §3.2)."""

    run_id: str
    achievements: tuple[Evidence, ...] = ()
    key_observations: tuple[Evidence, ...] = ()
    by: str = RULES

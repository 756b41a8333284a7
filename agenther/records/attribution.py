"""Who made a run fail, and when."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from agenther.records.base import RULES, Record


class Tag(StrEnum):
    """What a step was worth to the failed goal (SRFT, arXiv 2605.10674)."""

    GOOD = "good"
    UNNECESSARY = "unnecessary"
    MISTAKE = "mistake"
    RECOVERY = "recovery"


Party = Literal["agent", "tool", "environment", "user", "task"]
"""Who can be responsible for a failure."""


class Suspect(Record):
    """A step that may have been the decisive one."""

    step: int = Field(ge=1)
    agent: str
    weight: float = Field(ge=0, le=1)
    """How likely it is; those of all suspects of a run add up to no more than 1."""
    reason: str = ""
    quote: str = ""
    """Verbatim words of the step; empty where none could be found in it."""


class Attribution(Record):
    """Who made the run fail, and when (Who&When, arXiv 2505.00212): the earliest step such that, had the agent acted
    rightly there, the run would have succeeded.
    """

    run_id: str
    suspects: tuple[Suspect, ...] = ()
    """The likeliest first; none where nothing tells."""
    party: Party = "agent"
    tags: tuple[Tag, ...] = ()
    """One for each step of the run; empty where the method tells none."""
    method: str
    with_answer: bool = False
    """Was the reference answer shown?"""
    unshown: int = 0
    """Steps at the run's end for which there was no room in the prompt."""
    by: str = RULES

    @property
    def step(self) -> int | None:
        """The decisive one."""
        return self.suspects[0].step if self.suspects else None

    @property
    def agent(self) -> str:
        """The responsible one."""
        return self.suspects[0].agent if self.suspects else ""

    @property
    def wasted(self) -> frozenset[int]:
        """Steps that nobody should learn from."""
        return frozenset(n for n, tag in enumerate(self.tags, 1) if tag in {Tag.MISTAKE, Tag.UNNECESSARY})

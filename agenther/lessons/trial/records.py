"""The types of a trial."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from agenther.records import Record


class Arm(StrEnum):
    NONE = "none"
    LESSON = "lesson"
    PLACEBO = "placebo"
    """As long a text, of lessons of other tasks."""


class Task(Record):
    """A line of the user's tasks: what is known of one before it is begun."""

    task: str = Field(min_length=1, max_length=500)
    """Its id, as the user's agent knows it."""
    goal: str = ""
    """In words; without tools, sites and template it is what the lesson is chosen by."""
    benchmark: str = ""
    tools: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    template: str = ""


class Row(Record):
    """One run that is to be made."""

    id: str
    """By which what came of it is told."""
    task: str
    arm: Arm
    repetition: int
    turn: int
    """Which of the three arms of this task and repetition is run first, second and third; fixed by a hash."""
    text: str
    """To be put at the end of the system prompt; empty in the arm without."""
    lessons: tuple[str, ...] = ()
    """Ids of those in the text."""


class Why(StrEnum):
    """Why a task is not in the trial."""

    REPEATED = "named-twice"
    SEEN = "taught-the-lessons"
    """Its lesson would be an answer that was given away."""
    NO_LESSON = "no-lesson-fits"
    NO_PLACEBO = "no-text-of-other-tasks-is-as-long"


class Left(Record):
    task: str
    why: Why


class Trial(Record):
    """`trial.json`: what was made."""

    id: str
    version: str
    lessons: str
    """The sha256 of `lessons.jsonl` that it was made of."""
    repetitions: int
    tasks: int
    left_out: tuple[Left, ...]
    files: dict[str, str]
    """By arm, the sha256 of its file."""


class Outcome(NamedTuple):
    """What came of one run."""

    name: str
    """How it calls the row: its id, or "task, arm, repetition"."""
    value: float | None
    """From 0 to 1, a success is 1; None where nothing tells."""
    where: str


class Block(NamedTuple):
    """What came of one task in one repetition, by arm: all three of them."""

    task: str
    repetition: int
    lesson: str
    """Its id."""
    none: float
    helped: float
    """With the lesson."""
    placebo: float

    @property
    def effect(self) -> int:
        """1 where the lesson did better than both others, -1 where it did worse than both, else 0."""
        return (self.helped > max(self.none, self.placebo)) - (self.helped < min(self.none, self.placebo))

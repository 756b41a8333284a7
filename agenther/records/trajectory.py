"""What a reader makes: one run of an agent."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from agenther.records.base import Record


class Action(Record):
    """What the agent did: one call of a tool, or one message (`name="respond"`)."""

    name: str
    arguments: dict[str, JsonValue] = Field(default={})
    """By parameter name. Empty when the log holds text that is not a JSON object; see `raw`."""
    raw: str | None = None
    """The arguments' text as logged, only when it is not a JSON object."""


class Step(Record):
    """One act of the agent and what came back."""

    n: int = Field(ge=1)
    turn: int = Field(ge=1)
    """Number of the agent's message that holds this act; parallel calls share it."""
    thought: str | None = None
    action: Action
    observation: str | None = None
    """What came back after the action, whole, as the agent saw it; None if nothing did."""
    answered_by: Literal["environment", "user"] = "environment"
    """Who wrote the observation; "user" makes the run a dialogue."""
    error: str | None = None
    """Why the environment says that the action failed, where the log's format says so outright."""
    url: str | None = None
    """Address of the page on which the action was taken (web runs)."""
    final: bool = False
    """The agent's closing act: stop, Finish, a last message to the user."""
    note: str | None = None
    """What the user or the harness said after the result, apart from it."""
    note_by: Literal["environment", "user"] = "environment"
    """Who said it; a request of the user makes the run a dialogue."""
    agent: str = ""
    """Which agent acted, by the name that the log gives it."""
    message: int | None = None
    """Index, from 0, of the log's message that holds the act."""
    at: str = ""
    """When it acted, as the log writes it."""

    @property
    def said_by_user(self) -> str:
        """What the user said after the act; empty if he did not speak."""
        if self.answered_by == "user":
            return self.observation or ""
        return self.note or "" if self.note_by == "user" else ""

    @property
    def says(self) -> str | None:
        """What the agent says to the user, under whatever name the log keeps it; None where it calls a tool."""
        if self.action.name != "respond":
            return None
        said = (value for value in self.action.arguments.values() if isinstance(value, str))
        return next(said, self.action.raw or "")


class Tool(Record):
    """A tool that the agent could call, as its schema stands in the log."""

    name: str
    description: str = ""
    parameters: dict[str, JsonValue] = Field(default={})
    """A JSON Schema object; empty when the log does not tell."""


class Label(Record):
    """Did the run meet its original goal, and who says so. Never inferred from having finished."""

    success: bool | None = None
    source: str = "none"
    """For example "log", "reward", "pass-rate", "offline string_match", "crash"; "none" if nobody says."""
    score: float | None = None
    reward: float | None = Field(default=None, ge=0, le=1)
    """How near the run came to its goal, from 0 to 1: of a score, which part of the most it is. Not in the run's id."""
    reward_by: Literal["", "score", "checklist"] = ""
    """Where that is from. A checklist tells of each thing that was looked at whether it was met."""
    unread: tuple[str, ...] = ()
    """Fields that look like labels, and of which it is not known what they say."""
    rows: tuple[int, ...] = Field(default=(), exclude=True)
    """Of the user's file of labels, those about the run, from 0. Not written down."""


class Blame(Record):
    """Whom people who read the log hold responsible for its failure."""

    agent: str = ""
    """By the name that the log gives it."""
    message: int | None = None
    """Index, from 0, of the log's message in which it erred."""
    reason: str = ""


class Ending(StrEnum):
    """How the run ended, as far as the log shows."""

    ANSWERED = "answered"
    GAVE_UP = "gave-up"
    STEP_LIMIT = "step-limit"
    PARSE_FAILURE = "parse-failure"
    REPEATED = "repeated-action"
    CRASHED = "crashed"
    UNKNOWN = "unknown"


SET_ASIDE = "results-set-aside"
"""The flag of a run that has results of which nothing tells whose they are. No step holds them."""


class Branch(Record):
    """Another path through the same search tree: the same run, the same side of every split."""

    steps: tuple[Step, ...]
    answer: str | None = None


class Source(Record):
    """Where a run was read."""

    format: str
    path: str
    """Relative to the LOGS argument under which it was found; `/` as separator."""
    line: int | None = None
    """Line in the file, from 1, for line-wise formats."""
    key: str = ""
    """Which run of the file: a query id, a list index, "task/trial"; empty when the file holds one."""
    sha256: str = ""
    """Of the file's bytes; no part of the run's id, so that a line added to a file changes no other run."""


class Trajectory(Record):
    """One run of an agent, whole."""

    id: str
    """Content hash, prefixed by the format. Stable across machines, orders and reruns."""
    source: Source
    goal: str
    goal_seen: bool = True
    """False when the agent never saw the goal's text (a simulated user held it)."""
    task_id: str = ""
    benchmark: str = ""
    domain: str = ""
    template: str = ""
    """Key of the task's template; runs that share it stay on one side of every split."""
    system: str | None = None
    tools: tuple[Tool, ...] = ()
    start: str | None = None
    """What the agent observed before its first action (step 0)."""
    steps: tuple[Step, ...]
    answer: str | None = None
    """The agent's final answer to its user; None when it gave none or the log's is synthetic."""
    ending: Ending = Ending.UNKNOWN
    label: Label = Label()
    failure_reason: str | None = None
    """What the log itself says went wrong, in its own words."""
    blame: Blame | None = None
    """What people say of who erred and when; nobody is shown it who is to find that out."""
    reference: str | None = None
    """The right answer, where the log tells it; shown to nobody unless that is asked for."""
    flags: tuple[str, ...] = ()
    """Quality flags of the reader, for example "observations-truncated"."""
    branches: tuple[Branch, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)

    def observation(self, step: int) -> str:
        """What was seen at `step`: 0 is the start, n is what came back after action n; "" if nothing."""
        if step == 0:
            return self.start or ""
        return self.steps[step - 1].observation or "" if step <= len(self.steps) else ""

    def observations(self, end: int | None = None) -> Iterator[tuple[int, str]]:
        """(step, text) for each non-empty observation up to and including step `end`."""
        for n in range((len(self.steps) if end is None else end) + 1):
            if text := self.observation(n):
                yield n, text

    @property
    def lacks_results(self) -> bool:
        """Does a step without observation have one all the same, which could not be told from others?"""
        return SET_ASIDE in self.flags

    @property
    def is_dialogue(self) -> bool:
        """Does the user speak again after the run began?"""
        return any("user" in (step.answered_by, step.note_by) for step in self.steps)

    @property
    def opening(self) -> str:
        """What the user said first; "" where nobody wrote that down."""
        return self.goal if self.goal_seen else self.start or ""

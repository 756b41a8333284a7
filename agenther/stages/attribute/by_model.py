"""Attribution by a model: who made the run fail and when, by each of the methods that `ladder.METHODS` names."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from agenther.llm.asking import Question, put_within
from agenther.llm.model import Model
from agenther.llm.schemas import SaidAttribution
from agenther.prompt import VARIABLES, Prompts
from agenther.records import Attribution, Party, Suspect, Tag, Trajectory
from agenther.rendering.runs import thoughts
from agenther.stages.attribute.believed import suspects, tags

Answer = TypeVar("Answer", bound=BaseModel)


class Found(NamedTuple):
    """What a method came to."""

    suspects: tuple[Suspect, ...]
    party: Party = "agent"
    tags: tuple[Tag, ...] = ()


@dataclass
class Reading:
    """A run, as a model is asked about it."""

    trajectory: Trajectory
    model: Model
    prompts: Prompts
    reference: str | None
    shown: int = field(init=False)
    """The last step that was shown each time."""

    def __post_init__(self) -> None:
        self.shown = self.prompts.last_shown(self.trajectory)

    async def ask(self, question: str, shape: type[Answer], end: int | None = None, **about: object) -> Answer:
        """The answer to a question about the run up to `end`. Raises AnswerError when it cannot be used."""
        known = {
            "goal": self.trajectory.goal,
            "goal_seen": self.trajectory.goal_seen,
            "thoughts": thoughts(self.trajectory, end),
            "answer": self.trajectory.answer,
            "reference": self.reference,
            **about,
        }
        values = {name: known[name] for name in VARIABLES[question]}
        asked = Question(question, values, end)
        said, room = await put_within(self.model, self.prompts, self.trajectory, asked, shape)
        self.shown = min(self.shown, self.prompts.last_shown(self.trajectory, room))
        return said


async def all_at_once(reading: Reading) -> Found:
    """In one call."""
    said = await reading.ask("attribute", SaidAttribution)
    return Found(suspects(reading.trajectory, said), said.party, tags(reading.trajectory, said))


METHODS: Mapping[str, Callable[[Reading], Awaitable[Found]]] = {
    "all-at-once": all_at_once,
}
"""By name."""


@dataclass(frozen=True)
class ByModel:
    """One model that looks for the decisive step. Raises as the other stages do."""

    model: Model
    prompts: Prompts
    method: str
    with_answer: bool = False
    """Is it shown the right answer, where the log tells it?"""

    async def attribute(self, trajectory: Trajectory) -> Attribution:
        """What people say of the run, in `blame` or `failure_reason`, is never shown."""
        reference = trajectory.reference if self.with_answer else None
        reading = Reading(trajectory, self.model, self.prompts, reference)
        found = await METHODS[self.method](reading)
        return Attribution(
            run_id=trajectory.id,
            suspects=found.suspects,
            party=found.party,
            tags=found.tags,
            method=self.method,
            with_answer=reference is not None,
            unshown=len(trajectory.steps) - reading.shown,
            by=self.model.name,
        )

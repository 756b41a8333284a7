"""Attribution by a model: who made the run fail and when, by each of the methods that `ladder.METHODS` names."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from agenther.llm.asking import Question, put_within
from agenther.llm.model import Model
from agenther.llm.schemas import SaidAttribution, SaidChoice, SaidHalf, SaidStep
from agenther.prompt import VARIABLES, Prompts
from agenther.records import Attribution, Party, Step, Suspect, Tag, Trajectory
from agenther.rendering.runs import thoughts
from agenther.stages.attribute.believed import MOST, ranked, scaled, suspect, suspects, tags

Answer = TypeVar("Answer", bound=BaseModel)
HALF = 0.5
"""What is as likely as that is held to be so."""


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


async def step_by_step(reading: Reading) -> Found:
    """Up to a call for each step, with the run up to it: the first that is held to be the decisive one ends it."""
    return Found(ranked(await _read(reading, reading.trajectory.steps)))


async def _read(reading: Reading, steps: Iterable[Step]) -> list[Suspect]:
    """What is held of each of these steps in turn, up to the first that is more likely than not the decisive one."""
    read: list[Suspect] = []
    for step in steps:
        if step.n > reading.shown or any(one.weight >= HALF for one in read):
            break
        said = await reading.ask("attribute_step", SaidStep, end=step.n, step=step.n)
        read.append(suspect(reading.trajectory, step.n, said.probability, said.reason, said.quote))
    return [one for one in read if one.weight]


async def binary_search(reading: Reading) -> Found:
    """By halves, with the whole run each time, so that all calls begin alike: no more than log2 of the steps."""
    low, high, likely = 1, reading.shown, 1.0
    beside, reason = list[Suspect](), "the run has no other step"
    while low < (high := min(high, reading.shown)):
        middle = (low + high) // 2
        halves = (low, middle), (middle + 1, high)
        first, second = (_steps(*half) for half in halves)
        said = await reading.ask("attribute_half", SaidHalf, both=_steps(low, high), first=first, second=second)
        is_first = said.probability >= HALF
        share = said.probability if is_first else 1 - said.probability
        (low, high), (other, end) = halves if is_first else reversed(halves)
        left = suspect(reading.trajectory, other, likely * (1 - share), "the half that holds no other step")
        beside = [left] if other == end and low == high else []
        likely, reason = likely * share, said.reason
    return Found(ranked([suspect(reading.trajectory, low, likely, reason), *beside]))


def _steps(low: int, high: int) -> str:
    return f"step {low}" if low == high else f"one of steps {low} to {high}"


async def hybrid(reading: Reading) -> Found:
    """The agent in one call, then up to a call for each of its steps."""
    first = await all_at_once(reading)
    likely: dict[str, float] = {}
    for one in first.suspects:
        likely[one.agent] = likely.get(one.agent, 0.0) + one.weight
    if not likely:
        return first
    agent = max(likely, key=lambda name: likely[name])
    read = await _read(reading, (step for step in reading.trajectory.steps if step.agent == agent))
    if not read or read[-1].weight < HALF:
        return first
    found = read[-1]
    others = [one for one in first.suspects if one.step != found.step]
    rest = min(1 - found.weight, sum(one.weight for one in others))
    return first._replace(suspects=(found, *scaled(others, rest))[:MOST])


async def contrast(reading: Reading) -> Found:
    """In one call, and in a second one the two likeliest steps are told apart by what would have followed from each."""
    first = await all_at_once(reading)
    if len(first.suspects) < 2:
        return first
    earlier, later = sorted(first.suspects[:2], key=lambda one: one.step)
    said = await reading.ask(
        "attribute_choice",
        SaidChoice,
        earlier={"step": earlier.step, "reason": earlier.reason},
        later={"step": later.step, "reason": later.reason},
    )
    both = earlier.weight + later.weight
    told = [
        (earlier, said.probability, said.if_earlier),
        (later, 1 - said.probability, said.if_later),
    ]
    apart = [
        one.model_copy(update={"weight": round(both * share, 4), "reason": f"{one.reason} {after}".strip()})
        for one, share, after in sorted(told, key=lambda one: -one[1])
    ]
    return first._replace(suspects=ranked([*apart, *first.suspects[2:]]))


METHODS: Mapping[str, Callable[[Reading], Awaitable[Found]]] = {
    "all-at-once": all_at_once,
    "step-by-step": step_by_step,
    "binary-search": binary_search,
    "hybrid": hybrid,
    "contrast": contrast,
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

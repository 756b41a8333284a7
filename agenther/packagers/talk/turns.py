"""A run as a conversation: the one list of turns that every chat format is written from.

system?, user (the goal and what the agent saw at first), then turn by turn what the agent did and what came
back, and at last its answer. Acts that the agent sent in one message stay one turn.
"""

from collections.abc import Iterator
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from agenther.packagers.base import KEPT, LeftOut, Pick, serving
from agenther.packagers.talk.cut import cut
from agenther.packagers.talk.thoughts import Grounds
from agenther.records import Sample, Step, Tool, Trajectory

NOTHING_SERVES = "no step serves the goal"
FIRST_IS_WRONG = "its first turn is not learned, and no turn can be masked"
SEEN_FIRST = "\n\nObservation:\n"
"""Between the goal and what the agent saw before it first acted."""


class Call(NamedTuple):
    """One tool call. `arguments` is text only where the log holds no JSON object; no row may keep that."""

    id: str
    name: str
    arguments: dict[str, Any] | str

    @property
    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "arguments": self.arguments}


class Turn(NamedTuple):
    """One message of the agent, and what came back for it: a result for each call, or the user's reply."""

    thought: str
    text: str
    """What it says to the user; "" when it calls tools."""
    calls: tuple[Call, ...]
    results: tuple[str, ...]
    reply: str
    serves: bool
    """Does the whole turn serve the goal?"""


class Conversation(NamedTuple):
    system: str
    goal: str
    """What the user asks first; of a dialogue that is kept as it was, the user's first words."""
    start: str
    """What the agent saw before it first acted."""
    turns: tuple[Turn, ...]
    answer: str | None
    """The agent's closing message; "" when it made none, None where it is not to be learned."""
    tools: tuple[Tool, ...]
    stuck: str
    """Why a turn that does not serve the goal could not be cut out; "" when none is left."""

    @property
    def user(self) -> str:
        """The user's message: the goal and, apart from it, what the agent saw first."""
        return f"{self.goal}{SEEN_FIRST}{self.start}" if self.start else self.goal

    @property
    def calls(self) -> list[Call]:
        return [call for turn in self.turns for call in turn.calls]

    @property
    def acts(self) -> tuple[Turn, ...]:
        """Everything that the agent did, its answer last."""
        return self.turns if self.answer is None else (*self.turns, Turn("", self.answer, (), (), "", serves=True))


class Shown(NamedTuple):
    """A sample and the demonstration that it gives."""

    talk: Conversation
    pick: Pick


def whole(pick: Pick) -> Iterator[Shown | LeftOut]:
    """The demonstration, without any turn that does not serve the goal; left out where one cannot be cut out. A failed
    run under its own goal ends before the first turn that is not learned: what comes after it may rest on it.
    """
    talk = of_sample(pick.sample)
    if isinstance(talk, Conversation) and pick.sample.kind == KEPT:
        turns = tuple(takewhile(lambda turn: turn.serves, talk.turns))
        talk = talk._replace(turns=_open_ended(turns)) if turns else LeftOut(pick.sample.id, FIRST_IS_WRONG)
    yield LeftOut(pick.sample.id, talk.stuck) if isinstance(talk, Conversation) and talk.stuck else _shown(talk, pick)


def uncut(pick: Pick) -> Iterator[Shown | LeftOut]:
    """The demonstration with every step, for trainers that can be told which turns are not to be learned."""
    yield _shown(of_sample(pick.sample, is_cut=False), pick)


def _shown(talk: Conversation | LeftOut, pick: Pick) -> Shown | LeftOut:
    return talk if isinstance(talk, LeftOut) else Shown(talk, pick)


def of_sample(sample: Sample, *, is_cut: bool = True) -> Conversation | LeftOut:
    """The demonstration of the sample's goal; left out when no step of it serves the goal."""
    if not serving(sample):
        return LeftOut(sample.id, NOTHING_SERVES)
    sample = sample if sample.opening else _without_original_goal(sample)
    is_kept = sample.kind == KEPT
    kept, stuck = cut(sample) if is_cut and not is_kept else (sample.steps, "")
    turns = _with_grounded_thoughts(sample, _turns(kept, sample.steps, set(sample.relevant_steps)))
    return Conversation(
        system=sample.system or "",
        goal=sample.opening or sample.goal,
        start=sample.start or "",
        turns=_open_ended(turns) if is_kept else turns,
        answer=None if is_kept else sample.answer,
        tools=sample.tools,
        stuck=stuck,
    )


def of_run(run: Trajectory) -> Conversation:
    """The run as it was, under its own goal; its closing act is the answer."""
    steps = tuple(step for step in run.steps if not step.final)
    return Conversation(
        system=run.system or "",
        goal=run.goal,
        start=run.start or "",
        turns=_turns(steps, steps, {step.n for step in steps}),
        answer=run.answer or "",
        tools=run.tools,
        stuck="",
    )


def as_it_was(run: Trajectory) -> Conversation | None:
    """From what the user said first to the last that the agent did; None where it did nothing."""
    talk = of_run(run) if run.goal_seen else of_run(run)._replace(goal=run.opening, start="")
    if talk.answer:
        return talk
    return talk._replace(turns=_open_ended(talk.turns), answer=None) if talk.turns else None


def is_complete(sample: Sample) -> bool:
    """Are all steps up to the last there? Not so for a dialogue, whose turns with the user are taken out."""
    return all(step.n == n for n, step in enumerate(sample.steps, 1))


def _turns(kept: tuple[Step, ...], all_steps: tuple[Step, ...], relevant: set[int]) -> tuple[Turn, ...]:
    """`kept` as turns, calls numbered anew.

    A thought goes where a call of its turn, or the step before that turn, is not there any more: it may speak of it.
    """
    numbers = {0, *(step.n for step in kept)}
    sizes = {turn: len(list(steps)) for turn, steps in groupby(all_steps, key=lambda step: step.turn)}
    turns: list[Turn] = []
    count = 0
    for number, group in groupby(kept, key=lambda step: step.turn):
        steps = list(group)
        thoughts = dict.fromkeys(step.thought for step in steps if step.thought)
        acts = [step for step in steps if step.says is None]
        said = [step for step in steps if step.says is not None]
        notes = [step.note for step in steps if step.note and step.note_by == "user"]
        turns.append(
            Turn(
                thought="\n".join(thoughts) if len(steps) == sizes[number] and steps[0].n - 1 in numbers else "",
                text="\n".join(step.says or "" for step in said),
                calls=tuple(
                    Call(f"call_{n}", step.action.name, step.action.raw or step.action.arguments)
                    for n, step in enumerate(acts, count + 1)
                ),
                results=tuple(step.observation or "" for step in acts),
                reply="\n".join([*(step.observation for step in said if step.observation), *notes]),
                serves=all(step.n in relevant for step in steps),
            )
        )
        count += len(acts)
    return tuple(turns)


def _open_ended(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Without what came back for the last of them, so that they end with an act."""
    return (*turns[:-1], turns[-1]._replace(results=(), reply=""))


def _with_grounded_thoughts(sample: Sample, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """A thought is judged by its own turn's calls, and by what the demonstration shows before them."""
    if not any(turn.thought for turn in turns):
        return turns
    asked = sample.opening or sample.goal
    grounds = Grounds(asked if sample.opening else sample.original_goal, asked, sample.start or "")
    kept: list[Turn] = []
    for turn in turns:
        acts = [f"{call.name} {call.arguments}" for call in turn.calls]
        kept.append(turn._replace(thought=grounds.keep(turn.thought, acts)))
        grounds.show([*acts, *turn.results])
    return tuple(kept)


def _without_original_goal(sample: Sample) -> Sample:
    """No system prompt and no first observation that give the failed goal away.

    Where the agent never saw that goal as such, the first thing that it saw was a user asking for it.
    """
    if sample.goal == sample.original_goal:
        return sample
    goal = " ".join(sample.original_goal.casefold().split())
    given = {
        name: text
        for name, text in (("system", sample.system), ("start", sample.start if sample.goal_seen else None))
        if text and goal not in " ".join(text.casefold().split())
    }
    return sample.model_copy(update={"system": None, "start": None, **given})

"""A dialogue as it was, up to a message that told the user what he had asked for and calls had brought.

What only helped on the way to something else is no served request. It ends before anything fails or is changed: whether
a policy allowed it cannot be told by rules. For the same reason no message serves that says what may be done, and none
that the user objects to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agenther.evidence.changes import change
from agenther.evidence.trouble import troubles
from agenther.records import Step, Trajectory
from agenther.stages.lexicon import pattern
from agenther.stages.relabel.answers import Answer, Goal
from agenther.stages.relabel.parts import parts_met
from agenther.stages.relabel.spoken import is_said
from agenther.text.words import Words


@dataclass(frozen=True)
class Message:
    """What the agent said to the user, and what he had found for it."""

    step: Step
    text: str
    asked: str
    """All that the user had said by then."""
    calls: tuple[Answer, ...]

    @cached_property
    def rules(self) -> bool:
        """Does it say what may be done, or that something may not?"""
        return bool(pattern("requests", "ruling").search(self.text))


def served(trajectory: Trajectory, found: Sequence[Answer]) -> Goal | None:
    """What the last message that served told; those before it that say what may be done are not to be learned."""
    said = list(_messages(trajectory, found)) if trajectory.opening else []
    unsure = {one.step.n for one in said if one.rules}
    for message in reversed(said):
        is_right = not (message.rules or pattern("requests", "objecting").search(message.step.said_by_user))
        if message.calls and is_right and (goal := _told(message)):
            turns = tuple(n for n in range(1, message.step.n + 1) if n not in unsure)
            return replace(goal, answer=message.text, turns=turns)
    return None


def _messages(trajectory: Trajectory, found: Sequence[Answer]) -> Iterator[Message]:
    """Those before anything failed or was changed."""
    failed, by_step = troubles(trajectory), {one.step.n: one for one in found}
    asked, calls = trajectory.opening, list[Answer]()
    for step in trajectory.steps:
        if step.says is not None:
            yield Message(step, step.says.strip(), asked, tuple(calls))
            asked, calls = f"{asked}\n{step.said_by_user}", []
        elif step.n in failed or change(trajectory, step):
            return
        elif step.n in by_step:
            calls.append(by_step[step.n])


def _told(message: Message) -> Goal | None:
    """In the user's own words, with the facts that the message tells, if those are all."""
    known = Words([message.text])
    for goal in parts_met(message.asked, message.calls):
        if all(is_said(fact.text.partition(": ")[2], known) for fact in goal.facts):
            return goal
    return None

"""Where in a run a quote stands, and how the log itself has it."""

from typing import Literal, NamedTuple

from agenther.records import Evidence, Step, Trajectory
from agenther.text.flat import find


class Place(NamedTuple):
    where: Literal["observation", "action"]
    quote: str
    """The log's own words, verbatim, from the first that was quoted to the last."""


def quoted(trajectory: Trajectory, evidence: Evidence) -> bool:
    """Does the quote stand in the step's observation, or in an argument of its action?"""
    return place(trajectory, evidence) is not None


def place(trajectory: Trajectory, evidence: Evidence) -> Place | None:
    """Where the quote stands; None if nowhere, if it is blank, or if there is no such step.

    What a page puts between words does not count: see `agenther.text.flat`.
    """
    if not evidence.quote.strip() or not 0 <= evidence.step <= len(trajectory.steps):
        return None
    observation = trajectory.observation(evidence.step)
    inputs = arguments(trajectory.steps[evidence.step - 1]) if evidence.step else []
    for is_there in (_verbatim, find):
        if span := is_there(evidence.quote, observation):
            return Place("observation", observation[slice(*span)])
        for text in inputs:
            if span := is_there(evidence.quote, text):
                return Place("action", text[slice(*span)])
    return None


def _verbatim(words: str, text: str) -> tuple[int, int] | None:
    start = text.find(words)
    return None if start < 0 else (start, start + len(words))


def arguments(step: Step) -> list[str]:
    """The scalars among the arguments of a step's action, as texts, however deep they stand."""
    texts = [step.action.raw] if step.action.raw else []
    pending: list[object] = list(reversed(step.action.arguments.values()))
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif value is not None:
            texts.append(str(value))
    return texts

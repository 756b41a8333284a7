"""Signs of the decisive step that need no reading, each a number from 0 to 1 for a step.

None of them proves anything: they are weighed against each other, by weights that were fitted on labelled runs.
"""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise

from agenther.evidence.trouble import troubles
from agenther.records import Step, Trajectory
from agenther.stages.lexicon import words
from agenther.text.specifics import specifics
from agenther.text.words import Words

MANY = 10
"""Values from nowhere that are as many as can be."""
LONG = 1_500
"""Characters of what an agent says that is long."""


class Signs:
    """Of a run."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.run = trajectory
        self.steps = trajectory.steps

    @cached_property
    def said(self) -> list[str]:
        """What the agent said or did at each step, as text."""
        return [said(step) for step in self.steps]

    @cached_property
    def trouble(self) -> dict[int, str]:
        return {n: why for n, why in troubles(self.run).items() if self.steps[n - 1].observation}

    @cached_property
    def first_seen(self) -> dict[str, int]:
        """Where each number, date and id of the run stands first."""
        found: dict[str, int] = {}
        for step, text in zip(self.steps, self.said, strict=True):
            for spelled in specifics(f"{text} {step.observation or ''}"):
                found.setdefault(spelled[0], step.n)
        return found

    @cached_property
    def origins(self) -> frozenset[int]:
        """Steps at which something that the last words tell was said first."""
        closing = self.run.answer or next((text for text in reversed(self.said[:-1]) if text.strip()), "")
        asked = {spelled[0] for spelled in specifics(self.run.goal)}
        told = {spelled[0] for spelled in specifics(closing)} - asked
        return frozenset(self.first_seen[one] for one in told if one in self.first_seen)

    @cached_property
    def from_nowhere(self) -> list[float]:
        """The share of MANY values at each step that neither the request nor anything before it holds."""
        known, found = set(Words([self.run.goal, self.run.start or ""]).tokens), []
        for step, text in zip(self.steps, self.said, strict=True):
            new = sum(known.isdisjoint(spelled) for spelled in specifics(text))
            found.append(min(new, MANY) / MANY)
            known |= Words([text, step.observation or ""]).tokens
        return found

    @cached_property
    def unrecovered(self) -> int | None:
        """The first error after which its agent never got anything else."""
        good = {step.agent: step.n for step in self.steps if step.observation and step.n not in self.trouble}
        return next((n for n in self.trouble if good.get(self.steps[n - 1].agent, 0) < n), None)

    @cached_property
    def loop(self) -> int | None:
        """The first step that is done a second time in a row."""
        acts = [(step.agent, text) for step, text in zip(self.steps, self.said, strict=True)]
        return next((n for n, (one, other) in enumerate(pairwise(acts), 1) if one == other), None)

    @cached_property
    def newcomers(self) -> frozenset[int]:
        """Steps at which an agent acts for the first time."""
        first: dict[str, int] = {}
        for step in self.steps:
            first.setdefault(step.agent, step.n)
        return frozenset(first.values())

    def of(self, step: Step) -> dict[str, float]:
        """All signs of one step, by name."""
        found = {name: float(sign(self, step)) for name, sign in SIGNS.items()}
        return found | position(step, len(self.steps))

    def all(self) -> Iterator[dict[str, float]]:
        return map(self.of, self.steps)


def said(step: Step) -> str:
    """What the agent said or did, as text."""
    if step.says is not None:
        return step.says
    return step.action.raw or json.dumps(step.action.arguments, ensure_ascii=False)


def _has(key: str) -> Callable[[Signs, Step], bool]:
    def holds(signs: Signs, step: Step) -> bool:
        text = signs.said[step.n - 1].casefold()
        return any(word in text for word in words("attribution", key))

    return holds


SIGNS: dict[str, Callable[[Signs, Step], float]] = {
    "origin of the answer": lambda signs, step: step.n in signs.origins,
    "values from nowhere": lambda signs, step: signs.from_nowhere[step.n - 1],
    "error": lambda signs, step: step.n in signs.trouble,
    "error without recovery": lambda signs, step: step.n == signs.unrecovered,
    "begin of a loop": lambda signs, step: step.n == signs.loop,
    "first act of its agent": lambda signs, step: step.n in signs.newcomers,
    "a tool's words alone": lambda signs, step: not signs.said[step.n - 1].strip(" {}"),
    "code": lambda signs, step: "```" in signs.said[step.n - 1],
    "long": lambda signs, step: len(signs.said[step.n - 1]) > LONG,
    "assumptions": _has("assumptions"),
    "closing": lambda signs, step: step.final or step.n == len(signs.steps),
}
"""By name."""


def position(step: Step, of: int) -> dict[str, float]:
    """Where the step stands in a run of so many: all that the prior of the position knows."""
    told = {
        "step 1": step.n == 1,
        "step 2": step.n == 2,
        "step 3": step.n == 3,
        "steps 4 to 6": 4 <= step.n <= 6,
        "how late": step.n / of,
    }
    return {name: float(value) for name, value in told.items()}

"""Which steps a demonstration can do without (HSL's mask, for trainers that cannot mask a turn).

A step that does not serve the goal is cut out, call and result, when the rest still holds together:

- no claim rests on it;
- nothing that is kept takes a value that was first seen in its observation;
- of a web run, it left the page as it was, because each page is the ground of the next action.

What an action changed behind the scenes cannot be told from a log, so a cut is as safe as a log can show.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from agenther.packagers.columns import leaves
from agenther.records import Sample, Step

WORDS = re.compile(r"\w++(?:[-.:/@+]\w++)*")
PARTS = re.compile(r"[-.:/@+]")
FACTS = re.compile(r"\b(?:[^\W\d_]*+\d\w*+|[A-Z]\w{3,})")
"""In an answer: numbers, ids and names; its other words are its own."""

EVIDENCE = "a step that does not serve the goal holds evidence for it"
PAGE = "a step that does not serve the goal changed the page"
SAID = "a turn of the dialogue that does not serve the goal was said to the user"
VALUE = "a later turn needs a value from a step that does not serve the goal"


class Cut(NamedTuple):
    """A sample's steps without those that could be cut out."""

    kept: tuple[Step, ...]
    stuck: str
    """The rule that kept a step which does not serve the goal; "" when all of them could go."""


def cut(sample: Sample) -> Cut:
    """The steps that serve the goal, and those that cannot be cut out though they do not."""
    relevant = set(sample.relevant_steps)
    if all(step.n in relevant for step in sample.steps):
        return Cut(sample.steps, "")
    kept = {step.n for step in sample.steps if step.n in relevant}
    values = _Values(sample, kept)
    stuck = ""
    before = [sample.start, *(step.observation for step in sample.steps)]
    for step, page in reversed(list(zip(sample.steps, before, strict=False))):
        if step.n not in relevant and (rule := _rule(sample, step, page, values)):
            stuck = rule
            kept.add(step.n)
            values.keep(step)
    return Cut(tuple(step for step in sample.steps if step.n in kept), stuck)


def _rule(sample: Sample, step: Step, before: str | None, values: "_Values") -> str:
    """Why `step`, taken in sight of `before`, has to stay, given what is kept after it; "" when it can go."""
    if step.answered_by == "user":
        return SAID
    if any(claim.step == step.n for claim in sample.claims):
        return EVIDENCE
    if _is_web(sample) and not (step.error or step.observation == before):
        return PAGE
    return VALUE if values.needed_from(step) else ""


def _is_web(sample: Sample) -> bool:
    return sample.start is not None or any(step.url for step in sample.steps)


class _Values:
    """Where each word that is kept was first seen and first used; `n` of the answer lies beyond every step."""

    def __init__(self, sample: Sample, kept: set[int]) -> None:
        self.sample = sample
        self.seen: dict[str, int] = {}
        self.used: dict[str, int] = {}
        self._use(FACTS.findall(sample.answer), len(sample.steps) + sample.steps[-1].n)
        for step in sample.steps:
            if step.n in kept:
                self.keep(step)

    def keep(self, step: Step) -> None:
        """Count `step` among those that stay."""
        self._use(_words(_strings(step)), step.n)
        for word in _words([step.observation or ""]):
            self.seen[word] = min(step.n, self.seen.get(word, step.n))

    def _use(self, words: Iterable[str], n: int) -> None:
        for word in map(str.casefold, words):
            if len(word) >= 4 or any(map(str.isdigit, word)):
                self.used[word] = min(n, self.used.get(word, n))

    def needed_from(self, step: Step) -> bool:
        """Is a word of its observation used after it that nothing kept shows before that use?"""
        needed = set()
        for word in _words([step.observation or ""]) & self.used.keys():
            use = self.used[word]
            if use > step.n and self.seen.get(word, use) >= use:
                needed.add(word)
        return bool(needed) and not needed <= self._given

    @cached_property
    def _given(self) -> set[str]:
        """What the agent knew before its first act."""
        tools = [tool.model_dump_json() for tool in self.sample.tools]
        return _words([self.sample.goal, self.sample.start or "", self.sample.system or "", *tools])


def _words(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        folded = text.casefold()
        found.update(WORDS.findall(folded))
    for compound in [word for word in found if not word.isalnum()]:
        found.update(PARTS.split(compound))
    return found


def _strings(step: Step) -> Iterator[str]:
    """The values of the action's arguments, however deep, as text; parameter names are no values."""
    if step.action.raw is not None:
        yield step.action.raw
    for value in leaves(step.action.arguments):
        if isinstance(value, str):
            yield value
        elif value is not None and not isinstance(value, bool):
            yield json.dumps(value)

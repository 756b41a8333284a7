"""Near-miss goals: wrong twins of a goal that was accepted, made as a relabeler's slip would make them.

One thing of the goal is changed, and everything that was said for the true goal stays as it was. The hard twins
take the wrong words from the run itself (another number of the same length, another row of the same list), the
others from nowhere. The same sample always gives the same twins.
"""

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from agenther.probe.spots import INVENTED, Kind, RunWords, alike, spots
from agenther.records import Record, Sample, Trajectory
from agenther.stages.values import values
from agenther.text.specifics import without_quotations

EACH = 2
"""Twins of one kind, from the run and from nowhere each."""


LONGEST = 100
"""Characters of a value that may stand in a goal."""


class Twin(Record):
    """A goal that the run does not demonstrate."""

    kind: Kind
    goal: str
    was: str
    """The words that were changed; empty when some were added."""
    now: str
    from_run: bool
    """Do the new words stand in the run?"""


def twins(sample: Sample, trajectory: Trajectory, each: int = EACH) -> tuple[Twin, ...]:
    """At most `each` twins of every kind with words of the run, and as many with words from nowhere.

    All differ from each other and from the goal.
    """
    random = Random(sample.id)  # noqa: S311 - a choice that can be repeated, no secret
    run = RunWords(trajectory)
    made = [
        *_changed(sample.goal, run, random, each),
        *_other_items(sample.goal, trajectory),
        *_superlatives(sample.goal, random),
        *_side_effects(sample, random),
    ]
    random.shuffle(made)
    kept: dict[str, Twin] = {}
    room: dict[tuple[Kind, bool], int] = {}
    for twin in sorted(made, key=lambda one: list(Kind).index(one.kind)):
        left = room.get((twin.kind, twin.from_run), each)
        if left and twin.goal != sample.goal and twin.goal not in kept:
            kept[twin.goal] = twin
            room[twin.kind, twin.from_run] = left - 1
    return tuple(kept.values())


def _changed(goal: str, run: RunWords, random: Random, each: int) -> Iterator[Twin]:
    for spot in spots(goal):
        was = goal[spot.start : spot.end]
        others = [word for word in run.words[spot.kind] if alike(spot.kind, was, word)]
        chosen = random.sample(others, min(each, len(others)))
        invented = INVENTED[spot.kind](was, run, random)
        for now, from_run in [*((word, True) for word in chosen), *((word, False) for word in invented)]:
            changed = f"{goal[: spot.start]}{now}{goal[spot.end :]}"
            yield Twin(kind=spot.kind, goal=changed, was=was, now=now, from_run=from_run)


_RANKS = ("first", "second", "third", "last")
_RANK = re.compile(r"\b(?:first|second|third|last)\b(?= (?:one|row|item|entry|result)\b)")


def _other_items(goal: str, trajectory: Trajectory) -> Iterator[Twin]:
    """Another row where the goal names one, and the value that another row has in the same field."""
    for match in _RANK.finditer(goal):
        now = _RANKS[(_RANKS.index(match.group()) + 1) % len(_RANKS)]
        yield _item(goal, match.span(), now)
    for _, text in trajectory.observations():
        read = values(text)
        for rows in _lists(read.root if read else None):
            yield from _siblings(goal, rows)


def _item(goal: str, span: tuple[int, int], now: str) -> Twin:
    changed = f"{goal[: span[0]]}{now}{goal[span[1] :]}"
    return Twin(kind=Kind.ITEM, goal=changed, was=goal[slice(*span)], now=now, from_run=True)


def _lists(root: Any) -> Iterator[list[Any]]:
    """Every list of objects, however deep."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            yield node
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []


def _siblings(goal: str, rows: list[Any]) -> Iterator[Twin]:
    records = [row for row in rows[:20] if isinstance(row, dict)]
    for record in records:
        for key, value in record.items():
            was = str(value) if isinstance(value, str | int | float) else ""
            spot = re.search(rf"(?<!\w){re.escape(was)}(?!\w)", goal) if 3 <= len(was) <= LONGEST else None
            others = [other.get(key) for other in records] if spot else []
            names = [str(other) for other in others if isinstance(other, str | int | float)]
            yield from (_item(goal, spot.span(), now) for now in names if spot and alike(Kind.ITEM, was, now))


_DEGREES = ("cheapest", "latest", "largest", "oldest", "most popular", "best rated")
_THING = re.compile(r"\b(?:the|an?) (?=[a-z]{3})")
_HAS_DEGREE = re.compile(r"\b(?:[a-z]+est|most|least|best)\b", re.IGNORECASE)


def _superlatives(goal: str, random: Random) -> Iterator[Twin]:
    if _HAS_DEGREE.search(without_quotations(goal)):
        return
    degree = random.choice(_DEGREES)
    sentence = f" It has to be the {degree} there is."
    yield Twin(kind=Kind.SUPERLATIVE, goal=f"{goal}{sentence}", was="", now=sentence.strip(), from_run=False)
    if thing := _THING.search(goal):
        changed = f"{goal[: thing.start()]}the {degree} {goal[thing.end() :]}"
        yield Twin(kind=Kind.SUPERLATIVE, goal=changed, was=thing.group(), now=f"the {degree} ", from_run=False)


_ERRANDS = {
    "mail": "Then email the result to my colleague.",
    "cancel": "Then cancel my subscription.",
    "save": "Also save it to my favourites.",
    "delete": "Delete the old entry afterwards.",
    "book": "Please book it for me too.",
    "post": "After that, post a comment about it.",
}


def _side_effects(sample: Sample, random: Random) -> Iterator[Twin]:
    done = f"{sample.goal} {' '.join(step.action.name for step in sample.steps)}".casefold()
    left = [errand for stem, errand in _ERRANDS.items() if stem not in done]
    for errand in random.sample(left, min(EACH, len(left))):
        yield Twin(kind=Kind.SIDE_EFFECT, goal=f"{sample.goal} {errand}", was="", now=errand, from_run=False)

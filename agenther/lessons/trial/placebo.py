"""A text that looks like a lesson and is of other tasks.

An irrelevant text sometimes helps an agent as much as every relevant one ("When Context Hurts", arXiv 2605.04361), so
only what a lesson does beyond that is its own.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from agenther.lessons.export import system_prompt
from agenther.lessons.records import Lesson

WITHIN = 0.05
"""Of the lesson's characters, by which its placebo may be longer or shorter."""


class Text(NamedTuple):
    text: str
    lessons: tuple[str, ...]
    """Ids of those that it is of."""


def placebo(lesson: Lesson, others: Sequence[Lesson]) -> Text | None:
    """The first of the others that is as long, else several of them, one after the other, cut where the lesson ends.

    None where they make no such text.
    """
    size = len(system_prompt([lesson]))
    for one in others:
        if _is_as_long(text := system_prompt([one]), size):
            return Text(text, (one.id,))
    for n in range(len(others)):
        found = _cut([*others[n:], *others[:n]], size)
        if _is_as_long(found.text, size):
            return found
    return None


def _is_as_long(text: str, size: int) -> bool:
    return abs(len(text) - size) <= WITHIN * size


def _cut(others: Sequence[Lesson], size: int) -> Text:
    """Whole words of them in one entry, as near to the size as they come."""
    words = [(word, one.id) for one in others for word in f"{one.wrong} {one.instead}".split()]
    ends = enumerate(accumulate(len(word) + 1 for word, _ in words), 1)
    room = size - len(_entry(others[0], ""))
    many, _ = min(ends, key=lambda end: abs(end[1] - 1 - room))
    text = " ".join(word for word, _ in words[:many]).rstrip(".,;:")
    open_quote = "”" if text.count("“") > text.count("”") else ""
    used = dict.fromkeys(name for _, name in words[:many])
    return Text(_entry(others[0], f"{text}{open_quote}."), tuple(used))


def _entry(like: Lesson, text: str) -> str:
    """A prompt in which that stands for a lesson."""
    return system_prompt([like.model_copy(update={"wrong": text, "instead": ""})]).replace(" \n", "\n")

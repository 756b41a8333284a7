"""What could be meant where something else is said: of which kind a text is, and whether the goal says it."""

import re
from functools import lru_cache
from typing import NamedTuple

from agenther.judges.grounded.case import Case
from agenther.text.dates import dates
from agenther.text.particulars import Kind, Particular, numbers, particulars
from agenther.text.words import Words

LONGEST = 300
"""Characters of a quote or an input that is read for its particulars; a longer one shows many things."""


class Swap(NamedTuple):
    now: str
    was: str
    is_hard: bool


def is_like(one: Particular, text: str) -> bool:
    """Is the text of its kind and, if that is an id, made in the same way?"""
    return one.kind in kinds(text) and (one.kind is not Kind.ID or marks(text) == marks(one.text))


def marks(text: str) -> set[str]:
    return {mark for mark in text if not (mark.isalnum() or mark in ",.#$€£¥")}


@lru_cache(maxsize=2000)
def kinds(text: str) -> tuple[Kind, ...]:
    """What a whole text may be: a number, a date, an id, an address, or words."""
    if dates(text):
        return (Kind.DATE,)
    found = {one.kind for one in particulars(text)}
    if Kind.URL in found:
        return (Kind.URL, Kind.QUOTATION)
    if any(map(str.isdecimal, text)):
        whole = re.fullmatch(r"\S+|[A-Z\d]+(?:[ -][A-Z\d]+){1,2}", text) is not None
        return tuple(found & {Kind.NUMBER, Kind.ID}) if whole else (Kind.QUOTATION,)
    if text.isupper() and text.isalpha():
        return (Kind.NAME, Kind.QUOTATION)
    return (Kind.QUOTATION,) if re.search(r"[^\W\d_]{4}", text) else ()


def is_held(case: Case, text: str) -> bool:
    """Does the goal say it, or what it says be in it?"""
    if text in {"0", "1"}:
        return True
    if not any(map(str.isdecimal, text)):
        return case.goal.has(text) or is_spoken_of(text, case.proposal.goal) or case.goal.has_words(text)
    if case.goal.has_words(text):
        return True
    its = Words([text])
    if " " in text and not dates(text):
        return all(map(case.goal.holds, numbers(text)))
    return any(one.kind in {Kind.NUMBER, Kind.ID, Kind.DATE} and its.holds(one) for one in case.asked)


def is_spoken_of(quote: str, goal: str) -> bool:
    """Does the goal hold a word of the quote, or one that begins like it: EUR and euros, en and English?"""
    words = {word.casefold() for word in re.findall(r"\w+", goal)}
    begun = {word[:size] for word in words for size in (2, 3, 4)}
    parts = set(re.findall(r"[^\W_]{2,}", quote.casefold()))
    return any((part[:4] in begun) if _is_long(part, quote) else part in words for part in parts)


def _is_long(part: str, quote: str) -> bool:
    """Long enough for its beginning to tell; a code that stands alone is."""
    return len(part) >= 4 or part == quote.casefold()

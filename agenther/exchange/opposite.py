"""Do two lessons of one situation say the opposite? Told by what each warns of and what it advises, not by phrases."""

import re
from functools import cache, lru_cache

from agenther.lessons.records import Lesson
from agenther.text.lexicon import table

_TOKEN = re.compile(r"[\w#]+(?:['’.:/-][\w#]+)*")


def situation(lesson: Lesson) -> tuple[str, str, str]:
    """Lessons of other situations say nothing of each other."""
    signature = lesson.when.signature
    return signature.tool, signature.error, signature.site


def are_opposite(one: Lesson, other: Lesson) -> bool:
    """Does each advise what the other warns of, or is one the other's sentence but for a negation?

    Of what tells the two apart, at least half has to change sides, in both.
    """
    if situation(one) != situation(other):
        return False
    wrong, instead = _tokens(one.wrong), _tokens(one.instead)
    wrong_too, instead_too = _tokens(other.wrong), _tokens(other.instead)
    if _is_negated(wrong, wrong_too) != _is_negated(instead, instead_too):
        return True
    advised, advised_too = instead - instead_too, instead_too - instead
    warned, warned_too = wrong - wrong_too, wrong_too - wrong
    return _is_most(advised & warned_too, advised) and _is_most(advised_too & warned, advised_too)


def _is_most(part: frozenset[str], of: frozenset[str]) -> bool:
    return bool(of) and 2 * len(part) >= len(of)


def _is_negated(one: frozenset[str], other: frozenset[str]) -> bool:
    """Do they differ in negations alone?"""
    difference = one ^ other
    return bool(difference) and difference <= _negations()


@cache
def _negations() -> frozenset[str]:
    return frozenset(table("agenther.exchange.lexicon", "opposite")["negations"].split())


@lru_cache(maxsize=512)
def _tokens(sentence: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(sentence.casefold()))

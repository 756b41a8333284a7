"""What a lesson by rules must be: a sentence of ours, with names and words in marks. It is told by what it is made of,
and not by phrases, so that it holds for lessons that others made, too.
"""

import re
from functools import cache

from agenther.evidence.trouble import complaint
from agenther.lessons.private import is_private
from agenther.lessons.records import Lesson, Why
from agenther.text.lexicon import table

LONGEST, WIDEST = 500, 32
"""Characters of a sentence of a lesson, and of words in it out of an error."""
_NAME = re.compile(r"`([^`“”]*)`")
_SAID = re.compile(r"“([^`“”]*)”")
_TOLD = re.compile(r"[\w.:/…\[\]-]{1,120}", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+")
_REST = re.compile(r"[\w\s.,;:()/#+-]*", re.ASCII)


def fault(lesson: Lesson) -> Why | None:
    """Why a lesson by rules must not be told; None where nothing speaks against it."""
    for sentence in (lesson.wrong, lesson.instead):
        if not _is_marked_well(sentence):
            return Why.QUOTES
        if not _is_ours(_SAID.sub(" ", _NAME.sub(" ", sentence))):
            return Why.ORDERS
        if is_private(sentence):
            return Why.QUOTES
    return None if lesson.failures and all(one.quote for one in lesson.failures) else Why.UNPROVED


def _is_marked_well(sentence: str) -> bool:
    """Do marks hold names, and words that say an error, or one word?"""
    names, said = _NAME.findall(sentence), _SAID.findall(sentence)
    is_short = len(sentence) <= LONGEST and sentence.isprintable()
    return is_short and all(map(_TOLD.fullmatch, names)) and all(map(_is_phrase, said))


def _is_phrase(text: str) -> bool:
    """Is it one word, a mark between words, or what `evidence.trouble` calls a complaint?"""
    return len(text) <= WIDEST and (" " not in text or complaint(text) == text)


def _is_ours(rest: str) -> bool:
    return bool(_REST.fullmatch(rest)) and all(word.casefold() in _vocabulary() for word in _WORDS.findall(rest))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(table("agenther.lessons.lexicon", "templates")["sentences"].split())

"""A request in its parts: what each asks for or tells, in words that evidence can speak of."""

import re
from functools import lru_cache
from typing import NamedTuple

from agenther.text.dates import without_dates
from agenther.text.lexicon import lexicon, words
from agenther.text.particulars import spoken_names
from agenther.text.specifics import AT_HAND, URL, without_quotations

_SENTENCE = re.compile(r"(?<=[.!?;。！？；])\s+|(?<=[。！？；])|\n+|:\s+")
_JOINT = re.compile(
    rf"(?:,|，|、|\s[-–—]|\()\s*+(?!\d)|\)\s*|(?<!\s)\s++(?=(?:{'|'.join(lexicon('asking')['joints'].split())})\b)"
)
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?:['’-][^\W\d_]+)*+(?![^\W_])")
_POSSESSIVE = re.compile(r"['’]s?$")
_INFLECTION = re.compile(r"(?<=[^\W\d_]{3})(?:ings?|ed|es|s|e|ly|[eo]rs?|y|ies|ied|tions?|al|ment)$")
STEM = 6
"""Letters of a word's beginning by which it is known again: translate, translation."""


ASKED = ("day", "person", "reason")


class Clause(NamedTuple):
    text: str
    """As the request has it."""
    stems: frozenset[str]
    """Of the words that evidence can speak of."""
    asks: frozenset[str]
    """Of `ASKED`, where only such a thing answers it."""
    is_background: bool = False
    """Does its sentence tell of the speaker, and not what he wants?"""


@lru_cache(maxsize=AT_HAND)
def clauses(text: str) -> tuple[Clause, ...]:
    """The parts of a request. What has no words of its own belongs to the part before it."""
    found: list[Clause] = []
    for sentence in _SENTENCE.split(URL.sub(" ", text)):
        parts: list[Clause] = []
        for part in filter(str.strip, _JOINT.split(sentence)):
            one = Clause(part.strip(" ,.;:"), stems(_common(part)), _asks(part), _is_background(sentence))
            if one.stems or one.asks or not parts:
                parts.append(one)
            else:
                last = parts[-1]
                parts[-1] = last._replace(text=f"{last.text} {one.text}", asks=last.asks | one.asks)
        found += (part for part in parts if part.stems or "reason" in part.asks)
    return tuple(found)


def _is_background(sentence: str) -> bool:
    said = [word.casefold() for word in _WORD.findall(sentence)]
    begins = bool(said) and said[0] in words("asking", "tellers")
    return begins and not sentence.rstrip().endswith("?") and words("asking", "wants").isdisjoint(said)


def _common(part: str) -> str:
    """The part without what is particular in it, which is checked by itself."""
    rest = without_dates(without_quotations(part))
    return " ".join(word for word in rest.split() if word.strip(".,;:!?)('’") not in spoken_names(rest))


def _asks(part: str) -> frozenset[str]:
    said = {word.casefold() for word in _WORD.findall(part)}
    return frozenset(kind for kind in ASKED if said & words("asking", kind))


@lru_cache(maxsize=AT_HAND)
def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that carry meaning, without their endings."""
    return frozenset().union(*map(_known_by, {*_WORD.findall(text.casefold())}))


@lru_cache(maxsize=20_000)
def _known_by(word: str) -> tuple[str, ...]:
    """Its stem, if it carries meaning; where a script has no blanks between words, every two letters."""
    bare = _POSSESSIVE.sub("", word)
    if bare in words("asking", "empty"):
        return ()
    if bare < _SCRIPTS_WITHOUT_BLANKS:
        return (stem(bare),)
    return tuple(bare[at : at + 2] for at in range(max(1, len(bare) - 1)))


_SCRIPTS_WITHOUT_BLANKS = "\u2e80"


def stem(word: str) -> str:
    return _INFLECTION.sub("", word)[:STEM]

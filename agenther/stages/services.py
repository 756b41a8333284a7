"""Whether a request names the service that answers it, and how: as its user does, or not at all."""

import re
from collections.abc import Sequence

from agenther.stages.english import as_written, singular
from agenther.stages.inputs import Input
from agenther.stages.nouns import REPORTS

_UNCLEAR = frozenset(
    "category class level type kind group item section sign tag option model part product collection chicken burger"
    " drink dish meal character member author region version".split()
)
"""What says nothing without the place where it is found: three categories of what?"""
_OFFERED = frozenset(("available", "supported"))
_NUMBERS = frozenset(("id", "number"))
"""They are of one service only."""


def service_of(service: str, thing: Sequence[str], told: Sequence[Input], goal: str) -> str:
    """The service's name where it has to be told, as its user writes it; "" elsewhere.

    With inputs it is told only where the user speaks of it, by more than one word or because one of the inputs is a
    number that only the service knows. Without, also where the thing says too little by itself.
    """
    names = {
        singular(word.casefold()) for word in (*thing, "".join(thing), *(part for one in told for part in one.name))
    }
    says_more = not {singular(word) for word in service.casefold().split()} - _SMALL <= names
    if not says_more:
        return ""
    spoken = _spoken(service, goal)
    is_known = " " in spoken or not told or any(one.name[-1] in _NUMBERS for one in told)
    if spoken and is_known and not {singular(word) for word in re.findall(r"\w+", spoken.casefold())} & names:
        return spoken
    is_unclear = not told and (singular(thing[-1]) in _UNCLEAR or thing[0] in _OFFERED)
    return _apart(as_written(service, goal), thing) if is_unclear else ""


_SMALL = frozenset("and of the for in on by to or with".split())


def _spoken(service: str, goal: str) -> str:
    """The most words of the service's name that stand together in the goal, capitalised inside a sentence."""
    words = service.split()
    spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        found = re.search(rf"(?<=[\w,;:] ){_together(words[start:end])}\b", goal, re.IGNORECASE)
        if found and all(word[0].isupper() or word in _SMALL for word in re.findall(r"\w+", found.group())):
            return "" if {*found.group().casefold().split()} <= _SMALL else found.group()
    return ""


def _together(words: Sequence[str]) -> str:
    return r"\W{1,2}".join(map(re.escape, words))


def _apart(service: str, thing: Sequence[str]) -> str:
    """The service's name without the thing: chickens are from KFC, not from KFC Chickens."""
    first, _, last = service.rpartition(" ")
    is_thing = singular(last.casefold()) == singular(thing[-1]) and thing[-1] not in REPORTS
    return first if first and is_thing else service

"""Numbers by what they count, and what claims say in the words of the goal."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.likeness import Swap, marks
from agenther.text.clauses import stems
from agenther.text.dates import without_dates
from agenther.text.particulars import Kind, Particular, numbers
from agenther.text.specifics import AT_HAND, specifics
from agenther.text.words import Words

_NUMBERED = re.compile(r"\b([A-Z][A-Za-z]+) #?(\d+)\b")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
LEAST_SHARED = 2
"""So many words a claim shares with the sentence that it speaks of."""


def numbered(case: Case) -> Swap | None:
    """Where the evidence numbers a name ("IC 4"), the goal gives it no other number that nobody has."""
    for name, number in _NUMBERED.findall(without_dates(case.proposal.goal)):
        pattern = re.compile(rf"\b{name.casefold()} #?(\d+)\b")
        others = pattern.findall(f"{case.supplied.text}\n{case.cited.text}")
        if others and number not in {*others, *pattern.findall(f"{case.user.text}\n{case.seen.text}")}:
            return Swap(f"{name} {number}", f"{name} {others[0]}", is_hard=True)
    return None


def is_counted_alike(case: Case, now: Particular, was: str) -> bool:
    """Does a claim say of the one what the goal says of the other: 2 GB, 4 GB?"""
    things = {thing for reading, thing in _counted(case.proposal.goal) if reading in now.readings}
    readings = {reading for one in numbers(was) for reading in one.readings}
    claimed = {pair for claim in case.proposal.claims for pair in _counted(claim.text)}
    return any(reading in readings and thing in things for reading, thing in claimed)


@lru_cache(maxsize=AT_HAND)
def _counted(text: str) -> frozenset[tuple[str, str]]:
    """(a reading of a number, what there is so much of) of a text: 4, GB; 1000, more pieces."""
    found = re.findall(r"(?<!\S)(\S++)(?=\s+([^\W\d]\w*)(?:\s+([^\W\d]\w*))?)", text)
    things = ((number, _thing(one, other)) for number, one, other in found if any(map(str.isdecimal, number)))
    return frozenset(
        (one, thing) for number, thing in things if thing for readings in specifics(number) for one in readings
    )


def _thing(one: str, other: str) -> str:
    if its := stems(one):
        return min(its)
    return f"{one.casefold()} {min(stems(other))}" if stems(other) else ""


def miscounted(case: Case) -> Iterator[Swap]:
    """So many of something, where a claim or the user tells another number of it, and nobody this one."""
    numbered = [one for one in case.asked if one.kind is Kind.NUMBER and not one.is_worded]
    numbered = [one for one in numbered if not case.supplied.holds(one)]
    claimed = (
        frozenset(pair for claim in case.proposal.claims for pair in _counted(claim.text)) if numbered else frozenset()
    )
    told = _counted(case.user.text) if numbered else frozenset()
    for one in numbered:
        pairs = {pair for pair in _counted(case.proposal.goal) if pair[0] in one.readings}
        if pairs & (claimed | told):
            continue
        things = {thing for _, thing in pairs}
        for reading, thing in sorted(claimed | told):
            if thing in things and not case.goal.has_number(reading):
                is_hard = case.trajectory.is_dialogue or (reading, thing) in claimed
                yield Swap(f"{one.text} {thing}", f"{reading} {thing}", is_hard=is_hard)


def misattributed(case: Case) -> Iterator[Swap]:
    """What claims say of the one, the goal says of the other, in the same words."""
    for sentence in _SENTENCE.split(case.proposal.goal):
        its = [one for one in numbers(sentence) if one.kind in {Kind.ID, Kind.DATE}]
        for one in its if len(its) == 1 else ():
            near = list(_alike(case, sentence))
            own = max((number for number, words, _ in near if words.holds(one)), default=0)
            for number, words, said in near:
                if number > own and not words.holds(one):
                    yield from (
                        Swap(one.text, other.text, is_hard=True)
                        for other in numbers(said)
                        if other.kind is one.kind and marks(other.text) == marks(one.text)
                    )


def _alike(case: Case, sentence: str) -> Iterator[tuple[int, Words, str]]:
    """How many words each claim shares with the sentence, if it speaks of the same; what it holds and what it says."""
    for claim in case.proposal.claims:
        number = len(stems(claim.text) & stems(sentence))
        if number >= LEAST_SHARED:
            yield number, Words([claim.text, claim.quote]), claim.text

"""What a goal says in the place of something else: another number, name or date than the evidence."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.sources import Sourced, is_in, is_told_by_code, may_be
from agenther.records import Evidence
from agenther.text.clauses import stems
from agenther.text.dates import dates, without_dates
from agenther.text.particulars import COMMON, Kind, Particular, numbers, particulars, spoken_names
from agenther.text.specifics import AT_HAND, COUNTS, specifics
from agenther.text.words import Words, squeezed

_SAME = re.compile(
    r"\b(?:between|from) (\S+) (?:and|to|until) \1(?!\w)|(?<!\S)(?=\S*\d)(\S{3,}),? (?:and|or|to|until|vs) \2(?!\w)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b([A-Z][A-Za-z]+) #?(\d+)\b")
LONGEST = 300
"""Characters of a quote that is read for its particulars; a longer one shows many things."""


def contradicting(case: Sourced) -> str | None:
    """No number, date, id, address or quotation of the goal stands in the place of another that the evidence has."""
    if same := _SAME.search(case.proposal.goal):
        return f"the goal says “{same[1] or same[2]}” twice, where it means two things"
    found = _numbered(case) or next((swap for swap in _swaps(case) if swap.is_hard), None)
    found = found or next(_misplaced(case), None) or next(_found_out(case), None)
    found = found or next(_misattributed(case), None)
    found = found or next((swap for swap in _miscounted(case) if swap.is_hard), None)
    return f"the goal says “{found.now}” where the evidence says “{found.was}”" if found else None


class Swap(NamedTuple):
    now: str
    was: str
    is_hard: bool


def _numbered(case: Case) -> Swap | None:
    """Where the evidence numbers a name ("IC 4"), the goal gives it no other number that nobody has."""
    for name, number in _NUMBERED.findall(without_dates(case.proposal.goal)):
        pattern = re.compile(rf"\b{name.casefold()} #?(\d+)\b")
        others = pattern.findall(f"{case.supplied.text}\n{case.cited.text}")
        if others and number not in {*others, *pattern.findall(f"{case.user.text}\n{case.seen.text}")}:
            return Swap(f"{name} {number}", f"{name} {others[0]}", is_hard=True)
    return None


# --- what the agent was told, and the goal does not say ------------------------------------------


def _misplaced(case: Sourced) -> Iterator[Swap]:
    """What no input and no evidence has, where an input or evidence of the same kind is missing from the goal."""
    for one in case.unvouched:
        is_said = is_in(case, ("user", "tools"), one)
        if one.kind is Kind.NAME:
            if one.text.isupper() and not may_be(case, one):
                yield from (
                    Swap(one.text, was, is_hard=True) for was in _lost(case, one, ()) if _is_code_like(was, one)
                )
        else:
            quotes = () if is_said else tuple(_shown(case, one))
            yield from (Swap(one.text, was, is_hard=True) for was in _lost(case, one, quotes, is_said=is_said))


def _found_out(case: Case) -> Iterator[Swap]:
    """What nobody told the agent, where something of the sort that it was told is missing from the goal.

    It was told an input that a claim speaks of, where no input has the other, or that the user has said, where he has
    not said the other.
    """
    said = Words(text for claim in case.proposal.claims for text in (claim.text, claim.quote))
    for one in case.asked:
        if not one.readings or one.kind is Kind.NAME or one.is_worded:
            continue
        is_used, is_told = case.supplied.holds(one), case.user.holds(one)
        for text, step in case.told_inputs() if not (is_used and is_told) else ():
            if not _is_like(one, text) or _is_held(case, text):
                continue
            is_new = one.kind is not Kind.NUMBER and not case.was_seen_before(text, step)
            is_claimed = not is_used and any(map(said.holds, numbers(text)))
            if (is_new and (is_claimed or (not is_told and case.user.has(text)))) or (
                is_claimed and _is_counted_alike(case, one, text)
            ):
                yield Swap(one.text, text, is_hard=True)


def _is_like(one: Particular, text: str) -> bool:
    """Is the text of its kind and, if that is an id, made in the same way?"""
    return one.kind in kinds(text) and (one.kind is not Kind.ID or _marks(text) == _marks(one.text))


def _marks(text: str) -> set[str]:
    return {mark for mark in text if not (mark.isalnum() or mark in ",.#$€£¥")}


def _is_counted_alike(case: Case, now: Particular, was: str) -> bool:
    """Does a claim say of the one what the goal says of the other: 2 GB, 4 GB?"""
    things = {thing for reading, thing in _counted(case.proposal.goal) if reading in now.readings}
    readings = {reading for one in numbers(was) for reading in one.readings}
    claimed = {pair for claim in case.proposal.claims for pair in _counted(claim.text)}
    return any(reading in readings and thing in things for reading, thing in claimed)


@lru_cache(maxsize=AT_HAND)
def _counted(text: str) -> frozenset[tuple[str, str]]:
    """(a reading of a number, what there is so much of) of a text: 4, GB; 1000, more pieces."""
    found = re.findall(r"(\S*\d\S*)\s+([^\W\d]\w*)(?:\s+([^\W\d]\w*))?", text)
    things = ((number, _thing(one, other)) for number, one, other in found)
    return frozenset(
        (one, thing) for number, thing in things if thing for readings in specifics(number) for one in readings
    )


def _thing(one: str, other: str) -> str:
    if its := stems(one):
        return min(its)
    return f"{one.casefold()} {min(stems(other))}" if stems(other) else ""


def _miscounted(case: Case) -> Iterator[Swap]:
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


def _misattributed(case: Case) -> Iterator[Swap]:
    """What claims say of the one, the goal says of the other, in the same words."""
    claims = [
        (stems(claim.text), Words([claim.text, claim.quote]), numbers(claim.text)) for claim in case.proposal.claims
    ]
    for sentence in _SENTENCE.split(case.proposal.goal):
        its = [one for one in numbers(sentence) if one.kind in {Kind.ID, Kind.DATE}]
        for one in its if len(its) == 1 else ():
            shared = [(len(said & stems(sentence)), words, about) for said, words, about in claims]
            own = max((number for number, words, _ in shared if words.holds(one)), default=0)
            for number, words, about in shared:
                if number >= LEAST_SHARED and number > own and not words.holds(one):
                    yield from (
                        Swap(one.text, other.text, is_hard=True)
                        for other in about
                        if other.kind is one.kind and _marks(other.text) == _marks(one.text)
                    )


_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
LEAST_SHARED = 2
"""So many words a claim shares with the sentence that it speaks of."""


def _is_code_like(was: str, one: Particular) -> bool:
    return was.isupper() and len(was) == len(one.text)


_KEY = re.compile(r"([\"'])[\w -]{1,40}\1\s*:")


def _shown(case: Case, one: Particular) -> Iterator[str]:
    """Where something of its kind may be that the evidence has: in quotes; of quotations, in what claims say, too."""
    for claim in case.proposal.claims:
        yield claim.quote if one.kind is not Kind.QUOTATION else f"{claim.text} {_KEY.sub(' ', claim.quote)}"


def _lost(case: Case, one: Particular, quotes: tuple[str, ...], *, is_said: bool = False) -> Iterator[str]:
    """Inputs of the kind that the goal does not hold, and what quotes have of it.

    Against what the user said himself only an input counts that he said, too.
    """
    for text, _ in case.told_inputs():
        if len(text) <= LONGEST and _is_like(one, text) and not _is_held(case, text):
            is_claimed = any(claim.quote == text for claim in case.proposal.claims)
            if not is_said or is_claimed or case.user.has(text):
                yield text
    for quote in quotes:
        for other in particulars(quote) if len(quote) <= LONGEST else ():
            if other.kind is one.kind and _is_like(one, other.text) and not case.goal.holds(other):
                yield other.text


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


def _is_held(case: Case, text: str) -> bool:
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


# --- what claims quote, and the goal does not say ------------------------------------------------


def _swaps(case: Case) -> Iterator[Swap]:
    """A claim quotes an input that the goal does not hold, and the goal holds something of its sort instead."""
    quoting = [claim for claim in case.proposal.claims if case.quotes_input(claim)]
    lost = [claim for claim in quoting if not _is_held(case, claim.quote)]
    claims = [(claim, Words([claim.quote])) for claim in quoting] if lost else []
    for sort, asked in _sorts(case).items() if lost else ():
        alike = [claim for claim in lost if _is_of(sort, claim.quote)]
        free = claims if sort != "words" else [pair for pair in claims if _is_of(sort, pair[0].quote)]
        for one in _spare(asked, free) if alike else ():
            for claim in alike:
                if _stands_for(case, one, claim):
                    yield Swap(one.text, claim.quote, is_hard=sort != "name")


def _sorts(case: Case) -> dict[str, list[Particular]]:
    sorts: dict[str, list[Particular]] = {"date": [], "number": [], "id": [], "words": [], "name": []}
    for one in case.asked:
        if one.kind is not Kind.NAME or not is_told_by_code(case, one.text):
            sorts["words" if one.kind in {Kind.URL, Kind.QUOTATION} else one.kind.value].append(one)
    return sorts


def _is_of(sort: str, quote: str) -> bool:
    if sort == "name":
        return quote.istitle() or quote.isupper()
    found = kinds(quote)
    return Kind.QUOTATION in found if sort == "words" else Kind(sort) in found


def _spare(asked: list[Particular], claims: list[tuple[Evidence, Words]]) -> Iterator[Particular]:
    """What is left of the particulars when each has been given a claim of its own that quotes it."""
    free = list(claims)
    for one in asked:
        its = next((pair for pair in free if _quotes(pair, one)), None)
        if its:
            free.remove(its)
        else:
            yield one


def _quotes(claim: tuple[Evidence, Words], one: Particular) -> bool:
    is_words = not (one.days or one.readings)
    return claim[1].holds(one) or (is_words and squeezed(claim[0].quote) in squeezed(one.text))


_RELATIVE = re.compile(
    r"\b(?:next|following|later|earlier|ago|tomorrow|yesterday|today|tonight|(?:day|night)s? (?:after|before))\b",
    re.IGNORECASE,
)


def _stands_for(case: Case, one: Particular, claim: Evidence) -> bool:
    """Could the one have been meant where the goal says the other?

    Not so "two" for a large number, a date for one that is counted from it ("the day after"), and what an observation
    shows for an input that the agent had found out itself.
    """
    if COUNTS.fullmatch(one.text) and not re.fullmatch(r"\d|1[0-2]", claim.quote):
        return False
    if one.kind is Kind.ID and _marks(one.text) != _marks(claim.quote):
        return False
    if one.days and _RELATIVE.search(case.proposal.goal):
        return False
    shown = Words(other.quote for other in case.proposal.claims if not case.quotes_input(other))
    return not (shown.holds(one) and case.was_seen_before(claim.quote, claim.step))


def is_spoken_of(quote: str, goal: str) -> bool:
    """Does the goal hold a word of the quote, or one that begins like it: EUR and euros, en and English?"""
    words = [word.casefold() for word in re.findall(r"\w+", goal)]
    parts = re.findall(r"[^\W_]{2,}", quote.casefold())
    return any(word.startswith(part[:4]) if _is_long(part, quote) else word == part for part in parts for word in words)


def _is_long(part: str, quote: str) -> bool:
    """Long enough for its beginning to tell; a code that stands alone is."""
    return len(part) >= 4 or part == quote.casefold()


# --- names ---------------------------------------------------------------------------------------

_TWICE = re.compile(
    r"\b([A-Z][\w'’.-]*(?: [\w'’.-]+){0,3}) (?:and|or|vs\.?|versus|against|played|than)"
    r"(?: (?:the|that|one|ones|those|at|in|of|from|on)){0,3} \1(?![\w'’-]| [A-Z])"
)
_PART = r"(?:(?:[A-Z]|Mrs?|Ms|Drs?|St|Prof)\.(?= )|[A-Z](?:[^\W\d]|-|['’](?!s\b))*(?!\w))"
_WHOLE_NAME = re.compile(rf"(?<=[a-z,;(] ){_PART}(?: (?:{_PART}|\d{{1,3}}(?![\w.,:%])))+")
_BETWEEN = r"(?:[\W_]{0,6}+(?:[^\W_]{1,3}+[\W_]{1,3}+)?|.{0,15}(?:name|number|id|code).{0,10})"
"""What may stand between the parts of a name: an initial, or what the other one is, in a field of its own."""


def mixed(case: Case) -> str | None:
    """No name is put together from two, stands twice where two are meant, or in the place of another."""
    for found in _TWICE.finditer(case.proposal.goal):
        if not (case.supplied.has(found.group()) or case.seen.has(found.group())):
            return f"The request says “{found[1]}” twice, where it seems to mean two things. Are they the same?"
    names = _WHOLE_NAME.findall(without_dates(case.proposal.goal))
    pairs = (pair for name in names for pair in pairwise(part.rstrip(".'-") for part in squeezed(name).split()))
    for one, other in dict.fromkeys(pairs):
        if not ({one, other} & COMMON or _are_together(case, one, other)):
            return f"The request names “{one}” and “{other}” as one. Does the run show them together?"
    swap = next((swap for swap in _swaps(case) if not swap.is_hard), None) or next(_renamed(case), None)
    if swap := swap or next(_miscounted(case), None):
        return f"The request says “{swap.now}”. Is that what the agent worked with?"
    return None


def _renamed(case: Case) -> Iterator[Swap]:
    """A name that was only seen, where a claim speaks of one that was given and that the goal leaves out."""
    given = (case.supplied, case.user)
    asked = [one for one in case.asked if one.kind is Kind.NAME]
    seen = [one for one in asked if not any(words.holds(one) for words in given)]
    for claim in case.proposal.claims if seen else ():
        for name in spoken_names(claim.text):
            other = Particular(Kind.NAME, name)
            if not case.goal.holds(other) and any(words.holds(other) for words in given):
                yield from (Swap(one.text, name, is_hard=False) for one in seen)


def _are_together(case: Case, one: str, other: str) -> bool:
    """Are they somewhere, in any order? So they count if one of them was never seen: it comes from elsewhere."""
    whole = [rf"(?<![^\W_]){re.escape(part)}(?![^\W_])" for part in (one, other)]
    near = [re.compile(f"{first}{_BETWEEN}{second}") for first, second in (whole, reversed(whole))]
    known = (case.supplied, case.cited, case.user, case.shown)
    if any(pattern.search(words.text) for words in known for pattern in near):
        return True
    texts = [words.text for words in (case.tools, case.policy, case.seen, case.supplied)]
    is_known = all(any(re.search(part, text) for text in texts) for part in whole)
    return not is_known or any(pattern.search(text) for text in texts for pattern in near)

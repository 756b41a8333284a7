"""What a goal says in the place of something else: another number, date or id than the evidence."""

import re
from collections.abc import Iterator

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.counted import misattributed, miscounted, numbered
from agenther.judges.grounded.likeness import Swap, is_held, kinds, marks
from agenther.judges.grounded.sources import Sourced, is_told_by_code
from agenther.judges.grounded.told import found_out, misplaced
from agenther.records import Evidence
from agenther.text.particulars import Kind, Particular
from agenther.text.specifics import COUNTS
from agenther.text.words import Words, squeezed

_SAME = re.compile(
    r"\b(?:between|from) (\S+) (?:and|to|until) \1(?!\w)|(?<!\S)(?=\S*\d)(\S{3,}),? (?:and|or|to|until|vs) \2(?!\w)",
    re.IGNORECASE,
)


def twice(case: Case) -> str | None:
    """Where a goal means two things, it says two."""
    same = _SAME.search(case.proposal.goal)
    return f"the goal says “{same[1] or same[2]}” twice, where it means two things" if same else None


def contradicting(case: Sourced) -> str | None:
    """No number, date, id, address or quotation of the goal stands in the place of another that the evidence has."""
    found = numbered(case) or next((swap for swap in swapped(case) if swap.is_hard), None)
    found = found or next(misplaced(case), None) or next(found_out(case), None)
    found = found or next(misattributed(case), None)
    found = found or next((swap for swap in miscounted(case) if swap.is_hard), None)
    return f"the goal says “{found.now}” where the evidence says “{found.was}”" if found else None


def swapped(case: Case) -> Iterator[Swap]:
    """A claim quotes an input that the goal does not hold, and the goal holds something of its sort instead."""
    quoting = [claim for claim in case.proposal.claims if case.quotes_input(claim)]
    lost = [claim for claim in quoting if not is_held(case, claim.quote)]
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
    if one.kind is Kind.ID and marks(one.text) != marks(claim.quote):
        return False
    if one.days and _RELATIVE.search(case.proposal.goal):
        return False
    shown = Words(other.quote for other in case.proposal.claims if not case.quotes_input(other))
    return not (shown.holds(one) and case.was_seen_before(claim.quote, claim.step))

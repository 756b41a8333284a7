"""What the agent was told and the goal does not say, where the goal says something of the sort instead."""

import re
from collections.abc import Iterator

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.counted import is_counted_alike
from agenther.judges.grounded.likeness import LONGEST, Swap, is_like
from agenther.judges.grounded.sources import Sourced, is_in, may_be
from agenther.text.particulars import Kind, Particular, numbers, particulars
from agenther.text.words import Words

_KEY = re.compile(r"([\"'])[\w -]{1,40}\1\s*:")


def misplaced(case: Sourced) -> Iterator[Swap]:
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


def found_out(case: Sourced) -> Iterator[Swap]:
    """What nobody told the agent, where something of the sort that it was told is missing from the goal.

    It was told an input that a claim speaks of, where no input has the other, or that the user has said, where he has
    not said the other. An id that nobody said, and that stands among what a call with another id brought, is the other.
    """
    said = Words(text for claim in case.proposal.claims for text in (claim.text, claim.quote))
    for one in case.asked if case.unsaid else ():
        if not one.readings or one.kind is Kind.NAME or one.is_worded:
            continue
        is_used, is_told = case.supplied.holds(one), case.user.holds(one)
        for text, step in case.unsaid if not (is_used and is_told) else ():
            if not is_like(one, text):
                continue
            is_new = one.kind is not Kind.NUMBER and not case.was_seen_before(text, step)
            is_claimed = not is_used and any(map(said.holds, numbers(text)))
            is_other = one.kind is Kind.ID and not is_told
            if (is_claimed and (is_new or is_other or is_counted_alike(case, one, text))) or (
                is_new and not is_told and case.user.has(text)
            ):
                yield Swap(one.text, text, is_hard=True)


def _is_code_like(was: str, one: Particular) -> bool:
    return was.isupper() and len(was) == len(one.text)


def _shown(case: Case, one: Particular) -> Iterator[str]:
    """Where something of its kind may be that the evidence has: in quotes; of quotations, in what claims say, too."""
    for claim in case.proposal.claims:
        yield claim.quote if one.kind is not Kind.QUOTATION else f"{claim.text} {_KEY.sub(' ', claim.quote)}"


def _lost(case: Sourced, one: Particular, quotes: tuple[str, ...], *, is_said: bool = False) -> Iterator[str]:
    """Inputs of the kind that the goal does not hold, and what quotes have of it.

    Against what the user said himself only an input counts that he said, too.
    """
    for text, _ in case.unsaid:
        if is_like(one, text):
            is_claimed = any(claim.quote == text for claim in case.proposal.claims)
            if not is_said or is_claimed or case.user.has(text):
                yield text
    for quote in quotes:
        for other in particulars(quote) if len(quote) <= LONGEST else ():
            if other.kind is one.kind and is_like(one, other.text) and not case.goal.holds(other):
                yield other.text

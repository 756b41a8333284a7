"""Each particular of goal and answer comes from somewhere: one table says from where, and what it is if it does not.

Hard kinds (numbers, dates, ids, quotations, addresses) that stand nowhere are a proof of error. What stands somewhere,
and neither in an input nor in cited evidence, is a doubt; so is a name, wherever it is missing.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from agenther.judges.grounded.case import Case
from agenther.judges.grounded.likeness import LONGEST, is_held
from agenther.text.languages import named
from agenther.text.lexicon import lexicon
from agenther.text.particulars import Kind, Particular, particulars, unnumbered
from agenther.text.specifics import ranked
from agenther.text.words import Words, squeezed


class Allowed(NamedTuple):
    """Names of what in a `Case` may hold a particular."""

    sure: tuple[str, ...]
    """What vouches for it."""
    perhaps: tuple[str, ...] = ()
    """What makes it possible: a doubt, unless it stands in the place of something else."""


_USED = ("supplied", "cited")
_KNOWN = ("user", "tools")
_SEEN = ("shown", "supplied", "goal", "seen", "user", "tools")
_GOAL = Allowed(_USED, (*_KNOWN, "seen"))
SOURCES: dict[str, dict[Kind, Allowed]] = {
    "goal": dict.fromkeys(Kind, _GOAL)
    | {
        Kind.QUOTATION: Allowed(_USED, (*_KNOWN, "policy", "seen")),
        Kind.NAME: Allowed(("supplied", *_KNOWN), ("cited", "policy", "seen")),
    },
    "answer": dict.fromkeys(Kind, Allowed(_SEEN)) | {Kind.NAME: Allowed((*_SEEN, "policy"))},
}
"""By what is looked at. The policy vouches for names; that it alone says something makes it no fact, and no number."""
MOST_COUNTED = 12
"""An answer may count up to here without that anybody wrote the number down."""


def is_in(case: Case, sources: tuple[str, ...], one: Particular) -> bool:
    return any(_holds(case, source, one) for source in sources)


def may_be(case: Case, one: Particular) -> bool:
    """Does it stand anywhere? A number of one or two digits stands on every page: that it was seen says nothing."""
    is_short = one.kind is Kind.NUMBER and not one.days and min(map(len, one.readings)) < 3
    return any(
        _holds(case, source, one) for source in SOURCES["goal"][one.kind].perhaps if source != "seen" or not is_short
    )


def _holds(case: Case, source: str, one: Particular) -> bool:
    if source == "cited":
        return case.is_cited(one)
    words: Words = getattr(case, source)
    return words.holds(one)


class Sourced(Case):
    """A case, and what of its particulars has no source: several rules look at that."""

    @cached_property
    def unvouched(self) -> tuple[Particular, ...]:
        """What in the goal neither an input nor cited evidence has."""
        return tuple(_unvouched(self))

    @cached_property
    def missing(self) -> tuple[Particular, ...]:
        """What in the answer was never observed, supplied or said."""
        return tuple(_missing(self))

    @cached_property
    def unsaid(self) -> tuple[tuple[str, int], ...]:
        """(text, step) of each short input of an act that serves the goal, and that the goal does not say."""
        return tuple((text, n) for text, n in self.told_inputs() if len(text) <= LONGEST and not is_held(self, text))


def _unvouched(case: Case) -> Iterator[Particular]:
    """What in the goal no input and no cited evidence has. How many of something there are is looked at elsewhere."""
    for one in case.asked:
        is_count = one.is_worded or not {*one.readings}.isdisjoint(ranked(case.proposal.goal))
        if is_count or is_in(case, SOURCES["goal"][one.kind].sure, one) or _in_parts(case, one):
            continue
        if one.kind is not Kind.NAME or not _is_told_otherwise(case, one.text):
            yield one


def _in_parts(case: Case, one: Particular) -> bool:
    """Was the date given as year, month and day, each an input of its own?"""
    return any({str(part) for part in date if part} <= case.values for date in one.days if sum(map(bool, date)) > 1)


def invented(case: Sourced) -> str | None:
    """A number, date, id, address or quotation stands in some input, observation or word of the user."""
    for one in case.unvouched:
        if one.kind is not Kind.NAME and not may_be(case, one):
            return f"“{one.text}” in the goal stands in no input, no observation and no word of the user"
    for one in case.asked:
        if one.is_worded and not _is_counted(case, one) and not _is_anywhere(case, one):
            return f"“{one.text}” in the goal stands in no input, no observation and no word of the user"
    for one in case.missing:
        if one.kind is not Kind.NAME and not _is_small(one) and not _is_in_pieces(case, one):
            return f"“{one.text[:120]}” in the answer was never observed"
    return None


def _missing(case: Case) -> Iterator[Particular]:
    for one in particulars(unnumbered(case.proposal.answer)):
        if not one.is_worded and not is_in(case, SOURCES["answer"][one.kind].sure, one):
            yield one


def _is_in_pieces(case: Case, one: Particular) -> bool:
    """Was what a date is made of seen, in some way of writing dates that we do not know?"""
    parts = re.findall(r"\d+", one.text)
    return one.kind is Kind.DATE and all(
        any(words.has_token(part) for words in (case.seen, case.goal)) for part in parts
    )


def _is_small(one: Particular) -> bool:
    return any(
        reading.isdecimal() and int(reading[:3]) <= MOST_COUNTED and len(reading) < 3 for reading in one.readings
    )


def unproven(case: Sourced) -> str | None:
    """A number, date, id, address or quotation comes from an input or from cited evidence."""
    unsaid = (one for one in case.unvouched if not case.replies.holds(one))
    asked = [one.text for one in unsaid if one.kind is not Kind.NAME]
    asked += [one.text for one in case.asked if one.is_worded and not _is_counted(case, one)]
    told = [one.text[:120] for one in case.missing if one.kind is not Kind.NAME]
    if asked:
        return f"The request says {listed(asked)}. Does the run show it, or was it given to the agent?"
    return f"The answer says {listed(told)}. Do the observations bear it out?" if told else None


_BETWEEN_ITEMS = re.compile(r"[,;]\s|\n|\band\b")


def _is_counted(case: Case, one: Particular) -> bool:
    """Is it given, or are there so many claims that quote what was seen, steps that serve, or parts of the answer?"""
    if is_in(case, ("supplied", "cited", "user"), one) or case.user.has(one.text) or case.cited.has(one.text):
        return True
    shown = {claim.quote for claim in case.proposal.claims if not case.quotes_input(claim)}
    of_kinds = {len({other.text for other in case.asked if other.kind is kind}) for kind in Kind}
    parts = len(_BETWEEN_ITEMS.findall(case.proposal.answer))
    return int(one.readings[0]) in {
        len(shown),
        len(case.relevant),
        len(case.proposal.claims),
        parts,
        parts + 1,
        *of_kinds,
    }


def _is_anywhere(case: Case, one: Particular) -> bool:
    """Is it somewhere in figures or in words, or the hour of a time that is told in words?"""
    is_hour = re.search(rf"\b(?:past|to|at|until|by) {one.text}\b", case.proposal.goal) is not None
    return is_hour or any(
        words.holds(one) or words.has(one.text) for words in (case.shown, case.said, case.tools, case.policy)
    )


def names(case: Sourced) -> str | None:
    """A name comes from the agent's inputs, from cited evidence, or from what user and tools are known to say."""
    asked = [one.text for one in case.unvouched if one.kind is Kind.NAME]
    told = [one.text for one in case.missing if one.kind is Kind.NAME]
    if asked:
        return f"The request names {listed(asked)}. Is that what the run dealt with?"
    return f"The answer names {listed(told)}. Was that observed?" if told else None


def listed(texts: list[str]) -> str:
    return ", ".join(f"“{text}”" for text in dict.fromkeys(texts))


# --- what a name may be told by ------------------------------------------------------------------


_PHRASE = re.compile(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*)+")


def _is_told_otherwise(case: Case, name: str) -> bool:
    """Does a claim name what was seen so, or quote it whole; is it an input by its code, or a label (ISBN, IMDb)?"""
    claims = case.proposal.claims
    if any(name in claim.text for claim in claims) and (case.seen.has_name(name) or case.policy.has_name(name)):
        return True
    phrases = [phrase for phrase in _PHRASE.findall(case.proposal.goal) if name in phrase.split()]
    if any(phrase in claim.quote for phrase in phrases for claim in claims):
        return True
    return (sum(map(str.isupper, name)) > 1 and case.shown.has_name(name)) or is_told_by_code(case, name)


_LENGTHS = range(2, 6)
_OF = {
    "languages": re.compile(r".*lang.*|source|target", re.IGNORECASE),
    "countries": re.compile(r".*(?:countr|nation|region|market).*", re.IGNORECASE),
    "currencies": re.compile(r".*(?:curr|symbol|base|quote).*|from|to", re.IGNORECASE),
}
"""Names of parameters that take the code of such a thing."""


def is_told_by_code(case: Case, name: str) -> bool:
    """Is an input its code: "en" for English, JPY for Japanese yen, or one beside which the run shows the name?"""
    given = [pair for step in case.acts for pair in step.action.arguments.items()]
    codes = [(key, code) for key, code in given if isinstance(code, str) and code.isalpha() and len(code) in _LENGTHS]
    for key, code in codes:
        if _OF["languages"].fullmatch(key) and named(code) == name:
            return True
        if any(_OF[of].fullmatch(key) and name in table.get(code.casefold(), "").split() for of, table in _codes()):
            return True
    shown = (case.seen, case.policy) if codes else ()
    return any(_is_beside(words.text, code.casefold(), squeezed(name)) for _, code in codes for words in shown)


def _codes() -> Iterator[tuple[str, dict[str, str]]]:
    yield from lexicon("codes").items()


def _is_beside(text: str, code: str, name: str) -> bool:
    between = r"[\W_]{1,8}(?:\w{1,12}[\W_]{1,8}){0,3}"
    if code not in text or name not in text:
        return False
    return bool(re.search(rf"\b{code}\b{between}{re.escape(name)}|\b{re.escape(name)}{between}{code}\b", text))

"""Rules on what a goal says in the place of something else: another number, name or date than the evidence."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from agenther.judges.case import Case
from agenther.judges.demands import COMMON, Demand, numbers, spoken_names, verbatim
from agenther.records import Evidence
from agenther.text import specifics as texts
from agenther.text.dates import dates, without_dates
from agenther.text.specifics import without_quotations
from agenther.text.words import Words, squeezed

_NUMBERED = re.compile(r"\b([A-Z][A-Za-z]+) #?(\d+)\b")


def numbered(case: Case) -> str | None:
    """Where the evidence numbers a name ("IC 4"), the goal gives it no other number."""
    for name, number in _NUMBERED.findall(without_dates(case.proposal.goal)):
        evidence = Words([case.supplied.text, case.cited.text])
        others = re.findall(rf"\b{name.casefold()} #?(\d+)\b", evidence.text)
        if others and number not in others:
            return f"the goal says “{name} {number}” where the evidence says “{name} {others[0]}”"
    return None


_SAME = re.compile(r"\b(?:between|from) (\S+) (?:and|to|until) \1(?!\w)", re.IGNORECASE)
_TWICE = re.compile(
    r"\b([A-Z][\w'’.-]*(?: [\w'’.-]+){0,3}) (?:and|or|vs\.?|versus|against|played|than)"
    r"(?: (?:the|that|one|ones|those|at|in|of|from|on)){0,3} \1(?![\w'’-]| [A-Z])"
)


def twice(case: Case) -> str | None:
    """Where the goal speaks of two things, they are not one and the same; but some are called so, and were seen."""
    for found in _TWICE.finditer(case.proposal.goal):
        if not (case.supplied.has(found.group()) or case.seen.has(found.group())):
            return f"the goal says “{found[1]}” twice, where it means two things"
    return None


_PART = r"(?:(?:[A-Z]|Mrs?|Ms|Drs?|St|Prof)\.(?= )|[A-Z](?:[^\W\d]|-|['’](?!s\b))*(?!\w))"
_WHOLE_NAME = re.compile(rf"(?<=[a-z,;(] ){_PART}(?: (?:{_PART}|\d{{1,3}}(?![\w.,:%])))+")
_BETWEEN = r"(?:[\W_]{0,6}+(?:[^\W_]{1,3}+[\W_]{1,3}+)?|.{0,15}(?:name|number|id|code).{0,10})"
"""What may stand between the parts of a name: an initial, or what the other one is, in a field of its own."""


def apart(case: Case) -> str | None:
    """The parts of a name in the goal stand together somewhere, in an input or in what was seen."""
    names = _WHOLE_NAME.findall(without_dates(case.proposal.goal))
    pairs = (pair for name in names for pair in pairwise(part.rstrip(".'-") for part in squeezed(name).split()))
    for one, other in dict.fromkeys(pairs):
        if not ({one, other} & COMMON or _are_together(case, one, other)):
            return f"“{one}” and “{other}” in the goal are parts of no name that was seen"
    return None


def _are_together(case: Case, one: str, other: str) -> bool:
    """Are they somewhere, in any order? So they count if one of them was never seen: it comes from elsewhere."""
    whole = [rf"(?<![^\W_]){re.escape(part)}(?![^\W_])" for part in (one, other)]
    near = [re.compile(f"{first}{_BETWEEN}{second}") for first, second in (whole, reversed(whole))]
    if any(pattern.search(words.text) for words in (case.supplied, case.cited, case.shown) for pattern in near):
        return True
    texts = [words.text for words in (case.seen_at_start, case.seen, case.supplied)]
    is_known = all(any(re.search(part, text) for text in texts) for part in whole)
    return not is_known or any(pattern.search(text) for text in texts for pattern in near)


def swapped(case: Case) -> str | None:
    """Does the goal say one thing where the evidence says another?

    So it is when a claim quotes an input that the goal does not hold, and the goal holds something of the same sort
    instead that no such claim quotes.
    """
    if same := _SAME.search(case.proposal.goal):
        return f"the goal goes from “{same[1]}” to “{same[1]}”"
    claims = [(claim, Words([claim.quote])) for claim in case.proposal.claims if case.quotes_input(claim)]
    for of_sort, asked, is_held in _sorts(case) if claims else ():
        alike = [(claim, words) for claim, words in claims if of_sort(claim.quote)]
        lost = [claim for claim, words in alike if not is_held(words, claim.quote)]
        for demand in _spare(asked, claims) if lost else ():
            for claim in lost:
                if _stands_for(case, demand, claim):
                    return f"the goal says “{demand.shown}” where the evidence says “{claim.quote}”"
    return None


_PLAIN = re.compile(r"[#$€£¥+-]{0,2}\d[\d,.:]*[%°]?")


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not dates(text)


def _is_id(text: str) -> bool:
    holds_digit = any(character.isdecimal() for character in text)
    return holds_digit and not _PLAIN.fullmatch(text) and not dates(text)


_Sort = tuple[Callable[[str], bool], list[Demand], Callable[[Words, str], bool]]


def _sorts(case: Case) -> Iterator[_Sort]:
    """For dates, numbers and words: which quotes are of the sort, what the goal says, is a quote held by the goal?"""
    goal = case.proposal.goal
    found = list(numbers(goal))
    dated = [demand for demand in found if demand.dates]
    others = sorted((demand for demand in found if not demand.dates), key=lambda demand: -len(demand.shown))
    counted = texts.COUNTS.findall(without_quotations(goal))
    others += [Demand(word, spellings=tuple(texts.counts(word))) for word in counted]
    words = [Demand(text) for text in verbatim(case)]

    def holds_number(quoted: Words, quote: str) -> bool:
        return quote in {"0", "1"} or any(demand.is_in(quoted) for demand in found + others)

    def holds_words(_words: Words, quote: str) -> bool:
        return _is_spoken_of(quote, goal)

    yield (lambda quote: bool(dates(quote))), dated, holds_number
    plain = [demand for demand in others if _is_plain(demand.shown) or demand.shown in counted]
    yield _is_plain, plain, holds_number
    yield _is_id, [demand for demand in others if demand not in plain], holds_number
    yield (lambda quote: bool(re.search(r"[^\W\d_]{4}", quote))), words, holds_words
    yield str.istitle, [Demand(name) for name in spoken_names(goal)], holds_words
    yield str.isupper, [Demand(name) for name in spoken_names(goal) if name.isupper()], holds_words


def _spare(asked: list[Demand], claims: list[tuple[Evidence, Words]]) -> Iterator[Demand]:
    """What is left of the demands when each has been given a claim of its own that quotes it."""
    free = list(claims)
    for demand in asked:
        its = next((pair for pair in free if _quotes(pair, demand)), None)
        if its:
            free.remove(its)
        else:
            yield demand


def _quotes(claim: tuple[Evidence, Words], demand: Demand) -> bool:
    is_number = bool(demand.dates or demand.spellings)
    return demand.is_in(claim[1]) or (not is_number and squeezed(claim[0].quote) in squeezed(demand.shown))


_RELATIVE = re.compile(
    r"\b(?:next|following|later|earlier|ago|tomorrow|yesterday|today|tonight|(?:day|night)s? (?:after|before))\b",
    re.IGNORECASE,
)


def _stands_for(case: Case, demand: Demand, claim: Evidence) -> bool:
    """Could the one have been meant where the goal says the other?

    Not so "two" for a large number, a date for one that is counted from it ("the day after"), and what an observation
    shows for an input that the agent had found out itself.
    """
    if texts.COUNTS.fullmatch(demand.shown) and not re.fullmatch(r"\d|1[0-2]", claim.quote):
        return False
    if demand.dates and _RELATIVE.search(case.proposal.goal):
        return False
    shown = Words(one.quote for one in case.proposal.claims if not case.quotes_input(one))
    return not (demand.is_in(shown) and case.was_seen_before(claim))


def _is_spoken_of(quote: str, goal: str) -> bool:
    """Does the goal hold a word of the quote, or one that begins like it: EUR and euros, en and English?"""
    words = [word.casefold() for word in re.findall(r"\w+", goal)]
    parts = re.findall(r"\w\w+", quote.casefold())
    return any(word.startswith(part[:4]) if _is_long(part, quote) else word == part for part in parts for word in words)


def _is_long(part: str, quote: str) -> bool:
    """Long enough for its beginning to tell; a code that stands alone is."""
    return len(part) >= 4 or part == quote.casefold()

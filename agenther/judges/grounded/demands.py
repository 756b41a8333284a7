"""Rules on what a goal asks for beyond what was shown."""

import re
from functools import lru_cache

from agenther.evidence.changes import change
from agenther.judges.grounded.case import Case
from agenther.judges.grounded.sources import listed
from agenther.text import specifics as texts
from agenther.text.clauses import Clause, clauses, stem, stems
from agenther.text.dates import dates
from agenther.text.lexicon import words
from agenther.text.names import bare
from agenther.text.specifics import AT_HAND, without_quotations
from agenther.text.verbs import CHANGES, DEEDS
from agenther.text.words import content

MOST_NAMED = 4
"""Parts of a request that one point names: the last, where things are added."""
_SAYS = {
    "day": re.compile(r"\d:\d\d|\b(?:19|20)\d\d\b|\d ?(?:am|pm|a\.m|p\.m)\b", re.IGNORECASE),
    "person": re.compile(r"\b[A-Z][a-z]+|@|[a-z]_[a-z]"),
    "reason": re.compile(r"\b(?:because|since|due|reasons?|cause[sd]?|why|so that|in order to)\b", re.IGNORECASE),
}


def unclaimed(case: Case) -> str | None:
    """Of each part of the goal some claim, quote, input or tool speaks, or the answer does."""
    claims = [f"{claim.text} {claim.quote}" for claim in case.proposal.claims]
    told = [*claims, *_SENTENCES.split(case.proposal.answer)]
    known = stems("\n".join([*(text for unit in case.spoken for text in unit), case.proposal.answer]))
    silent = [
        part.text
        for part in clauses(case.proposal.goal)
        if not (_is_spoken_of(part, known, told) or _is_the_users(case, part)) or _is_undone(case, part)
    ]
    if not silent:
        return None
    return f"No claim speaks of {listed(silent[-MOST_NAMED:])}. Is each of these shown done, found, or mere background?"


_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")


def _is_spoken_of(part: Clause, known: frozenset[str], told: list[str]) -> bool:
    """Are half of its words somewhere, and does what is told of them hold a day or a person, where it asks for that?"""
    if 2 * len(part.stems & known) < len(part.stems):
        return False
    about = [text for text in told if not part.stems or part.stems & stems(text)] if part.asks else []
    return all(any(_holds(kind, text) for text in about) for kind in part.asks)


def _holds(kind: str, text: str) -> bool:
    return bool(_SAYS[kind].search(text)) or (kind == "day" and bool(dates(text)))


def _is_the_users(case: Case, part: Clause) -> bool:
    """Is it what the user had told of himself?"""
    return part.is_background and 2 * len(part.stems & stems(case.user.text)) >= len(part.stems)


def _is_undone(case: Case, part: Clause) -> bool:
    """Does it order a change or a message, where no tool that serves the goal does that and no claim tells of it?"""
    said = re.findall(r"[a-z]+(?:-mail)?", part.text.casefold())
    verb = next((word for word in said if word not in words("asking", "leads")), "")
    if len(said) < 2 or not (verb in CHANGES or verb in DEEDS or verb in words("asking", "tells")):
        return False
    if stem(verb) in stems(" ".join(bare(step.action.name).replace("_", " ") for step in case.relevant)):
        return False
    if any(_is_done(word, verb) for claim in case.proposal.claims for word in content(claim.text)):
        return False
    return verb not in words("asking", "general") or not any(change(case.trajectory, step) for step in case.relevant)


def _is_done(word: str, verb: str) -> bool:
    """Is it the form of the verb that tells that it was done?"""
    return word == CHANGES.get(verb) or (word.endswith("ed") and stem(word) == stem(verb))


# --- superlatives and conditions -----------------------------------------------------------------

_DEGREE = re.compile(
    rf"(?<!\bat )\b(?:[a-z]{{3,}}est|most|least|best|worst|top(?! (?:\d|{texts.COUNTS.pattern})))\b", re.IGNORECASE
)
_NO_DEGREE = re.compile(
    r"(?:inter|requ|t|cont|gu|r|n|qu|v|p|ch|sugg|inv|harv|for|hon|mod|dig|prot|manif|arr|w|nw|budap|conqu|j|cr|z|f)est",
    re.IGNORECASE,
)
_SORTED = re.compile(r"\b(?:maximum|minimum|sort|order.?by|rank|asc\b|desc\b)", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(under|below|above|over|less than|fewer than|more than|at most|at least|no more than|only|without"
    r"|before|after|within|exactly|except|excluding)\s+([\w$€£.,-]+)",
    re.IGNORECASE,
)


def degree(case: Case) -> str | None:
    """The cheapest, the latest, the most: something of the sort has to be claimed, asked for or told."""
    asked = degrees(without_quotations(case.proposal.goal))
    if case.trajectory.is_dialogue:
        asked = [word for word in asked if not case.user.has(word)]
    if not asked or _SORTED.search(case.said.text) or degrees(case.said.text):
        return None
    goal = without_quotations(case.proposal.goal)
    part = next((one.text for one in clauses(goal) if asked[0] in one.text), asked[0])
    return f"The request says “{part}”. Does the run show that it is the {asked[0]}?"


def degrees(text: str) -> list[str]:
    return [word for word in _DEGREE.findall(text) if not _NO_DEGREE.fullmatch(word)]


def condition(case: Case) -> str | None:
    """A condition that the failed goal had is back: some evidence has to show it met."""
    old = set(_conditions(case.trajectory.goal))
    for one in _conditions(case.proposal.goal):
        if one in old and not (case.cited.has(one[0]) or case.supplied.has(one[0])):
            return f"The request says “{' '.join(one)}”. Does the run show that this is met?"
    return None


@lru_cache(maxsize=AT_HAND)
def _conditions(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((word.casefold(), what.casefold().strip(".,")) for word, what in _CONDITION.findall(text))


# --- how many ------------------------------------------------------------------------------------

_RANK = re.compile(r"\b(first|second|third|fourth|fifth|last)\s+(?:one|row|item|entry|result)\b", re.IGNORECASE)
_BETWEEN_ITEMS = re.compile(r"[,;]\s|\n|\band\b")
_THINGS = re.compile(
    rf"({texts.COUNTS.pattern})\s(?:[a-z-]+\s){{0,2}}"
    r"(?!(?:second|minute|hour|day|night|week|month|year|time)s)(?:[a-z]+s|people|children)\b",
    re.IGNORECASE,
)
"""So many things; spans of time are no things to show."""
MOST_DIGITS = 9
"""More than so many are beyond everything, and perhaps beyond what Python reads as a number."""


def counts(case: Case) -> str | None:
    """So many things as the goal asks for are shown, or were asked for, and the answer tells of the same ones."""
    goal, answer = without_quotations(case.proposal.goal), case.proposal.answer
    for asked, told in ((texts.ranked(goal), texts.ranked(answer)), (_ranks(goal), _ranks(answer))):
        if asked and told and not asked <= told:
            return f"the goal asks for the first {min(asked - told)}, and the answer tells the first {min(told)}"
    told = texts.ranked(answer)
    for number in texts.counts(" ".join(_THINGS.findall(goal))):
        if told and number not in told and number not in case.values and not case.cited.has_token(number):
            return f"the goal asks for {number}, and the answer tells {min(told)}"
    shown = {claim.quote for claim in case.proposal.claims if not case.quotes_input(claim)}
    items = max(len(shown), len(case.relevant), 1 + len(_BETWEEN_ITEMS.findall(answer)))
    ranked = texts.ranked(goal)
    for number in (*ranked, *texts.counts(" ".join(_THINGS.findall(goal)))):
        is_told = number in case.values or (number not in ranked and case.cited.has_token(number))
        if not is_told and (len(number) > MOST_DIGITS or int(number) > items):
            return f"the goal asks for {number}, and the evidence shows {items}"
    return None


def _ranks(text: str) -> set[str]:
    return {rank.casefold() for rank in _RANK.findall(text)}

"""Rules on what a goal asks for beyond what was shown, and on what was done beyond what it asks for."""

import re
from functools import lru_cache

from agenther.evidence.changes import change
from agenther.evidence.trouble import page_title
from agenther.judges.case import Case
from agenther.text import specifics as texts
from agenther.text.specifics import without_quotations

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


_DEGREE = re.compile(
    rf"(?<!\bat )\b(?:[a-z]{{3,}}est|most|least|best|worst|top(?! (?:\d|{texts.COUNTS.pattern})))\b", re.IGNORECASE
)
_NO_DEGREE = re.compile(
    r"(?:inter|requ|t|cont|gu|r|n|qu|v|p|ch|sugg|inv|harv|for|hon|mod|dig|prot|manif|arr|w|nw|budap|conqu|j|cr|z|f)est",
    re.IGNORECASE,
)
_SORTED = re.compile(r"\b(?:maximum|minimum|sort|order.?by|rank|asc\b|desc\b)", re.IGNORECASE)


def is_sorted(case: Case) -> bool:
    """Did the agent ask for things in order, or does the evidence speak of it?"""
    return bool(_SORTED.search(case.said.text))


def degree(case: Case) -> str | None:
    """The cheapest, the latest, the most: something of the sort has to be claimed, asked for or told."""
    asked = degrees(without_quotations(case.proposal.goal))
    if not asked or is_sorted(case) or degrees(case.said.text):
        return None
    return f"the goal asks for “{asked[0]}”, of which no claim speaks"


def degrees(text: str) -> list[str]:
    return [word for word in _DEGREE.findall(text) if not _NO_DEGREE.fullmatch(word)]


_ERRANDS = {
    "buy purchase order place book reserve": "buy bought purchas ordered placed booked reserved checkout",
    "send email e-mail mail message forward share notify": "send sent emailed mailed forwarded shared notif told",
    "delete remove clear erase drop": "delet remov clear eras dropp",
    "cancel terminate revoke stop": "cancel terminat revok stopp",
    "save store download export write bookmark copy": "sav stor download export writ wrote bookmark copied",
    "add put insert append": "add put insert append",
    "create make draft schedule plan hold": "creat made draft schedul planned hold held",
    "change update modify edit set rename switch replace raise lower move correct fix": "chang updat modif edit set"
    " renam switch replac rais lower mov correct fix",
    "post publish submit comment reply upload": "posted published submit replied upload commented",
    "subscribe register join follow enroll star fork": "subscrib regist join follow enrol starred fork",
    "pay refund transfer charge donate": "paid refund transfer charg donat",
}
"""Verbs of doing, by what they do, and the beginnings of words that tell that it was done."""
_VERBS = frozenset(" ".join(_ERRANDS).split())
_GENERAL = frozenset(verbs for verbs in _ERRANDS if verbs.split()[0] in {"add", "create", "change"})
_ERRAND = re.compile(
    rf"(?:^|[.;:,!?]\s+|\b(?:and|then|also|please|to|afterwards)\s+)({'|'.join(sorted(_VERBS))})\s+"
    r"(?:(?:it|them|this|that|these|those|the|an?|my|our|me|him|her|us|one|all|everything)\b|\d|[\"'“‘`])",
    re.IGNORECASE,
)


def errand(case: Case) -> str | None:
    """What the goal wants changed, sent or kept: a claim, a tool or the answer has to speak of it.

    For a verb that may stand for many ("set"), any tool or word of doing will do.
    """
    tools = [step.action.name.casefold() for step in case.relevant]
    for verb in _ERRAND.findall(without_quotations(case.proposal.goal)):
        families = _families(verb.casefold())
        verbs = tuple(" ".join(families).split())
        if not (_done(families).search(case.said.text) or any(name.startswith(verbs) for name in tools)):
            return f"the goal says “{verb}”, and nothing shows that it was done"
    return None


def unasked(case: Case) -> str | None:
    """Up to its end, the run changed nothing in which the goal has no part.

    In a change by a step that serves the goal it has, where a claim cites more of that step than the title of the page
    that came, or the goal, a claim or the answer speaks of something of the sort.
    """
    cited = {one.step for one in case.proposal.claims if one.quote not in _title(case, one.step)}
    for step in case.steps:
        done = change(case.trajectory, step)
        serves = step.n in case.proposal.relevant_steps
        if done and not (serves and (step.n in cited or _is_told(case, done))):
            return f"step {step.n} ({done}) changed something, which the goal does not ask for"
    return None


def _title(case: Case, step: int) -> str:
    return page_title(case.trajectory.observation(step)) or ""


def _is_told(case: Case, done: str) -> bool:
    verb = next((word for word in re.findall("[a-z]+", done.casefold()) if word in _VERBS), "")
    families = _families(verb)
    as_asked = "|".join(" ".join(families).split())
    return bool(_done(families).search(case.told.text) or re.search(rf"\b(?:{as_asked})\b", case.told.text))


def _families(verb: str) -> tuple[str, ...]:
    """The keys of `_ERRANDS` that the verb may stand for; all for one that is general or not listed."""
    found = tuple(verbs for verbs in _ERRANDS if verb in verbs.split())
    return found if found and not set(found) & _GENERAL else tuple(_ERRANDS)


@lru_cache(maxsize=len(_ERRANDS) + 1)
def _done(families: tuple[str, ...]) -> re.Pattern[str]:
    """The beginnings of words that tell that something of the sort was done."""
    return re.compile(rf"(?<![a-z])(?:{'|'.join(_ERRANDS[one].replace(' ', '|') for one in families)})")

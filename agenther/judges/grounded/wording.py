"""Rules on the request and the answer as a person would put them."""

import re

from agenther.judges.grounded.case import Case
from agenther.text.giving_up import gives_up
from agenther.text.names import bare
from agenther.text.particulars import numbers
from agenther.text.specifics import URL, quotations, specifics, without_quotations
from agenther.text.words import content, squeezed

SAME_GOAL = 0.9
"""Share of content words in common above which a new goal is the old one again."""
_ASKS = re.compile(
    r"\?|\b(?:confirm|verify|tell|what|which|who|whose|when|where|why|how|list|give|show|report|summari[sz]e)\b"
    r"|\b(?:find out|let me know)\b",
    re.IGNORECASE,
)
_STEP_NUMBER = re.compile(r"\bsteps? \d+\b", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def same(case: Case) -> str | None:
    """The failed goal is not to be relabeled as itself: its run is no demonstration of it."""
    new, old = set(content(case.proposal.goal)), set(content(case.trajectory.goal))
    if not new or len(new & old) / len(new | old) < SAME_GOAL:
        return None
    asked, before = ({one.text for one in numbers(goal)} for goal in (case.proposal.goal, case.trajectory.goal))
    return "the goal is the failed goal again" if asked == before else None


def leak(case: Case) -> str | None:
    """A question must not hold its own answer."""
    if not _is_given_away(case):
        return None
    for one in _facts(case):
        if not any(case.supplied.has_token(text) or case.supplied.has(text) for text in one):
            return f"the goal gives “{one[0]}” of its own answer away"
    return None


def _facts(case: Case) -> list[tuple[str, ...]]:
    return [*specifics(case.proposal.answer), *((text,) for text in quotations(case.proposal.answer))]


def _is_given_away(case: Case) -> bool:
    """Does the goal, if it asks something, hold all that the answer tells? In a kept dialogue nobody is asked it."""
    if case.proposal.as_dialogue:
        return False
    asks = _ASKS.search(without_quotations(case.proposal.goal))
    return bool(asks) and all(case.goal.has_one(one) or case.goal.has(one[0]) for one in _facts(case))


def answer(case: Case) -> str | None:
    """The answer says more than the question, and speaks of the new goal, not of failing."""
    if gives_up(case.proposal.answer):
        return "The answer apologises or says that something could not be done. Does it serve the request?"
    if set(content(case.proposal.answer)) <= set(content(case.proposal.goal)) and _is_given_away(case):
        return "The answer says little that the request does not say. Does it tell what was asked?"
    return None


def natural(case: Case) -> str | None:
    """A person asks for things, in more than a word, not for tools and steps."""
    goal = case.proposal.goal
    for step in case.steps:
        name = bare(step.action.name)
        if ("_" in name or not name.islower()) and len(name) > 3 and name in goal:
            return f"The request names “{name}”. Would a person who wants this say so?"
    if _STEP_NUMBER.search(goal):
        return "The request speaks of numbered steps. Would a person who wants this say so?"
    text = squeezed(URL.sub("", goal))
    is_short = len(text.split()) < 2 and (text.isascii() or len(_LETTER.findall(text)) < 4)
    return "The request is hardly one. Would a person who wants this say so?" if is_short else None

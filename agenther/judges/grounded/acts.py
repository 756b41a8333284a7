"""Rules on what the agent did: nothing unasked, nothing that nobody told it, and mostly what serves the goal."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from agenther.evidence.changes import change
from agenther.evidence.trouble import page_title
from agenther.judges.grounded.case import Case
from agenther.records import Step
from agenther.text.addresses import split
from agenther.text.clauses import stem, stems
from agenther.text.dates import dates
from agenther.text.particulars import numbers
from agenther.text.specifics import URL
from agenther.text.verbs import CHANGES, DEEDS
from agenther.text.words import Words, content

MIN_RELEVANT = 1 / 3
"""Least share of the acts up to `end_step` that serve the goal; below it the run wanders."""


def direct(case: Case) -> str | None:
    """Enough of the acts up to its end serve the goal: one that wanders is no good example."""
    acts = [step for step in case.steps if step.answered_by == "environment" and not step.final]
    if len(case.acts) >= MIN_RELEVANT * len(acts):
        return None
    return f"Only {len(case.acts)} of {len(acts)} steps serve the request. Is the run a good example all the same?"


# --- changes -------------------------------------------------------------------------------------


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
            return f"Step {step.n} ({done}) changed something. Does the request ask for it?"
    return None


def _title(case: Case, step: int) -> str:
    return page_title(case.trajectory.observation(step)) or ""


def _is_told(case: Case, done: str) -> bool:
    """Does what the proposal says speak of the act, or of its having been done?"""
    said = re.findall("[a-z]+", done.casefold())
    verb = next((word for word in said if word in CHANGES or word in DEEDS), "")
    return stem(verb) in stems(case.told.text) or CHANGES.get(verb, "\0") in case.told.text


# --- what nobody told ----------------------------------------------------------------------------


def untold(case: Case) -> str | None:
    """What the agent put into its acts comes from the goal or from what it had seen: nobody else tells it any more."""
    find = _untold_in_dialogue if case.trajectory.is_dialogue else _left_over
    if found := find(case):
        text, step = found
        teller = "Had the user said it" if case.proposal.as_dialogue else "Does the request say it"
        return f"At step {step} the agent used “{text[:80]}”. {teller}, or could the agent know it?"
    return None


def _untold_in_dialogue(case: Case) -> tuple[str, int] | None:
    """What the user had told by then; where his turns are gone, the goal has to."""
    known = [Words([text]) for text in (*case.at_first, case.proposal.goal if case.is_folded else "") if text]
    schemas = Words([str(tool.parameters) for tool in case.trajectory.tools])
    acts = {step.n for step in case.acts}
    for step in case.steps:
        for text in case.inputs[step.n] if step.n in acts else ():
            if not (_is_known(text, known) or schemas.has(text)):
                return text, step.n
        known.append(Words([case.heard(step)]))
    return None


def _is_known(text: str, known: Sequence[Words]) -> bool:
    """Does one of the texts say it, or do all of them together hold its numbers, or half of its words?"""
    if any(words.has(text) for words in known) or any(words.has_words(text) for words in known):
        return True
    if its := numbers(text):
        return all(any(words.holds(one) for words in known) for one in its)
    own = stems(text)
    return 2 * len({stem for words in known for stem in own & words.stems}) >= len(own) > 0


def _left_over(case: Case) -> tuple[str, int] | None:
    """No address, and no text that was typed into a page, is left over from the failed goal."""
    old = Words([case.trajectory.goal])
    told = Words([case.proposal.goal, case.trajectory.system or "", case.trajectory.start or ""])
    for step in case.acts:
        known = _before(case, step)
        for text in case.inputs[step.n]:
            parts = [] if told.has(text) else _typed(case, step, text)
            if any(_is_left_over(part, known, old) for part in parts):
                return text, step.n
    return None


def _typed(case: Case, step: Step, text: str) -> list[str]:
    """What of an argument the agent typed into a page: the parts of an address, a text whole."""
    if URL.fullmatch(text.strip()):
        parts = split(text.strip())
        return [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    is_page = step.url or page_title(case.trajectory.observation(step.n - 1)) or page_title(step.observation or "")
    return [text] if is_page else []


def _before(case: Case, step: Step) -> Words:
    """All that was to be known when the step was taken, its page's address included."""
    observed = [text for _, text in case.trajectory.observations(step.n - 1)]
    addresses = [earlier.url or "" for earlier in case.steps[: step.n]]
    return Words([case.proposal.goal, case.trajectory.system or "", *observed, *addresses])


def _is_left_over(text: str, known: Words, old: Words) -> bool:
    """Does the failed goal explain more of the text than all that is known otherwise?"""
    if known.has(text):
        return False
    if days := dates(text):
        return any(map(old.has_date, days)) and not any(map(known.has_date, days))
    if any(old.holds(one) and not known.holds(one) for one in numbers(text)):
        return True
    words = [word for word in content(text) if not word.isdecimal()]
    left = [word for word in words if old.has(word) and not known.has(word)]
    return 2 * len(left) > len(words)

"""What the agent typed into a page must not come from the failed goal alone.

Under the new goal nobody tells it any more: a demonstration that types it teaches the next agent to make things up.
"""

from urllib.parse import parse_qsl

from agenther.evidence.trouble import page_title
from agenther.judges.case import Case
from agenther.records import Step
from agenther.text.addresses import split
from agenther.text.dates import dates
from agenther.text.specifics import URL, specifics
from agenther.text.words import Words, content


def explained(case: Case) -> str | None:
    """No address and no text that was typed into a page is left over from the failed goal."""
    old = Words([case.trajectory.goal])
    told = Words([case.proposal.goal, case.trajectory.system or "", case.trajectory.start or ""])
    for step in case.relevant:
        if step.answered_by == "user" or step.final:
            continue
        known = _before(case, step)
        for text in case.inputs[step.n]:
            parts = [] if told.has(text) else _typed(case, step, text)
            if any(_is_left_over(part, known, old) for part in parts):
                return f"only the failed goal tells the agent “{text[:80]}”, which it used at step {step.n}"
    return None


def _typed(case: Case, step: Step, text: str) -> list[str]:
    """What of an argument the agent typed into a page: the parts of an address, a text whole."""
    return _details(text) if URL.fullmatch(text.strip()) else [text] if _is_page(case, step) else []


def _is_page(case: Case, step: Step) -> bool:
    return bool(step.url or page_title(case.trajectory.observation(step.n - 1)) or page_title(step.observation or ""))


def _details(address: str) -> list[str]:
    parts = split(address.strip())
    return [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]


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
    for spellings in specifics(text):
        if old.has_one(spellings) and not known.has_one(spellings):
            return True
    words = [word for word in content(text) if not word.isdecimal()]
    left = [word for word in words if old.has(word) and not known.has(word)]
    return 2 * len(left) > len(words)

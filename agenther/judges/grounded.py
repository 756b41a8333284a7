"""The mechanical judge: nothing that it checks is a matter of opinion, and it cannot be talked round.

`RULES` is the whole of it: each rule looks at one proposal and says what is wrong, or None. The first
rule that objects refuses the proposal and gives its name to the verdict.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from agenther.evidence import place
from agenther.evidence.trouble import troubles
from agenther.judges import asked, beyond, demands, inputs, swaps
from agenther.judges.case import Case
from agenther.records import Proposal, Trajectory, Verdict
from agenther.text.dates import dates
from agenther.text.giving_up import gives_up
from agenther.text.specifics import AT_HAND, URL, quotations, specifics, urls, without_quotations
from agenther.text.words import Words, content, squeezed

NAME = "grounded"
MIN_RELEVANT = 1 / 3
"""Least share of the acts up to `end_step` that serve the goal; below it the run wanders."""
SAME_GOAL = 0.9
"""Share of content words in common above which a new goal is the old one again."""


async def grounded(trajectory: Trajectory, proposal: Proposal) -> Verdict:
    """A refusal has confidence 0; consent has the proposal's own, since the checks add no opinion to it."""
    case = Case(trajectory, proposal)
    for name, rule in RULES.items():
        if why := rule(case):
            return Verdict(judge=NAME, valid=False, confidence=0, reason=why, rule=name)
    return Verdict(judge=NAME, valid=True, confidence=proposal.confidence)


def _shape(case: Case) -> str | None:
    proposal, length = case.proposal, len(case.trajectory.steps)
    if not proposal.goal.strip():
        return "the goal is empty"
    if not proposal.answer.strip():
        return "there is no answer, and a demonstration ends with one"
    if proposal.end_step > length:
        return f"end_step {proposal.end_step} is beyond the run's {length} steps"
    if not proposal.relevant_steps or not all(1 <= n <= proposal.end_step for n in proposal.relevant_steps):
        return f"relevant_steps {list(proposal.relevant_steps)} must lie between 1 and end_step {proposal.end_step}"
    if not proposal.claims:
        return "no claim, hence no evidence"
    late = [claim.step for claim in proposal.claims if claim.step > proposal.end_step]
    return f"a claim cites step {late[0]}, after end_step {proposal.end_step}" if late else None


def _quotes(case: Case) -> str | None:
    for claim in case.proposal.claims:
        if place(case.trajectory, claim) is None:
            return f"step {claim.step} does not hold the quote “{claim.quote[:120]}”"
        supplied = claim.step and claim.quote in case.inputs[claim.step]
        if not supplied and sum(map(str.isalnum, claim.quote)) < 2:
            return f"the quote “{claim.quote}” is too short to show “{claim.text}”"
    return None


def _observed(case: Case) -> str | None:
    """What only the agent said proves nothing; what an error said proves little."""
    shown = False
    for claim in case.proposal.claims:
        found = place(case.trajectory, claim)
        if found is None or found.where != "observation":
            continue
        if why := troubles(case.trajectory).get(claim.step):
            return f"step {claim.step}, which a claim cites, achieved nothing: {why}"
        shown = shown or not claim.step or case.trajectory.steps[claim.step - 1].answered_by == "environment"
    return None if shown else "no claim quotes an observation: actions alone prove nothing"


def _old_goal(case: Case) -> str | None:
    """The failed goal is not to be relabeled as itself, nor may its unmet conditions be carried over."""
    new, old = set(content(case.proposal.goal)), set(content(case.trajectory.goal))
    if new and len(new & old) / len(new | old) >= SAME_GOAL:
        return "the goal is the failed goal again"
    conditions = set(_conditions(case.trajectory.goal))
    for condition in _conditions(case.proposal.goal):
        is_shown = case.cited.has(condition[0]) or case.supplied.has(condition[0])
        if condition in conditions and not is_shown and not (beyond.degrees(condition[0]) and beyond.is_sorted(case)):
            return f"“{' '.join(condition)}” is a condition of the failed goal, and no evidence shows it met"
    return None


_CONDITION = re.compile(
    r"\b(under|below|above|over|less than|fewer than|more than|at most|at least|no more than|cheapest|lowest|highest"
    r"|best|most|least|latest|newest|oldest|earliest|nearest|closest|largest|smallest|fastest|shortest|longest|top|only|without"
    r"|before|after|within|exactly|except|excluding)\s+([\w$€£.,-]+)",
    re.IGNORECASE,
)


@lru_cache(maxsize=AT_HAND)
def _conditions(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((word.casefold(), what.casefold().strip(".,")) for word, what in _CONDITION.findall(text))


_ASKS = re.compile(
    r"\?|\b(?:confirm|verify|tell|what|which|who|whose|when|where|why|how|list|give|show|report|summari[sz]e)\b"
    r"|\b(?:find out|let me know)\b",
    re.IGNORECASE,
)


def _leak(case: Case) -> str | None:
    """A question must not hold its own answer."""
    if not _ASKS.search(without_quotations(case.proposal.goal)):
        return None
    numbers, quoted = specifics(case.proposal.answer), quotations(case.proposal.answer)
    told = [*numbers, *((text,) for text in quoted)]
    given = [one for one in numbers if case.goal.has_one(one)] + [(text,) for text in quoted if case.goal.has(text)]
    if len(given) < len(told):
        return None
    for one in given:
        if not any(case.supplied.has_token(text) or case.supplied.has(text) for text in one):
            return f"the goal gives “{one[0]}” of its own answer away"
    if set(content(case.proposal.answer)) <= set(content(case.proposal.goal)):
        return "the answer says nothing that the goal does not say"
    return None


def _sources(case: Case) -> tuple[Callable[[], Words], ...]:
    """What may vouch for an answer, the cheapest first: most facts stand where the goal was met."""
    return (lambda: case.shown, lambda: case.supplied, lambda: case.goal, lambda: case.seen)


def _answer(case: Case) -> str | None:
    """Every fact of the answer was seen, supplied or asked with, and it speaks of the new goal, not of failing."""
    if gives_up(case.proposal.answer):
        return "the answer makes excuses, as the answer to the failed goal would"
    sources = _sources(case)
    for name in demands.spoken_names(case.proposal.answer):
        if not any(source().has(name) for source in sources):
            return f"the name “{name}” in the answer was never observed"
    for spellings in specifics(case.proposal.answer):
        if not any(source().has_one(spellings) for source in sources):
            answer_dates = dates(case.proposal.answer)
            if not any(source().has_date(date) for source in sources for date in answer_dates):
                return f"“{spellings[0]}” in the answer was never observed"
    for text in (*urls(case.proposal.answer), *quotations(case.proposal.answer)):
        if not any(source().has(text) for source in sources):
            return f"“{text[:120]}” in the answer was never observed"
    return None


_STEP_NUMBER = re.compile(r"\bsteps? \d+\b", re.IGNORECASE)


def _natural(case: Case) -> str | None:
    """A person asks for things, not for tools and steps."""
    for step in case.steps:
        name = step.action.name
        if ("_" in name or not name.islower()) and len(name) > 3 and name in case.proposal.goal:
            return f"the goal names the tool {name}"
    return "the goal speaks of step numbers" if _STEP_NUMBER.search(case.proposal.goal) else None


def _direct(case: Case) -> str | None:
    acts = [step for step in case.steps if step.answered_by == "environment" and not step.final]
    relevant = [step for step in acts if step.n in case.proposal.relevant_steps]
    if not relevant:
        return "no act of the agent serves the goal"
    if len(relevant) < MIN_RELEVANT * len(acts):
        return f"only {len(relevant)} of {len(acts)} steps serve the goal: the run wanders"
    return None


def _dialogue(case: Case) -> str | None:
    """With the user's turns gone, every input must come from the goal or from what was seen before."""
    if not case.trajectory.is_dialogue:
        return None
    known = [case.proposal.goal, case.trajectory.system or ""]
    for step in case.steps:
        if step.answered_by == "user" or step.final:
            continue
        words = Words(known)
        for text in case.inputs[step.n] if step.n in case.proposal.relevant_steps else ():
            if not (words.has(text) or (specifics(text) and all(map(words.has_one, specifics(text))))):
                return f"the user told “{text[:80]}” in the dialogue, and the goal does not hold it"
        known.append(step.observation or "")
    return None


def _plain_text(case: Case) -> str | None:
    text = squeezed(URL.sub("", case.proposal.goal))
    return None if len(text) <= 1000 and len(text.split()) >= 2 else "the goal is no request that a person would make"


RULES: dict[str, Callable[[Case], str | None]] = {
    "shape": _shape,
    "quotes": _quotes,
    "observed": _observed,
    "plain": _plain_text,
    "natural": _natural,
    "specifics": demands.specifics,
    "numbered": swaps.numbered,
    "counts": beyond.counts,
    "wording": demands.wording,
    "names": demands.names,
    "twice": swaps.twice,
    "apart": swaps.apart,
    "swapped": swaps.swapped,
    "degree": beyond.degree,
    "errand": beyond.errand,
    "unasked": beyond.unasked,
    "old-goal": _old_goal,
    "carried-over": asked.carried_over,
    "leak": _leak,
    "answer": _answer,
    "direct": _direct,
    "dialogue": _dialogue,
    "inputs": inputs.explained,
}

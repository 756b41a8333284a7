"""Rules on the evidence: a proposal that can stand, quotes that are there, and steps that achieved something."""

import re

from agenther.evidence.trouble import troubles
from agenther.judges.grounded.case import Case
from agenther.text.clauses import stems
from agenther.text.lexicon import words

_EMPTY = re.compile(r"[\s\"'\\]*(?:\[\s*\]|\{\s*\}|null|none)[\s\"'\\]*", re.IGNORECASE)


def shape(case: Case) -> str | None:
    """There is a goal, an answer and a claim, and all of it lies within the run."""
    proposal, length = case.proposal, len(case.trajectory.steps)
    if not proposal.goal.strip():
        return "the goal is empty"
    if not proposal.answer.strip():
        return "there is no answer, and a demonstration ends with one"
    if proposal.end_step > length:
        return f"end_step {proposal.end_step} is beyond the run's {length} steps"
    if not proposal.relevant_steps or not all(1 <= n <= proposal.end_step for n in proposal.relevant_steps):
        return f"relevant_steps {list(proposal.relevant_steps)} must lie between 1 and end_step {proposal.end_step}"
    has_acts = bool(case.acts) or proposal.as_dialogue
    if not (proposal.claims and has_acts):
        return "no claim, hence no evidence" if has_acts else "no act of the agent serves the goal"
    late = [claim.step for claim in proposal.claims if claim.step > proposal.end_step]
    return f"a claim cites step {late[0]}, after end_step {proposal.end_step}" if late else None


def as_it_was(case: Case) -> str | None:
    """A dialogue that is kept begins with the user and ends with the agent, and each turn is one speaker's."""
    if not case.proposal.as_dialogue:
        return None
    last = case.steps[-1]
    if not case.trajectory.opening:
        return "nobody wrote down what the user said first"
    if last.says is not None and (case.proposal.answer != last.says.strip() or last not in case.relevant):
        return f"the dialogue ends with what the agent says at step {last.n}, which has to be right, and the answer"
    torn = next((step.n for step in case.steps if step.answered_by == "user" and step.says is None), None)
    return None if torn is None else f"at step {torn} what the user said cannot be told from what the tool returned"


def quotes(case: Case) -> str | None:
    """Each quote stands in its step, and says something; that there is nothing is something, too."""
    for claim, found in zip(case.proposal.claims, case.places, strict=True):
        if found is None:
            return f"step {claim.step} does not hold the quote “{claim.quote[:120]}”"
        whole = case.trajectory.observation(claim.step) if found.where == "observation" else claim.quote
        says = sum(map(str.isalnum, claim.quote)) > 1 or claim.quote.strip() == whole.strip()
        if not (says or _EMPTY.fullmatch(claim.quote) or claim.quote in case.inputs.get(claim.step, ())):
            return f"the quote “{claim.quote}” is too short to show “{claim.text}”"
    return None


def errors(case: Case) -> str | None:
    """Something is claimed of what came back, and not just success where all that came back is errors."""
    cited = [(claim, found) for claim, found in zip(case.proposal.claims, case.places, strict=True) if found]
    shown = [claim for claim, found in cited if found.where == "observation"]
    if not shown:
        return "no claim quotes an observation: actions alone prove nothing"
    wrong = [claim for claim in shown if claim.step in troubles(case.trajectory)]
    if len(wrong) == len(shown) and not any(_says_so(claim.text, claim.quote) for claim in wrong):
        why = troubles(case.trajectory)[wrong[0].step]
        return f"step {wrong[0].step}, which a claim cites, achieved nothing: {why}"
    return None


def evidence(case: Case) -> str | None:
    """What is claimed is shown by the environment: not by errors, unless that is claimed, nor by the user alone."""
    steps = {claim.step for claim, found in zip(case.proposal.claims, case.places, strict=True) if _is_shown(found)}
    for claim in case.proposal.claims:
        if claim.step in steps & troubles(case.trajectory).keys() and not _says_so(claim.text, claim.quote):
            return f"Step {claim.step} brought an error or nothing. Does the goal ask for just that?"
    if not any(not n or case.trajectory.steps[n - 1].answered_by == "environment" for n in steps):
        return "Only words of the user are evidence. Does what they report show that the goal was met?"
    return None


def _is_shown(found: object) -> bool:
    return getattr(found, "where", "") == "observation"


def _says_so(claim: str, quote: str) -> bool:
    """Does the claim itself say that something is missing, or went wrong, or speak of it in the words of the error?"""
    said = {word.removesuffix("n't") or word for word in re.findall(r"[^\W_]+(?:['’]t)?", claim.casefold())}
    ends = {"not" for word in re.findall(r"\w+n['’]t\b", claim.casefold()) if word}
    return (
        bool((said | ends) & words("asking", "nothing"))
        or 2 * len(stems(claim) & stems(quote)) >= len(stems(quote)) > 1
    )

"""One proposal before the mechanical judge, and what of the run it may lean on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from agenther.evidence import Place, arguments, place
from agenther.evidence.trouble import AT_HAND, page_title
from agenther.records import Evidence, Proposal, Step, Trajectory
from agenther.text.particulars import Particular, numbers, particulars
from agenther.text.specifics import number
from agenther.text.words import Words


@dataclass(frozen=True)
class Case:
    """One proposal and what of the run it may lean on."""

    trajectory: Trajectory
    proposal: Proposal

    @property
    def is_folded(self) -> bool:
        """Does the goal have to say what the user said in a dialogue?"""
        return self.trajectory.is_dialogue and not self.proposal.as_dialogue

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The acts up to the end of the demonstration."""
        return self.trajectory.steps[: self.proposal.end_step]

    @cached_property
    def relevant(self) -> tuple[Step, ...]:
        """The steps that serve the goal."""
        return tuple(step for step in self.steps if step.n in self.proposal.relevant_steps)

    @cached_property
    def acts(self) -> tuple[Step, ...]:
        """Those of them that are no words to the user."""
        return tuple(step for step in self.relevant if step.answered_by == "environment" and not step.final)

    @cached_property
    def places(self) -> tuple[Place | None, ...]:
        """Where each claim's quote stands."""
        return tuple(place(self.trajectory, claim) for claim in self.proposal.claims)

    @cached_property
    def inputs(self) -> dict[int, list[str]]:
        """The arguments of each act, by its step."""
        return {step.n: arguments(step) for step in self.steps}

    @cached_property
    def goal(self) -> Words:
        return Words([self.proposal.goal])

    # --- what may vouch for a particular ---------------------------------------------------------

    @cached_property
    def supplied(self) -> Words:
        """What the agent itself put into the acts that serve the goal: arguments, and the tools that it chose.

        What it said to the user is no input.
        """
        acts = ((*self.inputs[step.n], step.action.name, step.url or "") for step in self.acts)
        return Words(text for act in acts for text in act)

    @cached_property
    def values(self) -> frozenset[str]:
        """Those of the inputs that are numbers, without leading zeros."""
        return frozenset(number(text.strip().lstrip("0")) for step in self.relevant for text in self.inputs[step.n])

    @cached_property
    def cited(self) -> Words:
        """The quotes of the claims."""
        return Words(claim.quote for claim in self.proposal.claims)

    def is_cited(self, one: Particular) -> bool:
        """Does a quote hold it? Of numbers, dates and ids that is one that the claim speaks of, if it names any."""
        if not self.cited.holds(one):
            return False
        if not (one.readings or one.days):
            return True
        for quote, text in self._quotes:
            if quote.holds(one):
                named = [other for other in numbers(text) if other.kind is one.kind and quote.holds(other)]
                if not named or Words([text]).holds(one):
                    return True
        return False

    @cached_property
    def _quotes(self) -> tuple[tuple[Words, str], ...]:
        return tuple((Words([claim.quote]), claim.text) for claim in self.proposal.claims)

    @cached_property
    def shown(self) -> Words:
        """What was observed at the steps that serve the goal, and at those that claims cite."""
        steps = {claim.step for claim in self.proposal.claims} | {step.n for step in self.relevant}
        return Words(text for n, text in self._observed() if n in steps)

    @cached_property
    def seen(self) -> Words:
        """All that was observed up to the end."""
        return Words(text for _, text in self._observed())

    def _observed(self) -> Iterator[tuple[int, str]]:
        """What came back up to the end, without what came back for calls that the log says have failed."""
        failed = {step.n for step in self.steps if step.error}
        return ((n, text) for n, text in self.trajectory.observations(self.proposal.end_step) if n not in failed)

    @cached_property
    def user(self) -> Words:
        """Everything that the user said: before the first step, in replies, and in the failed request."""
        return Words([self.trajectory.goal, *self._spoken_by_user])

    @cached_property
    def replies(self) -> Words:
        """What the user said in the run itself: of that, the request may tell whatever it likes."""
        return Words(self._spoken_by_user)

    @cached_property
    def _spoken_by_user(self) -> tuple[str, ...]:
        start = self.trajectory.start or ""
        return ("" if page_title(start) else start, *(step.said_by_user for step in self.steps))

    @cached_property
    def tools(self) -> Words:
        """Names and descriptions of tools, the names of their parameters, and the site."""
        return _tools(self.trajectory)

    @cached_property
    def policy(self) -> Words:
        return Words([self.trajectory.system or ""])

    # --- what speaks for the goal ----------------------------------------------------------------

    @cached_property
    def said(self) -> Words:
        """Everything that speaks for the goal: claims and what they quote, inputs, the tools' names, the answer."""
        return Words([*(text for unit in self.spoken for text in unit), self.proposal.answer])

    @cached_property
    def spoken(self) -> tuple[tuple[str, ...], ...]:
        """What speaks for it, bit by bit: each claim with its quote, each act with its inputs."""
        claims = ((claim.text, claim.quote) for claim in self.proposal.claims)
        acts = ((step.action.name, *step.action.arguments, *self.inputs[step.n]) for step in self.relevant)
        return (*claims, *acts)

    @cached_property
    def told(self) -> Words:
        """What the proposal itself says: its goal, claims with their quotes, and answer."""
        claims = [text for claim in self.proposal.claims for text in (claim.text, claim.quote)]
        return Words([self.proposal.goal, *claims, self.proposal.answer])

    @cached_property
    def asked(self) -> tuple[Particular, ...]:
        return particulars(self.proposal.goal)

    # --- claims ----------------------------------------------------------------------------------

    def quotes_input(self, claim: Evidence) -> bool:
        """Is it an argument of an action that the claim quotes?"""
        return bool(claim.step) and any(claim.quote in text for text in self.inputs.get(claim.step, ()))

    def was_seen_before(self, text: str, step: int) -> bool:
        """Had the agent seen it before it acted, so that the goal need not tell it? What the user said was told, which
        he does again where the dialogue is kept.
        """
        seen = map(self.heard, self.steps[: max(0, step - 1)])
        whole = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
        return any(map(whole.search, (*self.at_first, *seen)))

    def heard(self, step: Step) -> str:
        """What came of the step that the goal need not tell; what the user said, too, where he says it again."""
        came = step.observation or "" if step.answered_by == "environment" else ""
        return came if self.is_folded else f"{came}\n{step.said_by_user}"

    @cached_property
    def at_first(self) -> tuple[str, ...]:
        """What stands before the agent's first act, beside the goal."""
        start = "" if self.is_folded else self.trajectory.start or ""
        return (self.trajectory.system or "", start, self.trajectory.opening if self.proposal.as_dialogue else "")

    def told_inputs(self) -> Iterator[tuple[str, int]]:
        """(text, step) of each input of an act that serves the goal."""
        for step in self.acts:
            for text in self.inputs[step.n]:
                yield text, step.n


@lru_cache(maxsize=AT_HAND)
def _tools(run: Trajectory) -> Words:
    names = [text for tool in run.tools for text in (tool.name, tool.description)]
    called = [text for step in run.steps for text in (step.action.name, *step.action.arguments)]
    return Words([run.domain, run.benchmark, *names, *dict.fromkeys(called)])

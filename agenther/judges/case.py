"""One proposal before the mechanical judge, and what of the run it may lean on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from agenther.evidence import arguments
from agenther.evidence.trouble import AT_HAND
from agenther.records import Evidence, Proposal, Step, Trajectory
from agenther.text.specifics import number
from agenther.text.words import Words


@dataclass(frozen=True)
class Case:
    """One proposal and what of the run it may lean on."""

    trajectory: Trajectory
    proposal: Proposal

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The acts up to the end of the demonstration."""
        return self.trajectory.steps[: self.proposal.end_step]

    @cached_property
    def relevant(self) -> tuple[Step, ...]:
        """The steps that serve the goal."""
        return tuple(step for step in self.steps if step.n in self.proposal.relevant_steps)

    @cached_property
    def inputs(self) -> dict[int, list[str]]:
        """The arguments of each act, by its step."""
        return {step.n: arguments(step) for step in self.steps}

    @cached_property
    def supplied(self) -> Words:
        """What the agent itself put into the acts that serve the goal: arguments, and the tools that it chose."""
        acts = ((*self.inputs[step.n], step.action.name, step.url or "") for step in self.relevant)
        return Words(text for act in acts for text in act)

    @cached_property
    def values(self) -> frozenset[str]:
        """Those of the inputs that are numbers, without leading zeros."""
        return frozenset(number(text.strip().lstrip("0")) for step in self.relevant for text in self.inputs[step.n])

    @cached_property
    def cited(self) -> Words:
        """The quotes of the claims."""
        return Words(claim.quote for claim in self.proposal.claims)

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
    def said(self) -> Words:
        """Everything that speaks for the goal: claims and what they quote, inputs, the tools' names, the answer."""
        claims = [text for claim in self.proposal.claims for text in (claim.text, claim.quote)]
        acts = [
            text for step in self.relevant for text in (*self.inputs[step.n], *step.action.arguments, step.action.name)
        ]
        return Words([*claims, *acts, self.proposal.answer])

    @cached_property
    def told(self) -> Words:
        """What the proposal itself says: its goal, claims with their quotes, and answer."""
        claims = [text for claim in self.proposal.claims for text in (claim.text, claim.quote)]
        return Words([self.proposal.goal, *claims, self.proposal.answer])

    @cached_property
    def seen_at_start(self) -> Words:
        """What the agent had before it acted: its instructions, its tools, and what it saw."""
        return _at_start(self.trajectory)

    @cached_property
    def goal(self) -> Words:
        return Words([self.proposal.goal])

    def quotes_input(self, claim: Evidence) -> bool:
        """Is it an argument of an action that the claim quotes?"""
        return bool(claim.step) and any(claim.quote in text for text in self.inputs[claim.step])

    def was_seen_before(self, claim: Evidence) -> bool:
        """Had the agent seen what the claim quotes before it acted, so that nobody had to tell it?"""
        texts = (self.trajectory.system or "", *(text for _, text in self.trajectory.observations(claim.step - 1)))
        whole = re.compile(rf"(?<!\w){re.escape(claim.quote)}(?!\w)")
        return any(map(whole.search, texts))


@lru_cache(maxsize=AT_HAND)
def _at_start(run: Trajectory) -> Words:
    tools = [text for tool in run.tools for text in (tool.name, tool.description)]
    return Words([run.system or "", run.start or "", run.domain, *tools])

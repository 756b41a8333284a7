"""The mechanical judge: what it proves is no matter of opinion, and it cannot be talked round.

`RULES` is the whole of it. Each rule looks at one proposal and returns None or words: a proof says what is wrong and
ends it, a doubt asks somebody who can read.
"""

from collections.abc import Callable
from typing import NamedTuple

from agenther.judges.grounded import acts, demands, mixed, shown, sources, swaps, wording
from agenther.judges.grounded.sources import Sourced
from agenther.records import Point, Proposal, Trajectory, Verdict

NAME = "grounded"


class Rule(NamedTuple):
    finds: Callable[[Sourced], str | None]
    is_proof: bool


RULES: dict[str, Rule] = {
    "shape": Rule(shown.shape, is_proof=True),
    "dialogue": Rule(shown.as_it_was, is_proof=True),
    "quotes": Rule(shown.quotes, is_proof=True),
    "errors": Rule(shown.errors, is_proof=True),
    "invented": Rule(sources.invented, is_proof=True),
    "twice": Rule(swaps.twice, is_proof=True),
    "contradicts": Rule(swaps.contradicting, is_proof=True),
    "counts": Rule(demands.counts, is_proof=True),
    "leak": Rule(wording.leak, is_proof=True),
    "same": Rule(wording.same, is_proof=True),
    "evidence": Rule(shown.evidence, is_proof=False),
    "unproven": Rule(sources.unproven, is_proof=False),
    "names": Rule(sources.names, is_proof=False),
    "mixed": Rule(mixed.mixed, is_proof=False),
    "unclaimed": Rule(demands.unclaimed, is_proof=False),
    "degree": Rule(demands.degree, is_proof=False),
    "condition": Rule(demands.condition, is_proof=False),
    "unasked": Rule(acts.unasked, is_proof=False),
    "untold": Rule(acts.untold, is_proof=False),
    "direct": Rule(acts.direct, is_proof=False),
    "answer": Rule(wording.answer, is_proof=False),
    "natural": Rule(wording.natural, is_proof=False),
}
"""Proofs first."""


async def grounded(trajectory: Trajectory, proposal: Proposal, _points: tuple[Point, ...] = ()) -> Verdict:
    """A refusal on proof has confidence 0; consent has the proposal's own, and carries the doubts as points."""
    case = Sourced(trajectory, proposal)
    doubts = ((name, rule.finds(case)) for name, rule in RULES.items() if not rule.is_proof)
    points = (
        () if (refusal := _proof(case)) else tuple(Point(rule=name, question=words) for name, words in doubts if words)
    )
    return refusal or Verdict(judge=NAME, valid=True, confidence=proposal.confidence, points=points)


def proof(trajectory: Trajectory, proposal: Proposal) -> Verdict | None:
    """The refusal of what is proved wrong; None where nothing is, whatever the doubts."""
    return _proof(Sourced(trajectory, proposal))


def _proof(case: Sourced) -> Verdict | None:
    proofs = ((name, rule.finds(case)) for name, rule in RULES.items() if rule.is_proof)
    return next(
        (Verdict(judge=NAME, valid=False, confidence=0, reason=words, rule=name) for name, words in proofs if words),
        None,
    )

"""Near-miss goals: proposals that the gate refused, all of whose claims their run bears out, and not all of the goal.

The answer of such a proposal is a negative under its goal, where the mechanical judge proves once more that the run,
with all that it did, misses it: something in goal or answer stands nowhere in the run, or the goal says one thing where
the run shows another, or asks for more than it shows. Where the run did reach that goal, by another answer that was
accepted, the two make a pair. The claims that hold, and the one thing that does not, make its reward.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agenther.packagers.base import Batch, LeftOut, Pick, Row
from agenther.packagers.pairs.near_misses import NOT_SHOWN, WHOLE, nowhere, said_by
from agenther.packagers.pairs.negatives import columns
from agenther.packagers.pairs.rewards import CLAIMS, Reward, reward, why_not
from agenther.packagers.pairs.tasks import with_picks
from agenther.packagers.selection.sameness import of_goal, reaches
from agenther.packagers.talk.turns import Conversation, Turn, of_sample
from agenther.records import Proposal, Sample, Trajectory, Verdict

NEAR_MISS_GOAL = "near-miss-goal"
SWAPPED = frozenset({"contradicts", "counts"})
"""Rules of the mechanical judge that hold the goal against what the run shows."""

DIALOGUE = "a dialogue, in which the goal is not one message"
LACKS_RESULTS = "not all of its results are there"
AGAIN = "the same goal and answer as another of its run"
ACCEPTED = "its run reaches that goal, and nothing proves that this answer is wrong"
OTHER_TASK = "another task has that goal"


class Negative(NamedTuple):
    """An act that is shown to be wrong after what came before it, and a right one where one is known."""

    talk: Conversation
    history: tuple[Turn, ...]
    wrong: Turn
    right: Turn | None
    columns: Row


def refused_goals(batch: Batch) -> Iterator[Negative | LeftOut]:
    """One of each refused proposal, or why there is none."""
    refused = batch.refused()
    one = next(refused, None)
    owners = _owners(batch) if one else {}
    for run, picks in with_picks(batch.runs(), batch.picks()) if one else ():
        told: list[tuple[str, str]] = []
        while one and one.run_id == run.id:
            told.append((one.proposal.goal, one.proposal.answer))
            name, group = f"{run.id}.refused.{len(told)}", batch.group(run)
            found = AGAIN if told[-1] in told[:-1] else _negative(batch, run, picks, one.proposal)
            if isinstance(found, Negative) and owners.setdefault(of_goal(one.proposal.goal), group) != group:
                found = OTHER_TASK
            if isinstance(found, Negative):
                yield found._replace(columns={**found.columns, "id": name, "group": group})
            else:
                yield LeftOut(name, found)
            one = next(refused, None)


def _owners(batch: Batch) -> dict[str, str]:
    """The group of each goal: one that stands on the other side of the split cannot be asked for here, too."""
    owners = {of_goal(run.goal): batch.group(run) for run in batch.runs()}
    return owners | {of_goal(pick.sample.goal): pick.group for pick in batch.picks()}


def _negative(batch: Batch, run: Trajectory, picks: list[Pick], proposal: Proposal) -> Negative | str:
    """All but its id and group; or why there is none."""
    its = Reward(len(proposal.claims) / (len(proposal.claims) + 1), CLAIMS)
    if why := why_not(run, reward(run)) or _unfit(run):
        return why
    goal = of_goal(proposal.goal)
    own = next((pick.sample for pick in picks if of_goal(pick.sample.goal) == goal), None)
    if (own is None and reaches(run.id, proposal.goal) in batch.reached) or not proposal.claims:
        return ACCEPTED if proposal.claims else NOT_SHOWN
    shown = nowhere(batch, run, own.claims, proposal.answer) if own else _misses(batch, run, proposal)
    if shown is None:
        return ACCEPTED if own else NOT_SHOWN
    sample = own or _sample(run, proposal)
    talk = of_sample(sample)
    if isinstance(talk, LeftOut):
        return talk.rule
    right = talk.acts[-1]
    row = columns(NEAR_MISS_GOAL, sample, run, (WHOLE, its), said_by(shown))
    return Negative(talk, talk.turns, right._replace(text=proposal.answer), right if own else None, row)


def _unfit(run: Trajectory) -> str:
    return DIALOGUE if run.is_dialogue else LACKS_RESULTS if run.lacks_results else ""


def _misses(batch: Batch, run: Trajectory, proposal: Proposal) -> Verdict | None:
    """The proof that the run misses the goal, or that the answer tells what it never saw.

    That one thing stands in the place of another is only believed where it is so of the steps that the proposal names,
    and of all.
    """
    if shown := nowhere(batch, run, proposal.claims, f"{proposal.goal}\n{proposal.answer}"):
        return shown
    whole = {"end_step": len(run.steps), "relevant_steps": tuple(step.n for step in run.steps)}
    said = [batch.refutes(run, one) for one in (proposal, proposal.model_copy(update=whole))]
    return said[0] if all(one and one.rule in SWAPPED for one in said) else None


def _sample(run: Trajectory, proposal: Proposal) -> Sample:
    """The demonstration that the proposal claimed to be."""
    steps = tuple(step for step in run.steps[: proposal.end_step] if not step.final)
    numbers = {step.n for step in steps}
    return Sample.of_run(
        run,
        id=run.id,
        goal=proposal.goal,
        kind=proposal.kind,
        steps=steps,
        relevant_steps=tuple(n for n in proposal.relevant_steps if n in numbers),
        answer=proposal.answer,
        answer_source=proposal.answer_source,
        claims=proposal.claims,
        rationale="",
        confidence=0.0,
        failure_type=None,
        severity=0.0,
        weight=0.0,
        verdicts=(),
        by=proposal.by,
    )

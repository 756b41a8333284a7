"""A model as a judge: it sees a goal, what was done and seen up to its end, and the answer; nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from agenther.evidence import quoted
from agenther.llm.asking import Question, put
from agenther.llm.model import Model
from agenther.llm.schemas import SaidClaim, SaidVerdict
from agenther.prompt import Prompts
from agenther.records import Evidence, Point, Proposal, Trajectory, Verdict
from agenther.rendering.tags import plain
from agenther.text.flat import find


@dataclass(frozen=True)
class ModelJudge:
    """Judges a proposal at temperature 0 (AgentHER §3.3), blind to thoughts, old goal and later steps."""

    model: Model
    prompts: Prompts
    number: int = 1
    """Counts judges of the same model at several endpoints, whose addresses are nobody's business."""

    @property
    def name(self) -> str:
        return self.model.name if self.number == 1 else f"{self.model.name}#{self.number}"

    async def __call__(self, trajectory: Trajectory, proposal: Proposal, points: tuple[Point, ...] = ()) -> Verdict:
        """The verdict, with its decision of each point; raises AnswerError when there is none that can be used."""
        asked = [{"n": n, "question": point.question} for n, point in enumerate(points, 1)]
        values = {"goal": proposal.goal, "answer": proposal.answer, "points": asked, **_around(trajectory, proposal)}
        end = demonstrated(trajectory, proposal)
        said = await put(self.model, self.prompts, trajectory, Question("judge", values, end), SaidVerdict)
        beside = [text for text in (values["opening"], values["policy"]) if isinstance(text, str)]
        return verdict(said, self.name, points, partial(_is_shown, trajectory, end, beside))


def _around(trajectory: Trajectory, proposal: Proposal) -> dict[str, object]:
    """Of a dialogue that is kept, what it began with, what bound the agent, and which of its turns nobody learns."""
    kept = proposal.as_dialogue
    masked = [str(n) for n in range(1, proposal.end_step + 1) if n not in proposal.relevant_steps]
    return {
        "kept": kept,
        "opening": trajectory.opening if kept else "",
        "policy": (trajectory.system or "") if kept else "",
        "masked": ", ".join(masked) if kept else "",
    }


def _is_shown(trajectory: Trajectory, end: int, beside: list[str], claim: SaidClaim) -> bool:
    """Does the judge's quote stand in its step, or in anything else that it was shown? Without one it is believed."""
    steps = [claim.step, *range(end + 1)] if claim.step is not None else range(end + 1)
    quotes = {quote for quote in (claim.quote, plain(claim.quote)) if quote.strip()}
    made = (Evidence(text=claim.text, step=step, quote=quote) for step in steps if step <= end for quote in quotes)
    is_beside = any(find(quote, text) for quote in quotes for text in beside)
    return not quotes or is_beside or any(quoted(trajectory, one) for one in made)


def demonstrated(trajectory: Trajectory, proposal: Proposal) -> int:
    """The last step that the judge sees: the agent's closing act gives way to the proposal's answer, except in a
    dialogue that is kept, where the user's next words tell how it was taken.
    """
    end = min(proposal.end_step, len(trajectory.steps))
    while not proposal.as_dialogue and end and trajectory.steps[end - 1].final:
        end -= 1
    return end


def verdict(
    said: SaidVerdict,
    judge: str,
    points: tuple[Point, ...] = (),
    is_shown: Callable[[SaidClaim], bool] = lambda _claim: True,
) -> Verdict:
    """Valid only if the judge says so, holds none of its own claims to be unsupported, and made up no quote."""
    supported = [claim.supported and is_shown(claim) for claim in said.claims]
    unsupported = [claim.text for claim, holds in zip(said.claims, supported, strict=True) if not holds]
    valid = said.is_valid and not unsupported
    reason = said.rejection_reason or "; ".join(f"not shown: {text}" for text in unsupported)
    return Verdict(
        judge=judge,
        valid=valid,
        confidence=said.confidence,
        reason=reason if reason or valid else "refused without a reason",
        points=tuple(_decided(point, said, n) for n, point in enumerate(points, 1)),
        claims=tuple((claim.text, holds, claim.step) for claim, holds in zip(said.claims, supported, strict=True)),
    )


def _decided(point: Point, said: SaidVerdict, n: int) -> Point:
    """A point that was decided both ways is decided against."""
    decisions = [one for one in said.points if one.n == n]
    if not decisions:
        return point
    reason = " ".join(one.reason for one in decisions if one.reason)
    return point.model_copy(update={"settled": all(one.settled for one in decisions), "reason": reason})

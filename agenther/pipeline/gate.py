"""The gate: what a proposal has to pass to become a sample (AgentHER §3.3). Any refusal is final for that goal.

The proposer's own word comes first, then the weight of the steps that are kept, then the mechanical judge. What that
proves wrong is refused. Its doubts are put to the models as points to decide; where no model judges, they refuse.
"""

from collections.abc import Mapping, Sequence

from agenther.errors import AnswerError
from agenther.judges.table import Judge
from agenther.records import Judged, Point, Proposal, Trajectory, Verdict
from agenther.settings import Settings
from agenther.together import together


async def judge(trajectory: Trajectory, proposal: Proposal, judges: Mapping[str, Judge], settings: Settings) -> Judged:
    """What becomes of a proposal whose severity is known.

    Where all have to consent, the first refusal ends it. For a majority all models are asked, and at the same time.
    """
    if why := beforehand(proposal, settings):
        return Judged(proposal=proposal, accepted=False, why=why)
    asked = list(judges.items())
    verdicts: list[Verdict] = []
    votes: list[bool] = []
    for turn in [asked[:1], asked[1:]] if settings.by_majority else [[one] for one in asked]:
        points = verdicts[0].points if verdicts else ()
        said = await together([put(name, ask, trajectory, proposal, points) for name, ask in turn])
        verdicts += (
            [settled(one, points) for one in said] if verdicts else [decided(one, settings, asked) for one in said]
        )
        votes = [settings.consents(verdict) for verdict in verdicts]
        if not passes(votes, settings):
            break
    return Judged(proposal=proposal, verdicts=tuple(verdicts), accepted=passes(votes, settings))


async def verdicts_of(
    trajectory: Trajectory, proposal: Proposal, judges: Mapping[str, Judge], settings: Settings
) -> tuple[Verdict, ...]:
    """What each of them says, whatever the others say."""
    asked = list(judges.items())
    first = [await put(name, ask, trajectory, proposal) for name, ask in asked[:1]]
    points = first[0].points if first else ()
    rest = await together([put(name, ask, trajectory, proposal, points) for name, ask in asked[1:]])
    return (*(decided(one, settings, asked) for one in first), *(settled(one, points) for one in rest))


def beforehand(proposal: Proposal, settings: Settings) -> str | None:
    """Why no judge need be asked: the proposer itself does not stand by it, or it keeps what is not worth learning."""
    if not proposal.valid:
        return proposal.rationale or "it was proposed as not valid"
    if proposal.confidence < settings.least:
        return f"it was proposed with confidence {proposal.confidence:.2f} < {settings.least:.2f} ({settings.least_by})"
    if settings.delta_on == "goal" and proposal.weight < settings.delta:
        return f"the steps that it keeps weigh {proposal.weight:.2f} < {settings.delta:.2f} (--delta)"
    return None


async def put(
    name: str, ask: Judge, trajectory: Trajectory, proposal: Proposal, points: tuple[Point, ...] = ()
) -> Verdict:
    """What the judge of that name says. One that cannot answer has not consented."""
    try:
        return await ask(trajectory, proposal, points)
    except AnswerError as error:
        raw = error.raw.encode("utf-8", "replace").decode()
        return Verdict(judge=name, valid=False, confidence=0, reason=f"no usable answer: {error}", raw=raw)


def decided(verdict: Verdict, settings: Settings, judges: Sequence[object]) -> Verdict:
    """The mechanical judge's: its doubts refuse where they are final, or where nobody can read."""
    if not (verdict.valid and verdict.points) or (len(judges) > 1 and not settings.strict):
        return verdict
    reason = " ".join(point.question for point in verdict.points)
    return verdict.model_copy(
        update={"valid": False, "confidence": 0, "rule": verdict.points[0].rule, "reason": reason}
    )


def settled(verdict: Verdict, points: tuple[Point, ...]) -> Verdict:
    """A model's: a consent that decides a point against the goal, or leaves one undecided, is a refusal."""
    said = {point.question: point for point in verdict.points}
    decisions = tuple(said.get(point.question, point) for point in points)
    against = [point for point in decisions if not point.settled]
    if not verdict.valid or not against:
        return verdict.model_copy(update={"points": decisions})
    reason = "; ".join(f"{point.question} {point.reason or 'That was left undecided.'}" for point in against)
    return verdict.model_copy(update={"points": decisions, "valid": False, "reason": reason})


def passes(votes: Sequence[bool], settings: Settings) -> bool:
    """Is it accepted? The first vote is the mechanical judge's, whom nobody outvotes; without any vote it is not."""
    models = votes[1:]
    needed = len(models) // 2 + 1 if models and settings.by_majority else len(models)
    return bool(votes) and votes[0] and sum(models) >= needed

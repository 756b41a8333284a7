"""What can be rated of a run folder: each proposal that was put to the gate, accepted or refused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from agenther.jobs.again import finished
from agenther.records import Judged, Record, Rejection, Result, Trajectory, Verdict
from agenther.store import run_folder


class Refusal(Record):
    """Who refused a proposal, and by what."""

    judge: str
    rule: str = ""
    """Of the mechanical judge, the rule; of a model that decided a doubt against the goal, the rule that raised it."""


class Item(Record):
    """A proposal, as ratings and the gate look at it."""

    id: str
    run_id: str
    format: str
    benchmark: str
    failure_type: str
    goal: str
    accepted: bool
    score: float
    """The lowest probability of being valid that a judge, or the proposer, gave."""
    asked: int = 1
    """How many judges gave one. Where the first refusal ends it, the others might have given less."""
    refusals: tuple[Refusal, ...]
    doubts: tuple[str, ...]
    """Rules that raised one, settled or not."""


def items(folder: Path) -> Iterator[Item]:
    """Of a finished run, in its order. Raises StoreError when there is none."""
    finished(folder)
    for stored in run_folder.stored(folder):
        if not isinstance(stored, Rejection):
            yield from of_run(*stored)


def proposals(result: Result) -> list[Judged]:
    """Those of one run about which there is something to be said: no earlier round made their goals."""
    return [one for one in result.judged if not one.known]


def of_run(trajectory: Trajectory, result: Result) -> Iterator[Item]:
    """Those of one run."""
    for judged in proposals(result):
        yield Item(
            id=item_id(judged),
            run_id=trajectory.id,
            format=trajectory.source.format,
            benchmark=trajectory.benchmark,
            failure_type=(result.diagnosis and result.diagnosis.failure_type) or "",
            goal=judged.proposal.goal,
            accepted=judged.accepted,
            score=score(judged),
            asked=len(judged.verdicts),
            refusals=tuple(refusals(judged)),
            doubts=tuple(dict.fromkeys(point.rule for verdict in judged.verdicts for point in verdict.points)),
        )


def item_id(judged: Judged) -> str:
    """The same as long as the run, its goal, where it ends, and its answer are the same."""
    one = judged.proposal
    said = "\0".join([one.goal, str(one.end_step), one.answer, *map(str, one.relevant_steps)])
    return f"{one.run_id}~{sha256(said.encode('utf-8', 'replace')).hexdigest()[:8]}"


def by_lot(item: str) -> bytes:
    """A sort key that puts items into an order which has nothing to do with what they are, and is always the same."""
    return sha256(item.encode("utf-8", "replace")).digest()


class Ticket(NamedTuple):
    """An item in a draw."""

    item: str
    run: str
    may_pass: bool
    """Could a gate let it through?"""


def order_of(tickets: Iterable[Ticket]) -> dict[str, tuple[int, bytes]]:
    """Sort keys by item: one of each run comes first, and the runs by lot; then a second one of each, and so on.

    So whoever stops anywhere in the first round has rated runs drawn at random, of each a pair drawn at random, which
    is what `agenther calibrate` goes by. Of a run, what no gate lets through comes last.
    """
    by_run: defaultdict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        by_run[ticket.run].append(ticket)
    return {
        ticket.item: (place, by_lot(run))
        for run, some in by_run.items()
        for place, ticket in enumerate(sorted(some, key=lambda one: (not one.may_pass, by_lot(one.item))))
    }


def score(judged: Judged) -> float:
    """The lowest probability of being valid that a judge, or the proposer, gave."""
    own = judged.proposal.confidence if judged.proposal.valid else 0.0
    return min([own, *(verdict.probability for verdict in judged.verdicts)])


def refusals(judged: Judged) -> Iterator[Refusal]:
    """All who refused."""
    if judged.why:
        yield Refusal(judge="proposer")
    for verdict in judged.verdicts:
        if not verdict.valid:
            against = [point.rule for point in verdict.points if not point.settled]
            yield from (Refusal(judge=verdict.judge, rule=rule) for rule in _rules(verdict, against))


def _rules(verdict: Verdict, against: list[str]) -> list[str]:
    return [verdict.rule] if verdict.rule else list(dict.fromkeys(against)) or [""]

"""The facts of a report, read from a run folder in one pass."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agenther.jobs.again import finished
from agenther.pages.facts import BINS, Cost, Doubt, Facts, Lost, Made, Narrowing
from agenther.pages.spread import by_round, spread
from agenther.probe.folder import found_by_probe
from agenther.ratings.audit import audit
from agenther.ratings.items import Item, of_run, proposals
from agenther.records import Judged, Rejection, Result, Sample, Trajectory
from agenther.store import rounds, run_folder
from agenther.store.book import RATINGS, Book
from agenther.store.run_folder import RunFile
from agenther.tally.counts import Table
from agenther.tally.ledger import total
from agenther.tally.rounds import tables as of_rounds

LONGEST = 240
"""Characters of a text that stands in a table."""
MOST_STEPS = 20


class _Counting:
    """Adds up runs as they come."""

    def __init__(self) -> None:
        self.samples: list[Made] = []
        self.losses: list[Lost] = []
        self.old_goals: list[str] = []
        self.lost: Counter[tuple[str, str]] = Counter()
        self.costs: dict[tuple[str, str], Cost] = {}
        self.confidence = ([0] * BINS, [0] * BINS)
        self.weight = [0] * BINS
        self.steps = [0] * (MOST_STEPS + 1)
        self.doubts: Counter[tuple[str, bool | None]] = Counter()
        self.rules: Counter[str] = Counter()

    def add(self, trajectory: Trajectory, result: Result) -> None:
        failure = (result.diagnosis and result.diagnosis.failure_type) or "none"
        self._cost("format", trajectory.source.format, result)
        self._cost("failure type", failure, result)
        if result.outcome:
            self.old_goals.append(trajectory.goal)
        for judged in proposals(result):
            self._judged(judged)
        for sample in result.samples:
            self._sample(trajectory, sample)
        if result.rejection:
            self.lose(result.rejection)

    def _cost(self, by: str, name: str, result: Result) -> None:
        before = self.costs.get((by, name)) or Cost(by=by, name=name, runs=0, samples=0, calls=0, tokens=0, usd=0.0)
        self.costs[by, name] = before.model_copy(
            update={
                "runs": before.runs + 1,
                "samples": before.samples + len(result.samples),
                "calls": before.calls + sum(one.calls for one in result.spent),
                "tokens": before.tokens + sum(one.prompt + one.completion for one in result.spent),
                "usd": total([before.usd, *(one.usd for one in result.spent)]),
            }
        )

    def lose(self, rejection: Rejection) -> None:
        self.lost[rejection.stage, rejection.reason] += 1
        place = rejection.path if rejection.line is None else f"{rejection.path}:{rejection.line}"
        self.losses.append(
            Lost(
                run_id=rejection.run_id or "",
                path=f"{place} {rejection.key}".strip(),
                stage=rejection.stage,
                reason=rejection.reason,
                detail=cut(rejection.detail),
            )
        )

    def _judged(self, judged: Judged) -> None:
        self.confidence[not judged.accepted][_bin(judged.proposal.confidence)] += 1
        first, *others = judged.verdicts or (None,)
        if first is None:
            return
        if first.rule and not first.points:
            self.rules[first.rule] += 1
        decided = {point.question: point.settled for verdict in others for point in verdict.points if verdict.points}
        against = {point.question for verdict in others for point in verdict.points if point.settled is False}
        for point in first.points:
            settled = False if point.question in against else decided.get(point.question, point.settled)
            self.doubts[point.rule, settled] += 1

    def _sample(self, trajectory: Trajectory, sample: Sample) -> None:
        self.weight[_bin(sample.weight)] += 1
        self.steps[min(len(sample.steps), MOST_STEPS)] += 1
        self.samples.append(
            Made(
                id=sample.id,
                run_id=sample.run_id,
                goal=cut(sample.goal),
                old_goal=cut(sample.original_goal),
                format=sample.source.format,
                failure=sample.failure_type or "",
                kind=sample.kind,
                confidence=round(sample.confidence, 3),
                weight=round(sample.weight, 3),
                steps=len(sample.steps),
                of_steps=len(trajectory.steps),
            )
        )


def facts(folder: Path) -> Facts:
    """Raises StoreError when there is no finished run, when its ratings are damaged, and when a round before it is not
    as it was.
    """
    found, items = counted(folder)
    said = audit(items, Book(folder)) if (folder / RATINGS).exists() else None
    with rounds.held(folder, found.run.made_with) as earlier:
        told = [*(counted(one.folder)[0] for one in earlier), found]
    added = (*of_rounds([one.run.counts for one in told]), *_spreads(told))
    return found.model_copy(update={"probe": found_by_probe(folder), "audit": said, "rounds": added})


def _spreads(rounds: list[Facts]) -> Iterator[Table]:
    """How the new goals of each round are spread against its failed ones."""
    if len(rounds) > 1:
        spreads = [spread(one.old_goals, [sample.goal for sample in one.samples]) for one in rounds]
        yield by_round(spreads)


def counted(folder: Path) -> tuple[Facts, list[Item]]:
    """What the run itself tells, and what can be rated of it."""
    run, counting = finished(folder), _Counting()
    items: list[Item] = []
    for item in run_folder.stored(folder):
        if isinstance(item, Rejection):
            counting.lose(item)
        else:
            counting.add(*item)
            items += of_run(*item)
    rules = {rule for rule, _ in counting.doubts}
    found = Facts(
        run=run,
        funnel=tuple(_funnel(counting, run)),
        samples=tuple(counting.samples),
        losses=tuple(counting.losses),
        old_goals=tuple(counting.old_goals),
        confidence=(tuple(counting.confidence[0]), tuple(counting.confidence[1])),
        weight=tuple(counting.weight),
        steps=tuple(counting.steps),
        doubts=tuple(
            sorted((_doubt(rule, counting.doubts) for rule in rules), key=lambda one: (-one.raised, one.rule))
        ),
        rules=tuple(counting.rules.most_common()),
        costs=tuple(one for _, one in sorted(counting.costs.items())) if run.ledger else (),
    )
    return found, items


def _doubt(rule: str, counted: Counter[tuple[str, bool | None]]) -> Doubt:
    good, bad, open_ = (counted[rule, settled] for settled in (True, False, None))
    return Doubt(rule=rule, raised=good + bad + open_, for_goal=good, against=bad, undecided=open_)


def _funnel(counting: _Counting, run: RunFile) -> Iterator[Narrowing]:
    """What is left after each stage. Runs whose later stages are still to be done are lost to nothing yet."""
    left = run.counts.read
    yield Narrowing(name="logs read", left=left)
    for stage, name in (
        ("read", "runs understood"),
        ("classify", "failures worth relabeling"),
        ("extract", "something achieved"),
        ("relabel", "runs with samples"),
    ):
        lost = Counter({reason: logs for (where, reason), logs in counting.lost.items() if where == stage})
        left = run.counts.with_samples if stage == "relabel" else left - lost.total()
        yield Narrowing(name=name, left=left, lost=tuple(lost.most_common()))


def _bin(share: float) -> int:
    return min(int(share * BINS), BINS - 1)


def cut(text: str) -> str:
    """Fit for a table."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"

"""Attribution held against what people say: agent, step, the first two, one step off and three, beside what comes of
guessing. Nothing is compared as text: a step is its number, an agent its whole name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agenther.records import Attribution, Record, Trajectory
from agenther.tally.counts import Table
from agenther.tally.shares import Share, by_runs

SHORT, MIDDLE = 6, 12
"""Runs of up to so many messages are short, and of middle length."""
PRIOR = "position prior"
RANDOM = "random"


class Truth(NamedTuple):
    """What people say of a run."""

    run_id: str
    task: str
    steps: int
    step: int | None
    """The number of the step; None where they name a message that is no step of the run."""
    agent: str
    agents: tuple[str, ...]
    """Who acted at each step."""


class Score(Record):
    """One method, on the labelled runs."""

    method: str
    agent: Share
    step: Share
    top2: Share
    off_by_1: Share
    off_by_3: Share
    by_length: dict[str, Share]
    """Exact steps of short, middle and long runs."""
    calls: float | None = None
    """For one run; None where nothing is asked."""
    usd: float | None = None


class Evaluation(Record):
    runs: int
    unusable: tuple[tuple[str, str], ...]
    """(run, why) for those whose label does not fit them."""
    scores: tuple[Score, ...]
    agreement: dict[str, Share]
    """How often two methods name the same step."""


def truth(run: Trajectory) -> Truth | str:
    """Of a labelled run; or why its label cannot be used."""
    if run.blame is None:
        return "nobody says who erred"
    if not run.steps:
        return "it has no step"
    if run.blame.message is None:
        return "its label names no step"
    places = {step.message: step.n for step in run.steps if step.message is not None}
    last = max([*places, -1])
    if run.blame.message > last + 1:
        return f"its label names message {run.blame.message}, and the last is {last}"
    before = [n for message, n in places.items() if message <= run.blame.message]
    return Truth(
        run_id=run.id,
        task=run.task_id or run.goal,
        steps=len(run.steps),
        step=max(before, default=1),
        agent=run.blame.agent,
        agents=tuple(step.agent for step in run.steps),
    )


def score(method: str, truths: Sequence[Truth], ranked: Mapping[str, Sequence[int]], **cost: float | None) -> Score:
    """`ranked`: the steps that the method names for each run, the likeliest first."""

    def share(is_so: Iterable[bool], of: Sequence[Truth] = truths) -> Share:
        return by_runs((one.task, so) for one, so in zip(of, is_so, strict=True))

    first = [next(iter(ranked.get(one.run_id, ())), None) for one in truths]
    off = [
        None if step is None or one.step is None else abs(step - one.step)
        for one, step in zip(truths, first, strict=True)
    ]
    agents = [one.agents[step - 1] if step else "" for one, step in zip(truths, first, strict=True)]
    return Score(
        method=method,
        agent=share(bool(agent) and agent == one.agent for one, agent in zip(truths, agents, strict=True)),
        step=share(distance == 0 for distance in off),
        top2=share(one.step in ranked.get(one.run_id, ())[:2] for one in truths),
        off_by_1=share(distance is not None and distance <= 1 for distance in off),
        off_by_3=share(distance is not None and distance <= 3 for distance in off),
        by_length={
            name: share(
                [distance == 0 for one, distance in zip(truths, off, strict=True) if _length(one) == name],
                [one for one in truths if _length(one) == name],
            )
            for name in dict.fromkeys(map(_length, truths))
        },
        **cost,
    )


def _length(one: Truth) -> str:
    if one.steps <= SHORT:
        return f"up to {SHORT}"
    return f"up to {MIDDLE}" if one.steps <= MIDDLE else f"more than {MIDDLE}"


def prior(truths: Sequence[Truth]) -> Score:
    """Each run's step guessed as the most frequent of all other runs."""
    counted = Counter(one.step for one in truths if one.step is not None)
    ranked = {}
    for one in truths:
        others = counted.copy()
        others.subtract([one.step] if one.step is not None else [])
        ranked[one.run_id] = [step for step, times in others.most_common() if step <= one.steps and times]
    return score(PRIOR, truths, ranked)


def evaluation(runs: Iterable[Trajectory], found: Mapping[str, Mapping[str, Attribution]]) -> Evaluation:
    """`found`: by method and run."""
    labelled = [(run, truth(run)) for run in runs]
    truths = [one for _, one in labelled if isinstance(one, Truth)]
    steps = {
        method: {run: [suspect.step for suspect in one.suspects] for run, one in by_run.items()}
        for method, by_run in found.items()
    }
    return Evaluation(
        runs=len(truths),
        unusable=tuple((run.source.path, one) for run, one in labelled if isinstance(one, str)),
        scores=(*(score(method, truths, ranked) for method, ranked in steps.items()), prior(truths), chance(truths)),
        agreement={
            f"{one}, {other}": by_runs(
                (truth.task, steps[one].get(truth.run_id, [0])[:1] == steps[other].get(truth.run_id, [-1])[:1])
                for truth in truths
            )
            for one, other in combinations(steps, 2)
        },
    )


def chance(truths: Sequence[Truth]) -> Score:
    """What drawing a step by lot comes to, on the mean."""

    def mean(likely: Iterator[float]) -> Share:
        return Share(part=round(sum(likely)), of=len(truths))

    def within(one: Truth, distance: int) -> float:
        at = one.step or 0
        return sum(abs(step - at) <= distance for step in range(1, one.steps + 1)) / one.steps

    return Score(
        method=RANDOM,
        agent=mean(one.agents.count(one.agent) / one.steps for one in truths),
        step=mean(within(one, 0) for one in truths),
        top2=mean(min(1.0, 2 * within(one, 0)) for one in truths),
        off_by_1=mean(within(one, 1) for one in truths),
        off_by_3=mean(within(one, 3) for one in truths),
        by_length={},
    )


def tables(found: Evaluation) -> Iterator[Table]:
    """To look at."""
    columns = ("method", "agent", "step", "first two", "within 1", "within 3")
    rows = tuple(
        (one.method, *map(str, (one.agent, one.step, one.top2, one.off_by_1, one.off_by_3))) for one in found.scores
    )
    yield Table(f"Decisive steps of {found.runs} labelled runs, with 95 % intervals", columns, rows)
    lengths = list(dict.fromkeys(name for one in found.scores for name in one.by_length))
    rows = tuple((one.method, *(str(one.by_length[name]) for name in lengths)) for one in found.scores if one.by_length)
    yield Table("Exact steps, by how many steps a run has", ("method", *lengths), rows)
    yield Table(
        "How often two methods name the same step",
        ("methods", "agree"),
        tuple((pair, str(share)) for pair, share in found.agreement.items()),
    )
    yield Table("Labels that could not be used", ("log", "why"), found.unusable)

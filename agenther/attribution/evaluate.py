"""Attribution held against what people say: agent, step, the first two, one step off and three, beside what comes of
guessing. Nothing is compared as text: a step is its number, an agent its whole name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import sqrt

from agenther.attribution.labels import Label, Truth, where
from agenther.records import Attribution, Record, Spent
from agenther.tally.ledger import total
from agenther.tally.shares import Share, Z, by_runs

SHORT, MIDDLE = 6, 12
"""Runs of up to so many messages are short, and of middle length."""
Above = tuple[float, float, float]
PRIOR = "position prior"
RANDOM = "random"


class Score(Record):
    """One method, on the labelled runs."""

    method: str
    agent: Share
    """Of those in which several agents act."""
    step: Share
    top2: Share
    off_by_1: Share
    off_by_3: Share
    by_length: dict[str, Share]
    """Exact steps of short, middle and long runs."""
    over_prior: Above | None = None
    """By how much its share of exact steps is above that of the prior, run by run: (mean, low, high) at 95 %."""


class Took(Record):
    """What a method asked for one run, on the mean."""

    method: str
    calls: float
    usd: float | None
    """None where a price is not known."""
    cut: int
    """Runs of which not all steps were shown."""


class Evaluation(Record):
    runs: int
    tasks: int
    """Distinct ones; only so many runs count as independent."""
    unusable: tuple[tuple[str, str], ...]
    """(run, why) for labels that do not fit it."""
    scores: tuple[Score, ...]
    agreement: dict[str, Share]
    """How often two methods name the same step."""
    took: tuple[Took, ...] = ()


def score(method: str, truths: Sequence[Truth], ranked: Mapping[str, Sequence[int]]) -> Score:
    """`ranked`: the steps that the method names for each run, the likeliest first."""

    def share(is_so: Iterable[bool], of: Sequence[Truth] = truths) -> Share:
        return by_runs((one.task, so) for one, so in zip(of, is_so, strict=True))

    first = [next(iter(ranked.get(one.run_id, ())), None) for one in truths]
    off = [None if step is None else abs(step - one.step) for one, step in zip(truths, first, strict=True)]
    named = [(one, step) for one, step in zip(truths, first, strict=True) if one.agent is not None]
    return Score(
        method=method,
        agent=share(
            (step is not None and one.agents[step - 1] == one.agent for one, step in named), [one for one, _ in named]
        ),
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
    )


def _length(one: Truth) -> str:
    if one.steps <= SHORT:
        return f"up to {SHORT}"
    return f"up to {MIDDLE}" if one.steps <= MIDDLE else f"more than {MIDDLE}"


def prior(truths: Sequence[Truth]) -> dict[str, list[int]]:
    """Each run's step guessed as the most frequent of the runs of all other tasks, the most frequent first."""
    counted = Counter(one.step for one in truths)
    own = {task: Counter(one.step for one in truths if one.task == task) for task in {one.task for one in truths}}
    return {
        one.run_id: [step for step, _ in (counted - own[one.task]).most_common() if step <= one.steps] for one in truths
    }


def _over(truths: Sequence[Truth], ranked: Mapping[str, Sequence[int]], guessed: Mapping[str, Sequence[int]]) -> Above:
    """Exact steps of one above those of the other; runs of one task count as one."""
    if not truths:
        return 0.0, -1.0, 1.0
    gains = [
        (one.task, (one.step in ranked.get(one.run_id, ())[:1]) - (one.step in guessed[one.run_id][:1]))
        for one in truths
    ]
    mean = sum(gain for _, gain in gains) / len(gains)
    by_task: defaultdict[str, float] = defaultdict(float)
    for task, gain in gains:
        by_task[task] += gain - mean
    spread = Z * sqrt(sum(off * off for off in by_task.values())) / len(gains)
    return mean, mean - spread, mean + spread


def evaluation(
    labels: Iterable[Label],
    found: Mapping[str, Mapping[str, Attribution]],
    spent: Mapping[str, Sequence[Spent]] | None = None,
) -> Evaluation:
    """`found`: by method and run; `spent`: by method, for all runs that it looked at."""
    labels = list(labels)
    truths = [one.truth for one in labels if one.truth]
    steps = {
        method: {run: [suspect.step for suspect in one.suspects] for run, one in by_run.items()}
        for method, by_run in found.items()
    }
    guessed = prior(truths)
    scores = [
        score(method, truths, ranked).model_copy(update={"over_prior": _over(truths, ranked, guessed)})
        for method, ranked in steps.items()
    ]
    return Evaluation(
        runs=len(truths),
        tasks=len({one.task for one in truths}),
        unusable=tuple((where(one.source), one.unusable) for one in labels if one.unusable),
        scores=(*scores, score(PRIOR, truths, guessed), chance(truths)),
        agreement={
            f"{one}, {other}": by_runs(
                (truth.task, steps[one].get(truth.run_id, [0])[:1] == steps[other].get(truth.run_id, [-1])[:1])
                for truth in truths
            )
            for one, other in combinations(steps, 2)
        },
        took=tuple(_took(method, found[method], entries) for method, entries in (spent or {}).items() if entries),
    )


def _took(method: str, found: Mapping[str, Attribution], spent: Sequence[Spent]) -> Took:
    runs = len({*found, *(entry.run_id for entry in spent)})
    usd = total(entry.usd for entry in spent)
    return Took(
        method=method,
        calls=sum(entry.calls for entry in spent) / runs,
        usd=None if usd is None else usd / runs,
        cut=sum(one.unshown > 0 for one in found.values()),
    )


def chance(truths: Sequence[Truth]) -> Score:
    """What drawing a step by lot comes to, on the mean."""

    def mean(likely: Iterable[float]) -> Share:
        found = list(likely)
        return Share(part=round(sum(found)), of=len(found), units=min(len(found), len({one.task for one in truths})))

    def within(one: Truth, distance: int) -> float:
        return sum(abs(step - one.step) <= distance for step in range(1, one.steps + 1)) / one.steps

    return Score(
        method=RANDOM,
        agent=mean(one.agents.count(one.agent) / one.steps for one in truths if one.agent is not None),
        step=mean(within(one, 0) for one in truths),
        top2=mean(min(1.0, 2 * within(one, 0)) for one in truths),
        off_by_1=mean(within(one, 1) for one in truths),
        off_by_3=mean(within(one, 3) for one in truths),
        by_length={},
    )

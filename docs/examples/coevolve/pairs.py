"""Pairs of runs of one task, of which one earned more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolworld.rewards import reward
from toolworld.world import Episode

Runs = Iterable[Episode]


@dataclass(frozen=True)
class Pair:
    better: Episode
    worse: Episode

    def __post_init__(self) -> None:
        if reward(self.worse) >= reward(self.better):
            raise ValueError(f"{self.worse.task.id}: the worse run of a pair earned no less")


def failures(runs: Runs) -> list[Episode]:
    """Those of which the world shows that they fail; each once."""
    found = {str(run.messages): run for run in runs if reward(run) < 1}
    return [*found.values()]


def over_failures(experts: Runs, failed: Runs) -> Iterator[Pair]:
    """An expert's run over each failure at the same task."""
    best = {run.task.id: run for run in experts}
    return (Pair(best[run.task.id], run) for run in failed)


def among_failures(failed: Runs) -> Iterator[Pair]:
    """The best failure over the worst one, of each task that has two that differ in reward."""
    by_task: dict[str, list[Episode]] = {}
    for run in failed:
        by_task.setdefault(run.task.id, []).append(run)
    for runs in by_task.values():
        best, worst = max(runs, key=reward), min(runs, key=reward)
        if reward(worst) < reward(best):
            yield Pair(best, worst)

"""Better runs of a task over its failures, under the task's own goal, for every format of pairs.

A run is on a rejected side only if its label says that it failed, its reward says no more than that, and no run that is
worth as much as the chosen one did the same there.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from agenther.packagers.base import Batch, Pick, Row
from agenther.packagers.pairs.fork import Pair, deeds, pair_of
from agenther.packagers.pairs.rewards import Reward, reward, value_of, why_not
from agenther.packagers.pairs.tasks import OWN, Task
from agenther.packagers.talk.turns import of_run
from agenther.records import Trajectory

NO_FORK = "it does not part from a better run after the same acts and results"
SAME_ACT = "a run that is worth as much as the better one did the same there"


class Side(NamedTuple):
    run: Trajectory
    reward: Reward


def worth(run: Trajectory, _picks: Sequence[Pick]) -> dict[str, float]:
    """As in `Measure`."""
    return {OWN: value} if (value := value_of(run)) else {}


def successes(held: Task) -> list[Side]:
    return [Side(run, its) for run in held.runs[True] if (its := reward(run))]


def failures(held: Task) -> list[Side]:
    """Those that can be on a rejected side."""
    return [Side(run, its) for run in held.runs[False] if (its := reward(run)) and not why_not(run, its)]


def over_failures(
    held: Task, better: list[Side], row: Callable[[Side, Side], Row]
) -> Iterator[tuple[Trajectory, Pair | str]]:
    """Each failure that can be rejected and a better run it meets, with their pair, or why they make none.

    In turns, in which each failure meets another better run, so that a few pairs show many runs. Two failures are
    compared only by the same source.
    """
    bads = failures(held)
    met = [[good for good in better if _is_better(good, bad)] for bad in bads]
    for turn, (n, bad) in product(range(len(better)), enumerate(bads)):
        if turn < len(met[n]):
            good = met[n][(n + turn) % len(met[n])]
            yield bad.run, _pair(held, good, bad, row(good, bad))


def _is_better(good: Side, bad: Side) -> bool:
    return good.reward.value > bad.reward.value and (bool(good.run.label.success) or good.reward.by == bad.reward.by)


def _pair(held: Task, good: Side, bad: Side, row: Row) -> Pair | str:
    talk = of_run(bad.run)
    pair = pair_of(of_run(good.run), talk, row)
    is_wrong = pair and held.worth.get((OWN, deeds(talk)[len(pair.history)]), 0.0) < good.reward.value
    return NO_FORK if pair is None else pair if is_wrong else SAME_ACT


def is_decisive(pair: Pair, bad: Trajectory, batch: Batch) -> bool:
    """Do the two part at the step that made the rejected run fail?"""
    step = batch.decisive.get(bad.id, 0)
    if not 0 < step <= len(bad.steps):
        return False
    turns = [*dict.fromkeys(one.turn for one in bad.steps if not one.final)]
    own = bad.steps[step - 1]
    return len(pair.history) == (len(turns) if own.final else turns.index(own.turn))  # the closing one comes last

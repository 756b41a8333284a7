"""Better runs of a task over its failures, under the task's own goal, for every format of pairs."""

from collections.abc import Callable, Iterator, Sequence
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
    value = value_of(run)
    return {OWN: value} if value else {}


def sides(held: Task) -> tuple[list[Side], list[Side]]:
    """The successes, and the failures that can be on a rejected side."""
    told = {
        outcome: [Side(run, its) for run in held.runs[outcome] if (its := reward(run))] for outcome in (True, False)
    }
    return told[True], [side for side in told[False] if not why_not(*side)]


def over_failures(
    held: Task, better: list[Side], row: Callable[[Side, Side], Row]
) -> Iterator[tuple[Trajectory, Pair | str]]:
    """Each failure that can be rejected and a better run it meets, with their pair, or why they make none.

    In turns, in which each failure meets another better run, so that a few pairs show many runs. Two failures are
    compared only by the same source.
    """
    failures = sides(held)[1]
    met = [[good for good in better if _is_better(good, bad)] for bad in failures]
    for turn in range(len(better)):
        for n, bad in enumerate(failures):
            if turn < len(met[n]):
                good = met[n][(n + turn) % len(met[n])]
                yield bad.run, _pair(held, good, bad, row(good, bad))


def _is_better(good: Side, bad: Side) -> bool:
    return good.reward.value > bad.reward.value and (bool(good.run.label.success) or good.reward.by == bad.reward.by)


def _pair(held: Task, good: Side, bad: Side, row: Row) -> Pair | str:
    pair = pair_of(of_run(good.run), of_run(bad.run), row)
    if pair is None:
        return NO_FORK
    deed = deeds(of_run(bad.run))[len(pair.history)]
    return SAME_ACT if held.worth.get((OWN, deed), 0.0) >= good.reward.value else pair


def is_decisive(pair: Pair, bad: Trajectory, batch: Batch) -> bool:
    """Do the two part at the step that made the rejected run fail?"""
    step = batch.decisive.get(bad.id)
    if step is None or step > len(bad.steps):
        return False
    turns = [*dict.fromkeys(one.turn for one in bad.steps if not one.final)]
    own = bad.steps[step - 1]
    return len(pair.history) == (len(turns) if own.final else turns.index(own.turn))  # the closing one comes last

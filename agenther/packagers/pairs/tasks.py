"""The runs of one task that had one prompt, gathered from a batch that is only ever read from the beginning.

All runs are counted first; then so many tasks are held at a time that memory does not grow with their number.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agenther.packagers.base import Batch, Pick
from agenther.packagers.selection.split import task
from agenther.records import Trajectory

RUNS_PER_TASK = 4
"""Of each outcome. As many hindsight goals are looked at."""
TASKS_AT_A_TIME = 100


@dataclass
class Task:
    """What is held of the runs with one prompt, until the last of them."""

    name: str
    group: str
    """What stays on one side of the split."""
    runs: defaultdict[bool | None, list[Trajectory]] = field(default_factory=lambda: defaultdict(list))
    """By outcome, each different run once."""
    picks: list[Pick] = field(default_factory=list)

    def add(self, run: Trajectory, picks: Iterable[Pick]) -> None:
        self.picks = [*self.picks, *picks][:RUNS_PER_TASK]
        runs = self.runs[run.label.success]
        copied = any((run.steps, run.answer) == (one.steps, one.answer) for one in runs)
        if len(runs) < RUNS_PER_TASK and not copied:
            runs.append(run)

    @property
    def has_both_outcomes(self) -> bool:
        return bool(self.runs[True] and self.runs[False])


def tasks(batch: Batch) -> Iterator[Task]:
    """Each task and prompt of which a pair is possible, once the last of its runs is read."""
    counted = _counted(batch)
    keys = [key for key, found in counted.items() if found.runs > 1 and (len(found.outcomes) == 2 or found.has_pick)]
    for start in range(0, len(keys), TASKS_AT_A_TIME):
        yield from _held(batch, {key: counted[key].runs for key in keys[start : start + TASKS_AT_A_TIME]})


@dataclass
class _Count:
    runs: int = 0
    outcomes: set[bool] = field(default_factory=set)
    has_pick: bool = False


def _counted(batch: Batch) -> dict[bytes, _Count]:
    counts: defaultdict[bytes, _Count] = defaultdict(_Count)
    for run, picks in _with_picks(batch):
        if _is_comparable(run):
            count = counts[_key(run)]
            count.runs += 1
            count.has_pick = count.has_pick or bool(picks and not run.is_dialogue)
            if run.label.success is not None:
                count.outcomes.add(run.label.success)
    return counts


def _held(batch: Batch, left: dict[bytes, int]) -> Iterator[Task]:
    """The tasks of these keys, of which so many runs are to come."""
    held: dict[bytes, Task] = {}
    for run, picks in _with_picks(batch):
        key = _key(run)
        if _is_comparable(run) and key in left:
            one = held.setdefault(key, Task(task(run), batch.group(run)))
            one.add(run, [] if run.is_dialogue else picks)
            left[key] -= 1
            if not left[key]:
                yield held.pop(key)


def _with_picks(batch: Batch) -> Iterator[tuple[Trajectory, list[Pick]]]:
    """Each run with its picks, which come in the order of their runs.

    Those without claims, successes that are packed along, are passed by: nothing tells who misses such a goal.
    """
    picks = (pick for pick in batch.picks() if pick.sample.claims)
    pick = next(picks, None)
    for run in batch.runs():
        own = []
        while pick and pick.sample.run_id == run.id:
            own.append(pick)
            pick = next(picks, None)
        yield run, own


def _is_comparable(run: Trajectory) -> bool:
    """Did the agent see the goal, and are the results of its acts there, which make the prompt of later ones?"""
    return run.goal_seen and not run.lacks_results


def _key(run: Trajectory) -> bytes:
    """The same for runs of one task that had the same goal, tools, system prompt and first observation."""
    tools = "\0".join(tool.model_dump_json() for tool in run.tools)
    key = "\0".join([run.template, task(run), run.goal, run.system or "", run.start or "", tools])
    return hashlib.sha256(key.encode()).digest()[:16]

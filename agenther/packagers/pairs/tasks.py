"""The runs of one task that had one prompt, gathered from a batch that is only ever read from the beginning.

All runs are counted first; then so many tasks are held at a time that memory does not grow with their number.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from agenther.packagers.base import Batch, LeftOut, Pick
from agenther.packagers.pairs.fork import deeds
from agenther.packagers.selection.split import task
from agenther.packagers.talk.turns import of_run
from agenther.records import Trajectory

RUNS_PER_TASK = 4
"""Of each outcome. As many hindsight goals are looked at."""
TASKS_AT_A_TIME = 100
COPY = "a copy of"
MANY = "its task has four others of its outcome"


@dataclass
class Task:
    """What is held of the runs with one prompt, until the last of them."""

    name: str
    group: str
    """What stays on one side of the split."""
    runs: defaultdict[bool | None, list[Trajectory]] = field(default_factory=lambda: defaultdict(list))
    """By outcome, each different run once."""
    picks: list[Pick] = field(default_factory=list)
    passed: list[LeftOut] = field(default_factory=list)
    """Runs that are not held, and why."""
    worth: dict[str, float] = field(default_factory=dict)
    """Of each act after what came before it, the most that any run came to which did so; where that is asked for."""

    def add(self, run: Trajectory, picks: Iterable[Pick], value: float | None) -> None:
        self.picks = [*self.picks, *picks][:RUNS_PER_TASK]
        runs = self.runs[run.label.success]
        copied = next((one.id for one in runs if (run.steps, run.answer) == (one.steps, one.answer)), "")
        if copied or len(runs) == RUNS_PER_TASK:
            self.passed.append(LeftOut(run.id, COPY if copied else MANY, copied))
        else:
            runs.append(run)
        for deed in deeds(of_run(run)) if value is not None else ():
            self.worth[deed] = max(value or 0.0, self.worth.get(deed, 0.0))

    @property
    def has_both_outcomes(self) -> bool:
        return bool(self.runs[True] and self.runs[False])


@dataclass
class Count:
    """What is counted of the runs with one prompt."""

    runs: int = 0
    outcomes: set[bool] = field(default_factory=set)
    has_pick: bool = False

    @property
    def has_two_sides(self) -> bool:
        return len(self.outcomes) == 2 or self.has_pick

    @property
    def has_failure(self) -> bool:
        return False in self.outcomes


Value = Callable[[Trajectory], float | None]


def tasks(
    batch: Batch,
    is_wanted: Callable[[Count], bool] = lambda count: count.has_two_sides,
    value: Value = lambda _run: None,
) -> Iterator[Task]:
    """Each task and prompt of which a pair is possible, once the last of its runs is read."""
    counted = _counted(batch)
    keys = [key for key, found in counted.items() if found.runs > 1 and is_wanted(found)]
    for start in range(0, len(keys), TASKS_AT_A_TIME):
        yield from _held(batch, {key: counted[key].runs for key in keys[start : start + TASKS_AT_A_TIME]}, value)


def _counted(batch: Batch) -> dict[bytes, Count]:
    counts: defaultdict[bytes, Count] = defaultdict(Count)
    for run, picks in with_picks(batch):
        if is_comparable(run):
            count = counts[_key(run)]
            count.runs += 1
            count.has_pick = count.has_pick or bool(picks and not run.is_dialogue)
            if run.label.success is not None:
                count.outcomes.add(run.label.success)
    return counts


def _held(batch: Batch, left: dict[bytes, int], value: Value) -> Iterator[Task]:
    """The tasks of these keys, of which so many runs are to come."""
    held: dict[bytes, Task] = {}
    for run, picks in with_picks(batch):
        key = _key(run)
        if is_comparable(run) and key in left:
            one = held.setdefault(key, Task(task(run), batch.group(run)))
            one.add(run, [] if run.is_dialogue else picks, value(run))
            left[key] -= 1
            if not left[key]:
                yield held.pop(key)


def with_picks(batch: Batch) -> Iterator[tuple[Trajectory, list[Pick]]]:
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


def is_comparable(run: Trajectory) -> bool:
    """Did the agent see the goal, and are the results of its acts there, which make the prompt of later ones?"""
    return run.goal_seen and not run.lacks_results


def _key(run: Trajectory) -> bytes:
    """The same for runs of one task that had the same goal, tools, system prompt and first observation."""
    tools = "\0".join(tool.model_dump_json() for tool in run.tools)
    key = "\0".join([run.template, task(run), run.goal, run.system or "", run.start or "", tools])
    return hashlib.sha256(key.encode()).digest()[:16]

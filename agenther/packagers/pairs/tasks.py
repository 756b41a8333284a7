"""The runs of one task that had one prompt, gathered from a batch that is only ever read from the beginning.

All runs are counted first; then so many tasks are held at a time, and so many runs of each, that memory does not grow
with their number.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agenther.packagers.base import Batch, LeftOut, Pick
from agenther.packagers.pairs.fork import deeds
from agenther.packagers.selection.split import task
from agenther.packagers.talk.turns import of_run
from agenther.records import Trajectory

RUNS_PER_TASK = 4
"""Of each outcome. As many hindsight goals are looked at."""
TASKS_AT_A_TIME = 100
OWN = ""
"""The task's own goal, among those under which acts are worth something."""
COPY = "a copy of"
MANY = f"its task has {RUNS_PER_TASK} others of its outcome that are as hard or harder, or came first"


@dataclass
class Task:
    """What is held of the runs with one prompt, until the last of them."""

    name: str
    group: str
    """What stays on one side of the split."""
    picks: list[Pick] = field(default_factory=list)
    runs: defaultdict[bool | None, list[Trajectory]] = field(default_factory=lambda: defaultdict(list))
    """By outcome, each different run once: those of the greatest rank, and of as great ones the first."""
    passed: list[LeftOut] = field(default_factory=list)
    """Runs that are not held, and why."""
    worth: dict[tuple[str, str], float] = field(default_factory=dict)
    """Of a goal, and an act after what came before it, the most that any run came to which did so; where that is asked
    for.
    """
    _ranks: defaultdict[bool | None, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, run: Trajectory, rank: float, worth: Mapping[str, float]) -> None:
        """`worth` is what the run, held or not, came to under each goal."""
        runs, ranks = self.runs[run.label.success], self._ranks[run.label.success]
        if copied := next((one.id for one in runs if (run.steps, run.answer) == (one.steps, one.answer)), ""):
            self.passed.append(LeftOut(run.id, COPY, copied))
        else:
            at = bisect_right(ranks, -rank)
            runs.insert(at, run)
            ranks.insert(at, -rank)
            self.passed += [LeftOut(one.id, MANY) for one in runs[RUNS_PER_TASK:]]
            del runs[RUNS_PER_TASK:], ranks[RUNS_PER_TASK:]
        for deed in deeds(of_run(run)) if worth else ():
            for goal, value in worth.items():
                self.worth[goal, deed] = max(value, self.worth.get((goal, deed), 0.0))

    @property
    def has_both_outcomes(self) -> bool:
        return bool(self.runs[True] and self.runs[False])


@dataclass
class Count:
    """What is counted of the runs with one prompt."""

    runs: int = 0
    outcomes: set[bool] = field(default_factory=set)
    picks: list[str] = field(default_factory=list)
    """The ids of the first ones."""

    @property
    def has_pick(self) -> bool:
        return bool(self.picks)

    @property
    def has_two_sides(self) -> bool:
        return len(self.outcomes) == 2 or self.has_pick

    @property
    def has_failure(self) -> bool:
        return False in self.outcomes


class Measure(NamedTuple):
    """What is told of each run of a task, whose picks are known by then."""

    rank: Callable[[Trajectory, Sequence[Pick]], float] = lambda _run, _picks: 0.0
    """The greater, the sooner the run is held."""
    worth: Callable[[Trajectory, Sequence[Pick]], Mapping[str, float]] = lambda _run, _picks: {}
    """As in `Task.worth`, by goal."""


FIRST = Measure()
"""The first runs are held."""


def tasks(
    batch: Batch, is_wanted: Callable[[Count], bool] = lambda count: count.has_two_sides, measure: Measure = FIRST
) -> Iterator[Task]:
    """Each task and prompt of which a pair is possible, once the last of its runs is read."""
    counted = _counted(batch)
    keys = [key for key, found in counted.items() if found.runs > 1 and is_wanted(found)]
    for start in range(0, len(keys), TASKS_AT_A_TIME):
        yield from _held(batch, {key: counted[key] for key in keys[start : start + TASKS_AT_A_TIME]}, measure)


def _counted(batch: Batch) -> dict[bytes, Count]:
    counts: defaultdict[bytes, Count] = defaultdict(Count)
    for run, picks in with_picks(batch):
        if is_comparable(run):
            count = counts[_key(run)]
            count.runs += 1
            own = [] if run.is_dialogue else [pick.sample.id for pick in picks]
            count.picks = [*count.picks, *own][:RUNS_PER_TASK]
            if run.label.success is not None:
                count.outcomes.add(run.label.success)
    return counts


def _held(batch: Batch, counted: dict[bytes, Count], measure: Measure) -> Iterator[Task]:
    """The tasks of these keys."""
    owners = {pick: key for key, count in counted.items() for pick in count.picks}
    picks: defaultdict[bytes, list[Pick]] = defaultdict(list)
    for pick in batch.picks() if owners else ():
        if pick.sample.id in owners:
            picks[owners[pick.sample.id]].append(pick)
    held: dict[bytes, Task] = {}
    left = {key: count.runs for key, count in counted.items()}
    for run in batch.runs():
        key = _key(run)
        if is_comparable(run) and key in left:
            if key not in held:
                held[key] = Task(task(run), batch.group(run), picks.pop(key, []))
            one = held[key]
            one.add(run, measure.rank(run, one.picks), measure.worth(run, one.picks))
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

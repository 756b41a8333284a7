"""The runs of one task that had one prompt, gathered from a batch that is only ever read from the beginning.

It is read once for all formats: runs and goals are put into a file that has no name, and held is where each begins.
Then one task is read at a time, and so many runs of each are held, that memory does not grow with their number.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from tempfile import TemporaryFile
from typing import NamedTuple
from weakref import finalize

from pydantic import TypeAdapter

from agenther.packagers.base import Batch, LeftOut, Pick
from agenther.packagers.pairs.fork import deeds
from agenther.packagers.selection.split import task
from agenther.packagers.talk.turns import of_run
from agenther.records import Trajectory
from agenther.store.lines import line_at

RUNS_PER_TASK = 4
"""Of each outcome. As many hindsight goals are looked at."""
OWN = ""
"""The task's own goal, among those under which acts are worth something."""
COPY = "a copy of"
MANY = f"its task has {RUNS_PER_TASK} others of its outcome that are as hard or harder, or came first"


@dataclass
class Task:
    """What is held of the runs with one prompt."""

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


class Measure(NamedTuple):
    """What is told of each run of a task, whose picks are known by then."""

    rank: Callable[[Trajectory, Sequence[Pick]], float]
    """The greater, the sooner the run is held."""
    worth: Callable[[Trajectory, Sequence[Pick]], Mapping[str, float]]
    """As in `Task.worth`, by goal."""


_PICK = TypeAdapter(Pick)


def tasks(batch: Batch, measure: Measure) -> Iterator[Task]:
    """Each task and prompt of more than one run, in the order of their first ones."""
    shelf = _shelved(batch.runs, batch.picks)
    for key, places in shelf.runs.items():
        if len(places) > 1:
            picks = [_PICK.validate_json(line_at(shelf.file, at)) for at in shelf.picks[key]]
            first = shelf.run(places[0])
            held = Task(task(first), batch.group(first), picks)
            for run in map(shelf.run, places):
                held.add(run, measure.rank(run, picks), measure.worth(run, picks))
            yield held


class _Shelf:
    """The runs that can be compared and the first goals of each task, on disk; held is where each of them begins."""

    def __init__(self) -> None:
        with ExitStack() as stack:
            self.file = stack.enter_context(TemporaryFile())
            finalize(self, stack.pop_all().close)
        self.runs: defaultdict[bytes, array[int]] = defaultdict(partial(array, "Q"))
        self.picks: defaultdict[bytes, list[int]] = defaultdict(list)

    def put(self, record: bytes) -> int:
        at = self.file.tell()
        self.file.write(record + b"\n")
        return at

    def run(self, at: int) -> Trajectory:
        return Trajectory.model_validate_json(line_at(self.file, at))


@lru_cache(maxsize=1)
def _shelved(runs: Callable[[], Iterator[Trajectory]], picks: Callable[[], Iterator[Pick]]) -> _Shelf:
    shelf = _Shelf()
    for run, own in with_picks(runs(), picks()):
        if is_comparable(run):
            key = _key(run)
            shelf.runs[key].append(shelf.put(run.model_dump_json().encode()))
            room = 0 if run.is_dialogue else RUNS_PER_TASK - len(shelf.picks[key])
            shelf.picks[key] += [shelf.put(_PICK.dump_json(pick)) for pick in own[:room]]
    return shelf


def with_picks(runs: Iterator[Trajectory], picks: Iterator[Pick]) -> Iterator[tuple[Trajectory, list[Pick]]]:
    """Each run with its picks, which come in the order of their runs.

    Those without claims, successes that are packed along, are passed by: nothing tells who misses such a goal.
    """
    claimed = (pick for pick in picks if pick.sample.claims)
    pick = next(claimed, None)
    for run in runs:
        own = []
        while pick and pick.sample.run_id == run.id:
            own.append(pick)
            pick = next(claimed, None)
        yield run, own


def is_comparable(run: Trajectory) -> bool:
    """Did the agent see the goal, and are the results of its acts there, which make the prompt of later ones?"""
    return run.goal_seen and not run.lacks_results


def _key(run: Trajectory) -> bytes:
    """The same for runs of one task that had the same goal, tools, system prompt and first observation."""
    tools = "\0".join(tool.model_dump_json() for tool in run.tools)
    key = "\0".join([run.template, task(run), run.goal, run.system or "", run.start or "", tools])
    return hashlib.sha256(key.encode()).digest()[:16]

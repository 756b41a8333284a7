"""On which side of the split a record of a merged set is: what any source holds out stays held out, with all that is of
one task with it, whatever each source called its groups.
"""

from collections.abc import Container

from agenther.exchange.pile import Key, Pile
from agenther.exchange.records import Failed, Triplet, runs_of
from agenther.lessons.records import Lesson
from agenther.packagers.base import TEST, TRAIN
from agenther.packagers.selection.sameness import of_goal
from agenther.records import Record

DIVIDED = "its runs stand on both sides of the split"


class Sides:
    """Of a merged set, without what is set aside."""

    def __init__(self, found: Pile, aside: Container[Key]) -> None:
        self._above: dict[str, str] = {}
        self._held_out: set[str] = set()
        self._split: dict[Key, str] = {}
        for key, origins in found.origins().items():
            self._split[key] = TEST if TEST in {origin.split for origin in origins} else TRAIN
        for stray in found.strays:
            self._split.setdefault(stray.key, stray.split)
        held_out: list[str] = []
        for key, record in found.all():
            if key in aside or isinstance(record, Lesson):
                continue
            for one, other in _ties(record):
                self._join(one, other)
            if self._split[key] == TEST:
                held_out.extend(one for one, _ in _ties(record))
        self._held_out = {self._root(one) for one in held_out}

    def why_not(self, record: Record) -> str:
        """Why a record can stand on neither side; "" where it can."""
        if not isinstance(record, Triplet):
            return ""
        return DIVIDED if len({self._of_run(run) for run in record.run_ids}) > 1 else ""

    def of(self, key: Key, record: Record) -> str:
        if isinstance(record, Lesson) and self._split.get(key) == TEST:
            return TEST
        return TEST if TEST in {self._of_run(run) for run in runs_of(record)} else TRAIN

    def _of_run(self, run: str) -> str:
        return TEST if self._root(f"run:{run}") in self._held_out else TRAIN

    def _join(self, one: str, other: str) -> None:
        first, last = sorted((self._root(one), self._root(other)))
        if first != last:
            self._above[last] = first

    def _root(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            self._above[name] = name = self._above.get(above, above)
        return name


def _ties(record: Record) -> list[tuple[str, str]]:
    """(run, what it shares with others) for each run of a record."""
    match record:
        case Failed():
            run = f"run:{record.run_id}"
            task = [(run, f"task:{record.benchmark}/{record.task_id}")] if record.task_id else []
            return [(run, f"group:{record.group}"), (run, f"goal:{of_goal(record.goal)}"), *task]
        case Triplet():
            groups = (record.group, record.positive_group, record.negative_group)
            return [(f"run:{run}", f"group:{group}") for run, group in zip(record.run_ids, groups, strict=True)]
    return []

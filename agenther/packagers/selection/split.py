"""Which side of the split a row is on.

Runs of one task never stand on both sides, nor does one goal under different tasks, nor the same opening: the first act
that serves a goal, with what it brought. Whatever shares one of these is one group. Only samples that are kept join
groups by their goal or opening, since a copy that is left out can give nothing away.

A group is on the side that the hash of its name says, whatever else there is, so that sides stay when logs are added.
No such rule can promise test rows to a small input: for every ten groups to hold a test group, all but nine of all
groups would have to be test groups. So from `FEW` groups on, where no hash lies below the bar, the bar is raised to the
lowest one. More groups only ever lower it again: what is in train stays there, and a model that was trained on an older
dataset has seen nothing of a newer test split. This does not hold for an input that only now reaches `FEW` groups, nor
for groups that an added log joins.

Over rounds it always holds: what earlier rounds had on a side stays there, and what would join both sides is left out.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from agenther.packagers.base import SPLITS, TEST, TRAIN
from agenther.packagers.selection.choices import SplitBy
from agenther.packagers.selection.sameness import digest, of_goal, of_opening
from agenther.records import Sample, Trajectory

TEST_SHARE = 0.1
FEW = 10
"""From this number of groups on there are test rows."""

Item = Sample | Trajectory
LAST = ("task:", "goal:", "opening:")
"""The keys by which a joined group is called last: it bears the name of a template, site or set of tools, if any."""


def group(item: Item) -> str:
    """What must stay together: the task's template, else the task, else all runs of the same original goal."""
    return f"template:{item.template}" if item.template else task(item)


def task(item: Item) -> str:
    """The task, else what stands for it where the log names none: the original goal."""
    return f"task:{item.benchmark}/{item.task_id}" if item.task_id else _original_goal(item)


class Groups:
    """The group of each run and sample. All are to be joined first: each may join what seemed to be two groups."""

    def __init__(self, by: SplitBy, held: Mapping[str, str] = MappingProxyType({})) -> None:
        """`held` is what `sides` told of earlier rounds: the split of each key, by its hash."""
        self.shared = {SplitBy.TEMPLATE: group, SplitBy.TASK: task, SplitBy.SITE: _site, SplitBy.TOOLS: _tools}[by]
        self.held = held
        self.joined: dict[str, str] = {}
        """Of each key the one under which it is called; of that one itself."""
        self.fixed: dict[str, str] = {}
        """The side of the groups that earlier rounds had, by name, also of a name that such a group bore before."""
        self.below = TEST_SHARE

    def join(self, item: Item) -> bool:
        """Takes it in; False, and nothing is joined, where it would join groups that are held on different sides."""
        roots = {self._root(key) for key in (self.shared(item), *_keys(item))}
        sides = {held for root in roots if (held := self._held(root))}
        if len(sides) > 1:
            return False
        first = min(roots, key=_rank)
        self.joined.update(dict.fromkeys(roots, first))
        self.fixed.update(dict.fromkeys([first], sides.pop()) if sides else {})
        return True

    def __call__(self, item: Item) -> str:
        """Its name."""
        return self._root(self.shared(item))

    def raise_bar(self, names: Iterable[str]) -> None:
        """To be told the groups that have rows, once all are joined: of many, one at least is to be a test group."""
        self.below = bar(names, self.fixed)

    def side(self, name: str) -> str:
        """The split of a group: that of earlier rounds, else as its hash says."""
        return self.fixed.get(name) or side(name, self.below)

    def sides(self) -> dict[str, list[str]]:
        """By split, the hashes of all keys, for rounds to come."""
        found: dict[str, list[str]] = {split: [] for split in SPLITS}
        for key in self.joined:
            found[self.side(self._root(key))].append(digest(key))
        return {split: sorted(keys) for split, keys in found.items()}

    def _root(self, key: str) -> str:
        while (above := self.joined.get(key, key)) != key:
            self.joined[key] = key = self.joined[above]
        return key

    def _held(self, root: str) -> str | None:
        return self.fixed.get(root) or (self.held.get(digest(root)) if self.held else None)


def _keys(item: Item) -> Iterator[str]:
    """What no two groups may share."""
    yield task(item)
    yield _original_goal(item)
    if isinstance(item, Sample):
        yield f"goal:{of_goal(item.goal)}"
        if opening := of_opening(item):
            yield f"opening:{opening}"


def _original_goal(item: Item) -> str:
    return f"goal:{of_goal(item.original_goal if isinstance(item, Sample) else item.goal)}"


def _rank(key: str) -> tuple[int, str]:
    return next((n for n, prefix in enumerate(LAST, 1) if key.startswith(prefix)), 0), key


def _site(item: Item) -> str:
    return f"site:{item.benchmark}/{item.domain}" if item.domain else task(item)


def _tools(item: Item) -> str:
    names = sorted({tool.name for tool in item.tools})
    return f"tools:{digest(*names)}" if names else task(item)


def bar(groups: Iterable[str], fixed: Mapping[str, str] = MappingProxyType({})) -> float:
    """The share below which a group is a test group: `TEST_SHARE`, or just enough for one of many groups.

    Those whose side is `fixed` follow no bar, but one of them may be the test group that there is to be.
    """
    names = {*groups}
    lowest = min((share(key) for key in names - fixed.keys()), default=0.0)
    has_none = TEST not in {fixed.get(name) for name in names}
    return math.nextafter(lowest, 1) if len(names) >= FEW and has_none and lowest >= TEST_SHARE else TEST_SHARE


def side(key: str, below: float = TEST_SHARE) -> str:
    """The split of a group, "train" or "test": the same on every machine and, at the same bar, in every batch."""
    return TEST if share(key) < below else TRAIN


def share(key: str) -> float:
    """A number from 0 to 1 that is the same for the same key, and evenly spread over many."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64

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
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator

from agenther.packagers.base import TEST, TRAIN
from agenther.packagers.selection.choices import SplitBy
from agenther.packagers.selection.sameness import digest, of_goal, of_opening
from agenther.records import Sample, Trajectory

TEST_SHARE = 0.1
FEW = 10
"""From this number of groups on there are test rows."""

Item = Sample | Trajectory
Group = Callable[[Item], str]
LAST = ("task:", "goal:", "opening:")
"""The keys by which a joined group is called last: it bears the name of a template, site or set of tools, if any."""


def group(item: Item) -> str:
    """What must stay together: the task's template, else the task, else all runs of the same original goal."""
    return f"template:{item.template}" if item.template else task(item)


def task(item: Item) -> str:
    """The task, else what stands for it where the log names none: the original goal."""
    return f"task:{item.benchmark}/{item.task_id}" if item.task_id else _original_goal(item)


def grouping(items: Iterable[Item], by: SplitBy) -> Group:
    """The group of each run and sample. All of them are looked at, since each may join what seemed to be two groups."""
    shared = {SplitBy.TEMPLATE: group, SplitBy.TASK: task, SplitBy.SITE: _site, SplitBy.TOOLS: _tools}[by]
    joined: dict[str, str] = {}
    for item in items:
        for key in _keys(item):
            one, other = sorted((_root(joined, shared(item)), _root(joined, key)), key=_rank)
            if one != other:
                joined[other] = one
    return lambda item: _root(joined, shared(item))


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


def _root(joined: dict[str, str], key: str) -> str:
    while (above := joined.get(key, key)) != key:
        joined[key] = key = joined.get(above, above)
    return key


def _site(item: Item) -> str:
    return f"site:{item.benchmark}/{item.domain}" if item.domain else task(item)


def _tools(item: Item) -> str:
    names = sorted({tool.name for tool in item.tools})
    return f"tools:{digest(*names)}" if names else task(item)


def bar(groups: Iterable[str]) -> float:
    """The share below which a group is a test group: `TEST_SHARE`, or just enough for one of many groups."""
    shares = {share(key) for key in groups}
    lowest = min(shares, default=0.0)
    return math.nextafter(lowest, 1) if len(shares) >= FEW and lowest >= TEST_SHARE else TEST_SHARE


def side(key: str, below: float = TEST_SHARE) -> str:
    """The split of a group, "train" or "test": the same on every machine and, at the same bar, in every batch."""
    return TEST if share(key) < below else TRAIN


def share(key: str) -> float:
    """A number from 0 to 1 that is the same for the same key, and evenly spread over many."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64

"""Which samples go into the datasets, and how much each counts: decided once, over the whole batch.

Of samples with one and the same goal the best is kept, and of exact copies, such as those of a run that was read from
two files, the first. Of each sample some hashes and numbers are held, no text.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from statistics import fmean
from typing import NamedTuple, Protocol, TypeVar

from agenther.packagers.base import KEPT, Batch, LeftOut, Pick, Refutes, nothing_proved
from agenther.packagers.selection.choices import Choices, Thoughts
from agenther.packagers.selection.kept_goals import kept_goals
from agenther.packagers.selection.sameness import SAME_PAIR, digest, of_goal, of_pair, reaches
from agenther.packagers.selection.split import bar, grouping, side
from agenther.packagers.selection.successes import successes
from agenther.packagers.selection.weights import efficiency, merit, weight
from agenther.records import Judged, Kept, Sample, Trajectory

SAME_GOAL = "the same goal as"
HELD_OUT = "the task is held out"
TOO_MANY = "there are better ones of its goal type (--max-per-type)"

Runs = Callable[[], Iterator[Trajectory]]
KeptOnes = Callable[[], Iterator[Kept]]
Told = TypeVar("Told", Sample, Trajectory)


class Samples(Protocol):
    def __call__(self, ids: Container[str] | None = None) -> Iterator[Sample]:
        """All of them, or at the least those with these ids."""
        ...


class Known(NamedTuple):
    """What a run folder tells of its runs beside their samples."""

    decisive: Mapping[str, int] = {}
    """As in `Batch`."""
    judged: Callable[[], Iterator[Judged]] = lambda: iter(())
    """The proposals, in the order of the runs."""
    refutes: Refutes = nothing_proved
    """As in `Batch`."""


NOTHING_MORE = Known()


class Selection(NamedTuple):
    batch: Batch
    left_out: list[LeftOut]
    """Samples that no format has."""
    kinds: Counter[str]
    """Samples by goal type."""
    choices: Choices
    side: Callable[[str], str]
    """The split of a group."""


class _Kept(NamedTuple):
    """What is held of a sample."""

    merit: float
    id: str
    kind: str
    efficiency: float


def select(
    samples: Samples,
    runs: Runs,
    choices: Choices,
    kept_ones: KeptOnes = lambda: iter(()),
    known: Known = NOTHING_MORE,
) -> Selection:
    """Everything is read once here, and again each time that the batch is read."""

    def all_runs() -> Iterator[Trajectory]:
        return (_told(run, choices) for run in runs() if not is_held_out(run, choices.holdout))

    def all_samples(ids: Container[str] | None = None) -> Iterator[Sample]:
        own = successes(runs()) if choices.with_successes else ()
        return chain(samples(ids), own, kept_goals(runs(), kept_ones()))

    reached: set[int] = set()
    kept, left_out = _weighed(_noted(all_samples(), reached), choices)
    ids = {one.id for one in kept}
    means = {
        is_kept: fmean([one.efficiency for one in kept if (one.kind == KEPT) == is_kept] or [0.0])
        for is_kept in (True, False)
    }

    def kept_samples() -> Iterator[Sample]:
        return (_told(sample, choices) for sample in all_samples(ids) if sample.id in ids)

    group = grouping(chain(all_runs(), kept_samples()), choices.split_by)
    of_group = partial(side, below=bar(map(group, kept_samples())))

    def picks() -> Iterator[Pick]:
        for sample in kept_samples():
            key = group(sample)
            yield Pick(sample, key, weight(sample, means[sample.kind == KEPT]), of_group(key))

    def is_expert(run: Trajectory) -> bool:
        return any(fnmatchcase(run.source.path, pattern) for pattern in choices.experts)

    kinds = Counter(one.kind for one in kept)
    batch = Batch(
        picks,
        all_runs,
        group,
        known.decisive,
        partial(_refused, runs, known.judged, choices.holdout),
        reached,
        known.refutes,
        is_expert,
    )
    return Selection(batch, left_out, kinds, choices, of_group)


def _refused(runs: Runs, judged: Callable[[], Iterator[Judged]], holdout: frozenset[str]) -> Iterator[Judged]:
    """The proposals that were not accepted, but for those of tasks that are held out."""
    refused = (one for one in judged() if not one.accepted)
    one = next(refused, None)
    for run in runs() if one else ():
        while one and one.run_id == run.id:
            if not is_held_out(run, holdout):
                yield one
            one = next(refused, None)


def _noted(samples: Iterable[Sample], reached: set[int]) -> Iterator[Sample]:
    """The samples, while what each reaches is noted."""
    for sample in samples:
        reached.add(reaches(sample.run_id, sample.goal))
        yield sample


def _weighed(samples: Iterable[Sample], choices: Choices) -> tuple[list[_Kept], list[LeftOut]]:
    best: dict[str, _Kept] = {}
    pairs: dict[str, str] = {}
    beaten: list[tuple[str, str]] = []
    left_out: list[LeftOut] = []
    for sample in samples:
        pair, goal = of_pair(sample), _goal(sample)
        one = _Kept(merit(sample), sample.id, sample.kind, efficiency(sample))
        other = best.get(goal)
        if is_held_out(sample, choices.holdout):
            left_out.append(LeftOut(sample.id, HELD_OUT))
        elif (same := pairs.setdefault(pair, sample.id)) != sample.id:
            left_out.append(LeftOut(sample.id, SAME_PAIR, same))
        elif other and one.merit <= other.merit:
            beaten.append((sample.id, goal))
        else:
            if other:
                beaten.append((other.id, goal))
            best[goal] = one
    left_out.extend(LeftOut(loser, SAME_GOAL, best[goal].id) for loser, goal in beaten)
    kept, too_many = _capped(best.values(), choices.max_per_type)
    return kept, [*left_out, *too_many]


def _capped(kept: Iterable[_Kept], most: int | None) -> tuple[list[_Kept], list[LeftOut]]:
    """The best `most` of each goal type."""
    by_kind: defaultdict[str, list[_Kept]] = defaultdict(list)
    for one in kept:
        by_kind[one.kind].append(one)
    if most is not None:
        for ones in by_kind.values():
            ones.sort(key=lambda one: -one.merit)
    capped = [one for ones in by_kind.values() for one in ones[:most]]
    others = [one for ones in by_kind.values() for one in ones[most:]] if most is not None else []
    return capped, [LeftOut(one.id, TOO_MANY) for one in others]


def is_held_out(item: Sample | Trajectory, holdout: frozenset[str]) -> bool:
    """Is its task on the list: by id, by "benchmark/id", by template or by its original goal?"""
    if not holdout:
        return False
    goal = item.original_goal if isinstance(item, Sample) else item.goal
    names = {item.task_id, f"{item.benchmark}/{item.task_id}", item.template, " ".join(goal.split())}
    return not holdout.isdisjoint(names - {""})


def _told(item: Told, choices: Choices) -> Told:
    """With its thoughts, or without them where they are to be dropped."""
    if choices.thoughts is not Thoughts.DROP:
        return item
    return item.model_copy(update={"steps": tuple(step.model_copy(update={"thought": None}) for step in item.steps)})


def _goal(sample: Sample) -> str:
    """The same goal on another site is another one to learn from, and so is each run that missed it."""
    if sample.kind == KEPT:
        return digest(KEPT, sample.id)
    return digest(sample.benchmark, sample.domain, of_goal(sample.goal))

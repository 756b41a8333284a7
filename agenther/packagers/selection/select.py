"""Which samples go into the datasets, and how much each counts: decided once, over the whole batch.

Of samples with one and the same goal the best is kept, and of exact copies, such as those of a run that was read from
two files, the first. Of several rounds, the relabels of a task in earlier ones make room for those in later ones. Of
each sample some hashes and numbers are held, no text.
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
from agenther.packagers.selection.past import NOTHING, Past
from agenther.packagers.selection.sameness import SAME_PAIR, digest, of_pair, of_task, reaches
from agenther.packagers.selection.split import Groups, task
from agenther.packagers.selection.successes import KIND, successes
from agenther.packagers.selection.weights import efficiency, merit, weight
from agenther.records import Judged, Kept, Sample, Trajectory

SAME_GOAL = "the same goal as"
HELD_OUT = "the task is held out"
TOO_MANY = "there are better ones of its goal type (--max-per-type)"
OLDER = "it makes room for those of its task in later rounds (--per-task)"
BETWEEN = "it belongs with train and with test rows of earlier rounds"

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
    past: Past = NOTHING


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
    sides: Callable[[], dict[str, list[str]]] = dict
    """What later rounds have to hold to; as `Groups.sides`."""


class _Kept(NamedTuple):
    """What is held of a sample."""

    merit: float
    id: str
    kind: str
    efficiency: float
    round: int
    """0 is the oldest one."""
    task: str


def select(
    samples: Samples,
    runs: Runs,
    choices: Choices,
    kept_ones: KeptOnes = lambda: iter(()),
    known: Known = NOTHING_MORE,
) -> Selection:
    """Everything is read once here, and again each time the batch is read; what earlier rounds have comes first."""
    between: set[str] = set()

    def is_out(run: Trajectory) -> bool:
        return run.id in between or is_held_out(run, choices.holdout)

    def all_runs() -> Iterator[Trajectory]:
        return (_told(run, choices) for run in runs() if not is_out(run))

    def all_samples(ids: Container[str] | None = None) -> Iterator[Sample]:
        own = successes(runs()) if choices.with_successes else ()
        return chain(samples(ids), own, kept_goals(runs(), kept_ones()))

    reached: set[int] = set()
    kept, left_out = _weighed(_noted(all_samples(), reached), choices, known.past)
    ids = {one.id for one in kept}

    def kept_samples() -> Iterator[Sample]:
        return (_told(sample, choices) for sample in all_samples(ids) if sample.id in ids)

    groups = Groups(choices.split_by, known.past.sides)
    between.update([run.id for run in all_runs() if not groups.join(run)])
    astray = {sample.id for sample in kept_samples() if not groups.join(sample)}
    ids -= astray
    left_out += [LeftOut(one.id, BETWEEN) for one in kept if one.id in astray]
    groups.raise_bar(map(groups, kept_samples()))
    means = {
        is_kept: fmean([one.efficiency for one in kept if one.id in ids and (one.kind == KEPT) == is_kept] or [0.0])
        for is_kept in (True, False)
    }

    def picks() -> Iterator[Pick]:
        for sample in kept_samples():
            key = groups(sample)
            yield Pick(sample, key, weight(sample, means[sample.kind == KEPT]), groups.side(key))

    def is_expert(run: Trajectory) -> bool:
        return any(fnmatchcase(run.source.path, pattern) for pattern in choices.experts)

    kinds = Counter(one.kind for one in kept if one.id in ids)
    batch = Batch(
        picks,
        all_runs,
        groups,
        known.decisive,
        partial(_refused, runs, known.judged, is_out),
        reached,
        known.refutes,
        is_expert,
    )
    return Selection(batch, left_out, kinds, choices, groups.side, groups.sides)


def _refused(
    runs: Runs, judged: Callable[[], Iterator[Judged]], is_out: Callable[[Trajectory], bool]
) -> Iterator[Judged]:
    """The proposals that were not accepted, but for those of runs that are left out and those of known goals."""
    refused = (one for one in judged() if not (one.accepted or one.known))
    one = next(refused, None)
    for run in runs() if one else ():
        while one and one.run_id == run.id:
            if not is_out(run):
                yield one
            one = next(refused, None)


def _noted(samples: Iterable[Sample], reached: set[int]) -> Iterator[Sample]:
    """The samples, while what each reaches is noted."""
    for sample in samples:
        reached.add(reaches(sample.run_id, sample.goal))
        yield sample


def _weighed(samples: Iterable[Sample], choices: Choices, past: Past) -> tuple[list[_Kept], list[LeftOut]]:
    best: dict[str, _Kept] = {}
    pairs: dict[str, str] = {}
    beaten: list[tuple[str, str]] = []
    left_out: list[LeftOut] = []
    for sample in samples:
        pair, goal = of_pair(sample), _goal(sample)
        of_round, of_its_task = past.round_of(sample.run_id), digest(task(sample))
        one = _Kept(merit(sample), sample.id, sample.kind, efficiency(sample), of_round, of_its_task)
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
    older = _older(best.values(), choices.per_task)
    left_out.extend(LeftOut(one.id, OLDER) for one in best.values() if one.id in older)
    kept, too_many = _capped([one for one in best.values() if one.id not in older], choices.max_per_type)
    return kept, [*left_out, *too_many]


def _older(kept: Iterable[_Kept], most: int) -> set[str]:
    """The ids of relabels that make room, so that of each task those of its last round stand, and of the older ones as
    many as make `most` with them: the latest, and of these the best.
    """
    tasks: defaultdict[str, list[_Kept]] = defaultdict(list)
    for one in kept:
        if one.kind not in {KEPT, KIND}:
            tasks[one.task].append(one)
    older: set[str] = set()
    for ones in tasks.values():
        ones.sort(key=lambda one: (-one.round, -one.merit))
        older.update(one.id for one in ones[most:] if one.round < ones[0].round)
    return older


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
    """What of one and the same there is to be one only. Each run that missed a goal is one to learn from."""
    return digest(KEPT, sample.id) if sample.kind == KEPT else of_task(sample.benchmark, sample.domain, sample.goal)

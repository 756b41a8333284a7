"""Candidates for lessons that say the same, and are joined."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import filterfalse
from typing import NamedTuple

from agenther.lessons.abstract import abstract, habit, is_dead_end
from agenther.lessons.alike import alike
from agenther.lessons.changes import Change, How
from agenther.lessons.gather import Gathered
from agenther.lessons.group import Group, Key
from agenther.lessons.occasion import api
from agenther.lessons.records import Lesson

SHAPES = 3
"""That a lesson tells of one argument."""


class Candidate(NamedTuple):
    lesson: Lesson
    group: Group


def near(candidates: Iterable[Candidate]) -> Iterator[tuple[Key, list[Candidate]]]:
    """Those that say the same of errors in nearly the same words; of shapes that never worked, several are one."""
    buckets: defaultdict[tuple[object, ...], list[Candidate]] = defaultdict(list)
    for one in candidates:
        signature, changes = one.group.key
        phrase = signature.error.partition(" #")[0]
        rough = tuple(change.model_copy(update={"before": ""}) if _is_shape(change) else change for change in changes)
        buckets[signature.kind, signature.tool, signature.site, phrase, rough].append(one)
    for bucket in buckets.values():
        for cluster in alike(bucket, [one.group.words for one in bucket]):
            first = cluster[0].group.key
            several = zip(*(one.group.key.changes for one in cluster), strict=True)
            yield first._replace(changes=tuple(map(_together, several))), cluster


def _is_shape(change: Change) -> bool:
    return change.how == How.MISSHAPEN


def _together(several: tuple[Change, ...]) -> Change:
    """One that tells a few of the shapes of all."""
    shapes = sorted({change.before for change in several})[:SHAPES]
    return several[0].model_copy(update={"before": " or ".join(shapes)})


def is_open(key: Key) -> bool:
    """Was something never overcome, and no more is known of it than what the error speaks of?"""
    return is_dead_end(key) or any(change.how == How.BLAMED for change in key.changes)


def _is_of_api(one: Candidate) -> bool:
    return is_open(one.group.key) and not one.group.namesake and bool(api(one.group.key.signature.tool))


def by_api(candidates: Iterable[Candidate]) -> Iterator[tuple[Key, list[Candidate]]]:
    """Of several tools of one API, what was never overcome, with errors in nearly the same words."""
    found: defaultdict[tuple[str, str, tuple[Change, ...]], list[Candidate]] = defaultdict(list)
    for one in filter(_is_of_api, candidates):
        signature, changes = one.group.key
        found[api(signature.tool), signature.error.partition(" #")[0], changes].append(one)
    for (name, *_), bucket in found.items():
        for cluster in alike(bucket, [one.group.words for one in bucket]):
            first = cluster[0].group.key
            general = first.signature.model_copy(update={"tool": "", "domain": name})
            yield first._replace(signature=general) if len(cluster) > 1 else first, cluster


def by_habit(candidates: Iterable[Candidate]) -> Iterator[tuple[Key, list[Candidate]]]:
    """Those that one run shows of each of several tools, and that are a habit of agents and no matter of the tool."""
    found: defaultdict[Key, list[Candidate]] = defaultdict(list)
    for one in filterfalse(_is_of_api, candidates):
        found[habit(one.group.key) if one.lesson.is_marked else one.group.key].append(one)
    return ((key if len(cluster) > 1 else cluster[0].group.key, cluster) for key, cluster in found.items())


def by_kind(candidates: Iterable[Candidate], gathered: Gathered) -> dict[Key, list[Candidate]]:
    """Those that say the same when names are generalised."""
    found: defaultdict[Key, list[Candidate]] = defaultdict(list)
    for one in candidates:
        usual = [gathered.usual(one.group.key.signature.tool, change) for change in one.group.key.changes]
        found[abstract(one.group.key, usual)].append(one)
    return found

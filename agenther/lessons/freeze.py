"""From what many runs have in common to lessons: held against successes, joined, written and measured."""

from collections.abc import Iterable, Iterator
from itertools import chain
from math import log2
from typing import NamedTuple

from agenther.lessons import write
from agenther.lessons.abstract import is_abstract
from agenther.lessons.changes import How
from agenther.lessons.cluster import Candidate, by_api, by_habit, by_kind, is_open, near
from agenther.lessons.errors import short
from agenther.lessons.gather import Gathered
from agenther.lessons.group import Group, Key
from agenther.lessons.moments import expiry
from agenther.lessons.records import FEW, Choices, Counts, Dropped, Kind, Lesson, When, Why, named
from agenther.lessons.safe import fault
from agenther.records import RULES


class Frozen(NamedTuple):
    """What came of some runs."""

    kept: tuple[Lesson, ...]
    """The best first."""
    dropped: tuple[Dropped, ...]
    counts: Counts


def frozen(gathered: Gathered, choices: Choices) -> Frozen:
    """Lessons and what is none, in an order that does not depend on that of the runs."""
    dropped: list[Dropped] = []
    for group in gathered.groups.values():
        gathered.look_at(group)
    everything = _sorted(Candidate(_lesson(group, gathered), group) for group in gathered.groups.values())
    sound = [one for one in everything if _keeps(one, gathered, dropped)]
    joined = _sorted(_joined(cluster, key, gathered, dropped) for key, cluster in near(sound))
    chosen = list(_chosen(joined, dropped))
    found = [_joined(cluster, key, gathered, dropped) for key, cluster in chain(by_api(chosen), by_habit(chosen))]
    if choices.abstract:
        found = [_joined(cluster, key, gathered, dropped) for key, cluster in by_kind(found, gathered).items()]
    found = [one for one in found if _is_sound(one.lesson, dropped) and _is_enough(one, dropped)]
    merged = sum(one.why == Why.MERGED for one in dropped)
    counts = Counts(
        runs=len(gathered.runs),
        failures=gathered.failures,
        candidates=len(everything),
        kept=len(found),
        merged=merged,
        dropped=len(dropped) - merged,
    )
    kept = sorted((one.lesson for one in found), key=_rank)
    return Frozen(tuple(kept), tuple(sorted(dropped, key=lambda one: (one.why, str(one)))), counts)


def _sorted(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those on most runs first."""
    return sorted(candidates, key=lambda one: (-one.lesson.runs, one.lesson.id, str(one.group.key)))


def _lesson(group: Group, gathered: Gathered) -> Lesson:
    signature = group.key.signature
    wrong, instead = write.wrong(group), write.instead(group, gathered)
    days = sorted(group.days)
    return Lesson(
        id=named(signature, wrong, instead),
        when=When(
            signature=signature,
            tools=(signature.tool,) if signature.tool else (),
            sites=(signature.site,) if signature.site else (),
            templates=tuple(sorted(group.templates)),
        ),
        wrong=wrong,
        instead=instead,
        failures=tuple(chain.from_iterable(one.failures for one in group.shown)),
        successes=tuple(chain.from_iterable(one.successes for one in group.shown)),
        run_ids=tuple(sorted(group.runs)),
        agents=tuple(sorted(group.agents)),
        decisive=len(group.decisive),
        against=gathered.against(group),
        prevents=_prevents(group, gathered),
        surprise=_surprise(group, gathered),
        first_seen=days[0] if days else "",
        last_seen=days[-1] if days else "",
        expires=expiry(days[-1]) if days else "",
        by=short("model", gathered.by) if signature.kind == Kind.TOLD else RULES,
    )


def _prevents(group: Group, gathered: Gathered) -> float:
    """The share of failed runs that it matches, each set aside with all runs of its task: it has to be known from
    another task.
    """
    is_learned = len(group.tasks) > 1
    return round(len(group.failing) / gathered.failures, 4) if is_learned and gathered.failures else 0.0


def _surprise(group: Group, gathered: Gathered) -> float:
    among = gathered.calling[group.key.signature.tool or group.key.signature.site]
    return round(max(0.0, log2(among / len(group.runs))), 2) if among else 0.0


def _keeps(candidate: Candidate, gathered: Gathered, dropped: list[Dropped]) -> bool:
    lesson, group = candidate
    if not _is_sound(lesson, dropped):
        return False
    why = None if gathered.is_shown(group) else Why.UNPROVED
    if why is None and not gathered.is_enough(group):
        why = Why.TOO_LITTLE
    if why is None and lesson.against >= _enough_against(group):
        why = Why.CONTRADICTED
    if why:
        dropped.append(Dropped(lesson=lesson, why=why))
    return why is None


def _is_sound(lesson: Lesson, dropped: list[Dropped]) -> bool:
    """May it be told? Looked at before anything is joined, and after."""
    why = fault(lesson)
    if why:
        dropped.append(Dropped(lesson=lesson, why=why))
    return why is None


def _is_enough(candidate: Candidate, dropped: list[Dropped]) -> bool:
    """Do enough runs show what has no cause, though nothing speaks against what the calls were given? Or that agents go
    round, which one may do by itself?
    """
    lesson, group = candidate
    is_round = group.key.signature.kind in {Kind.LOOP, Kind.LOST}
    behind = group.runs if group.key.changes or is_round else group.trying
    is_enough = not (is_round or is_open(group.key)) or bool(group.namesake) or len(behind) >= FEW
    if not is_enough:
        dropped.append(Dropped(lesson=lesson, why=Why.TOO_LITTLE))
    return is_enough


def _enough_against(group: Group) -> int:
    """Runs in which it went well that are enough: of what names a cause one, of the rest as many as failed."""
    return 1 if group.key.changes else max(1, len(group.failing))


def _joined(cluster: list[Candidate], key: Key, gathered: Gathered, dropped: list[Dropped]) -> Candidate:
    """One, on what all of them stand."""
    first = cluster[0]
    if len(cluster) == 1 and key == first.group.key:
        return first
    group = Group(key)
    for one in cluster:
        group.join(one.group)
    if is_abstract(key):
        group.sources, group.namesake = set(), ""
    lesson = _lesson(group, gathered)
    others = {str(one.group.key.signature): one.group.key.signature for one in cluster}
    when = {
        "others": tuple(others[name] for name in sorted(others) if others[name] != key.signature),
        "tools": lesson.when.tools or tuple(sorted({tool for one in cluster for tool in one.lesson.when.tools})),
    }
    measured = {
        "against": max(one.lesson.against for one in cluster),
        "surprise": min(one.lesson.surprise for one in cluster),
    }
    lesson = lesson.model_copy(update={"when": lesson.when.model_copy(update=when), **measured})
    dropped += [Dropped(lesson=one.lesson, why=Why.MERGED, into=lesson.id) for one in cluster[1:]]
    return Candidate(lesson, group)


def _chosen(candidates: Iterable[Candidate], dropped: list[Dropped]) -> Iterator[Candidate]:
    """Of several ways out of one situation the one that most runs took, and any other on which enough runs stand. What
    has a cause, or was overcome by some, is no dead end.
    """
    best: dict[tuple[str, str], str] = {}
    for one in sorted(candidates, key=lambda one: _worth(one.group.key)):
        signature = one.group.key.signature
        if signature.kind == Kind.TOLD:
            yield one
            continue
        situation = (signature.tool, signature.error) if signature.error and signature.tool else (str(signature), "")
        first = best.setdefault(situation, one.lesson.id)
        is_way_out = signature.kind == Kind.REPAIRED
        if first == one.lesson.id or (is_way_out and one.lesson.runs >= FEW):
            yield one
        else:
            why = Why.OUTWEIGHED if is_way_out else Why.MERGED
            dropped.append(Dropped(lesson=one.lesson, why=why, into=first))


def _worth(key: Key) -> int:
    """The best first: what was overcome, what has a cause, what neither."""
    if key.signature.kind == Kind.REPAIRED:
        return 0
    return min((_WORTH.get(change.how, 2) for change in key.changes), default=4)


_WORTH = {How.MISSHAPEN: 1, How.BLAMED: 3}


def _rank(lesson: Lesson) -> tuple[bool, float, bool, int, str]:
    """By what it would have prevented, weighed by how surprising it is, how often it may have been decisive and whether
    it knows what worked, and only then by how many runs it stands on.
    """
    weight = (1 + lesson.surprise) * (1 + lesson.decisive / lesson.runs) * (1 + bool(lesson.successes))
    return lesson.is_marked, -lesson.prevents * weight, not lesson.successes, -lesson.runs, lesson.id

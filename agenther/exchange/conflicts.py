"""Records of a merged set that contradict each other. Both are kept; who reads them is told.

Whether two lessons of one situation say the opposite is told by what each warns of and what it advises, not by phrases.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterator
from functools import cache, lru_cache

from agenther.exchange.pile import Key, Pile
from agenther.exchange.records import Failed, Triplet
from agenther.lessons.records import Lesson
from agenther.records import Record
from agenther.text.lexicon import table

_TOKEN = re.compile(r"[\w#]+(?:['’.:/-][\w#]+)*")
CONTENT, LABELS = "the same id, and other content", "labels that contradict each other"


class Conflict(Record):
    """Records that cannot all be right."""

    config: str
    id: str
    """Of the run or the lesson."""
    why: str
    records: tuple[str, ...]
    """By name, sorted."""


def conflicts(found: Pile, aside: Container[Key] = ()) -> Iterator[Conflict]:
    """All between records that are not set aside, in an order of their own.

    A lesson that stands on other runs elsewhere says the same, and is none.
    """
    said: defaultdict[tuple[str, str], dict[Key, object]] = defaultdict(dict)
    ended: defaultdict[str, defaultdict[str, set[Key]]] = defaultdict(lambda: defaultdict(set))
    for key, record in found.all():
        if key in aside:
            continue
        match record:
            case Failed():
                said[key.config, record.run_id][key] = key.digest
            case Lesson():
                said[key.config, record.id][key] = (record.when, record.wrong, record.instead)
        for run, outcome in outcomes(record).items():
            ended[run][outcome].add(key)
    for (config, name), ones in sorted(said.items()):
        if len(set(ones.values())) > 1:
            yield Conflict(config=config, id=name, why=CONTENT, records=tuple(sorted(key.digest for key in ones)))
    for run, claims in sorted(ended.items()):
        if len(claims) > 1:
            names = {key.digest for keys in claims.values() for key in keys}
            yield Conflict(config="failures", id=run, why=LABELS, records=tuple(sorted(names)))


def outcomes(record: object) -> dict[str, str]:
    """How a record says that runs ended."""
    match record:
        case Failed(outcome="failed" | "succeeded"):
            return {record.run_id: record.outcome}
        case Triplet():
            return record.outcomes()
    return {}


def situation(lesson: Lesson) -> tuple[str, str, str]:
    """Lessons of other situations say nothing of each other."""
    signature = lesson.when.signature
    return signature.tool, signature.error, signature.site


def are_opposite(one: Lesson, other: Lesson) -> bool:
    """Does each advise what the other warns of, or is one the other's sentence but for a negation?

    Of what tells the two apart, at least half has to change sides, in both.
    """
    if situation(one) != situation(other):
        return False
    wrong, instead = _tokens(one.wrong), _tokens(one.instead)
    wrong_too, instead_too = _tokens(other.wrong), _tokens(other.instead)
    if _is_negated(wrong, wrong_too) != _is_negated(instead, instead_too):
        return True
    advised, advised_too = instead - instead_too, instead_too - instead
    warned, warned_too = wrong - wrong_too, wrong_too - wrong
    return _is_most(advised & warned_too, advised) and _is_most(advised_too & warned, advised_too)


def _is_most(part: frozenset[str], of: frozenset[str]) -> bool:
    return bool(of) and 2 * len(part) >= len(of)


def _is_negated(one: frozenset[str], other: frozenset[str]) -> bool:
    """Do they differ in negations alone?"""
    difference = one ^ other
    return bool(difference) and difference <= _negations()


@cache
def _negations() -> frozenset[str]:
    return frozenset(table("agenther.exchange.lexicon", "opposite")["negations"].split())


@lru_cache(maxsize=512)
def _tokens(sentence: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(sentence.casefold()))

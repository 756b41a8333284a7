"""Records of a merged set that contradict each other. Both are kept; who reads them is told."""

from collections import defaultdict
from collections.abc import Container, Iterator

from agenther.exchange.pile import Key, Pile
from agenther.exchange.records import Failed, Triplet
from agenther.lessons.records import Lesson
from agenther.records import Record

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

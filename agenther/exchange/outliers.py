"""What of a merged set is set aside, and why: records at fault, and of three sources or more, one that has more such.

A record is at fault by itself (`checks`), or because others outnumber it: two other sources or more, and more than
those that say the same, call its run's outcome the opposite, or advise what its lesson warns of. It is set aside.

A source is set aside as a whole where it has more such records than others have, and than anybody may: see `excess`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from agenther.exchange.checks import of_failure, of_lesson
from agenther.exchange.conflicts import are_opposite, outcomes, situation
from agenther.exchange.excess import FEWEST, Test, tests
from agenther.exchange.keys import Trust
from agenther.exchange.merge import NOT_LISTED, sources
from agenther.exchange.pile import Key, Pile
from agenther.exchange.records import Failed, Triplet
from agenther.lessons.records import Kind, Lesson
from agenther.store.lines import line_at

MOST = 100
"""Different lessons of one situation that are held against each other."""
OUTVOTED = "{against} other sources say that run {run} {other}, {own} that it {said}"
OPPOSED = "the lessons of {against} other sources advise the opposite, those of {own} the same"
STANDS_ON = "a run of it is set aside"
OVERTAKEN = "it says that nothing worked, and {against} other sources show what did"


@dataclass
class Sorted:
    """Records of a merged set, with who gives each, and what speaks against it."""

    holders: Mapping[Key, frozenset[str]]
    faults: defaultdict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    reasons: dict[Key, str] = field(default_factory=dict)
    """Of those that are set aside."""
    tests: list[Test] = field(default_factory=list)

    @property
    def out(self) -> frozenset[str]:
        """The sources that are set aside."""
        return frozenset(test.source for test in self.tests if test.is_out)

    def sources(self, key: Key) -> frozenset[str]:
        """Who gives a record, of those that are left."""
        return self.holders[key] - self.out


def sort(found: Pile, trust: Trust | None = None) -> Sorted:
    """What is set aside of a merged set. What no manifest names counts as of the set in which it lay."""
    holders = _unlisted(found)
    for key, origins in found.origins().items():
        if key in found.records:
            holders[key] = frozenset().union(*(sources(origin, trust) for origin in origins))
    told = Sorted(holders)
    runs = _Runs(found, holders)
    lessons: dict[Key, Lesson] = {}
    for key, record in found.all():
        if isinstance(record, Failed):
            told.faults[key].extend(of_failure(record))
        elif isinstance(record, Lesson):
            told.faults[key].extend(of_lesson(record, partial(runs, holders[key])))
            lessons[key] = record
    _outvoted(found, told)
    overtaken = dict(_opposed(lessons, told))
    told.tests = tests(
        Counter((holders[key], bool(told.faults[key])) for key in holders if key.config in ("failures", "lessons"))
    )
    gone = {test.source: test.words for test in told.tests if test.is_out}
    for key in sorted(found.records):
        reasons = [*told.faults[key]]
        if not told.sources(key):
            reasons += [gone[name] for name in sorted(told.holders[key])]
        if key in overtaken:
            reasons.append(overtaken[key])
        if reasons:
            told.reasons[key] = "; ".join(dict.fromkeys(reasons))
    _with_runs(found, told)
    return told


def _with_runs(found: Pile, told: Sorted) -> None:
    """Triplets with a run that is in the set only as a record that is set aside."""
    gone = {record.run_id for key, record in found.all() if isinstance(record, Failed) and key in told.reasons}
    gone -= {record.run_id for key, record in found.all() if isinstance(record, Failed) and key not in told.reasons}
    for key, record in found.all():
        if isinstance(record, Triplet) and not gone.isdisjoint(record.run_ids):
            told.reasons.setdefault(key, STANDS_ON)


def _unlisted(found: Pile) -> dict[Key, frozenset[str]]:
    """Of every record, by what names it is counted where no manifest names it: those of the sets in which it lay."""
    known = found.known()
    beside: defaultdict[Key, set[str]] = defaultdict(set)
    for stray in found.strays:
        if stray.beside in known:
            beside[stray.key].add(known[stray.beside].organisation)
    return {key: frozenset(f"{name} ({NOT_LISTED})" for name in beside[key] or {"nobody"}) for key in found.records}


class _Runs:
    """Failed runs of a merged set, by id: those of the same source where it gives any, for others may call theirs alike
    so that its quotes stand in none of them.
    """

    def __init__(self, found: Pile, holders: Mapping[Key, frozenset[str]]) -> None:
        self.found, self.holders = found, holders
        self.keys: defaultdict[str, list[Key]] = defaultdict(list)
        for key, record in found.all():
            if isinstance(record, Failed):
                self.keys[record.run_id].append(key)

    def __call__(self, sources: frozenset[str], run_id: str) -> Sequence[Failed]:
        known = self.keys.get(run_id, [])
        own = [key for key in known if self.holders[key] & sources]
        return [self._run(key) for key in own or known]

    def _run(self, key: Key) -> Failed:
        place = self.found.records[key]
        with place.path.open("rb") as file:
            return Failed.model_validate_json(line_at(file, place.at))


def _outvoted(found: Pile, told: Sorted) -> None:
    """Records whose word on how a run ended two others or more contradict."""
    claims: defaultdict[str, defaultdict[str, set[Key]]] = defaultdict(lambda: defaultdict(set))
    for key, record in found.all():
        for run, outcome in outcomes(record).items():
            claims[run][outcome].add(key)
    for run, said in claims.items():
        if len(said) < 2:
            continue
        by = {outcome: frozenset().union(*(told.holders[key] for key in keys)) for outcome, keys in said.items()}
        for outcome, other in (("failed", "succeeded"), ("succeeded", "failed")):
            own, against = by[outcome], by[other] - by[outcome]
            if len(against) >= FEWEST - 1 and len(against) > len(own):
                why = OUTVOTED.format(against=len(against), run=run, other=other, own=len(own), said=outcome)
                for key in said[outcome]:
                    told.faults[key].append(why)


def _opposed(lessons: Mapping[Key, Lesson], told: Sorted) -> Iterator[tuple[Key, str]]:
    """Marks lessons of which others say the opposite; yields those that are only overtaken by what others know."""
    places: defaultdict[tuple[str, str, str], list[Key]] = defaultdict(list)
    for key, lesson in lessons.items():
        places[situation(lesson)].append(key)
    for keys in places.values():
        if len(_together(told, keys)) >= FEWEST:
            _outnumbered(lessons, keys, told)
            working = [key for key in keys if lessons[key].when.signature.kind is Kind.REPAIRED]
            known = _together(told, [key for key in working if lessons[key].successes])
            for key in keys:
                against = len(known - told.holders[key])
                if lessons[key].when.signature.kind is Kind.UNRECOVERED and against >= FEWEST - 1:
                    yield key, OVERTAKEN.format(against=against)


def _outnumbered(lessons: Mapping[Key, Lesson], keys: list[Key], told: Sorted) -> None:
    """Marks lessons of one situation. Those that most sources give are looked at, and no more than `MOST`."""
    said: defaultdict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in keys:
        said[lessons[key].wrong, lessons[key].instead].append(key)
    ranked = sorted(said, key=lambda words: (-len(_together(told, said[words])), words))[:MOST]
    opposing = {
        words: [other for other in ranked if are_opposite(lessons[said[words][0]], lessons[said[other][0]])]
        for words in ranked
    }
    for words in ranked:
        allies = {words, *(ally for other in opposing[words] for ally in opposing[other])}
        own = _together(told, [key for ally in allies for key in said[ally]])
        against = _together(told, [key for other in opposing[words] for key in said[other]]) - own
        if len(against) >= FEWEST - 1 and len(against) > len(own):
            for key in said[words]:
                told.faults[key].append(OPPOSED.format(against=len(against), own=len(own)))


def _together(told: Sorted, keys: list[Key]) -> frozenset[str]:
    return frozenset().union(*(told.holders[key] for key in keys))

"""What of a merged set is set aside, and why: records at fault, and of three sources or more, one that has more such.

A record is at fault by itself (`checks`), or because others outnumber it: two other sources or more, and more than
those that say the same, call its run's outcome the opposite, or advise what its lesson warns of. It is set aside.

A source is set aside as a whole where the share of its records that are at fault is larger than that of all others
(Fisher's exact test) and larger than what anybody is allowed (`ALLOWED`, binomial test): both one-sided, at 5 % divided
by the number of sources (Bonferroni), and the larger p counts. Against others alone, a single slip of a small source
would do, where one of another domain has a thousand records without any. The worst goes first and is out of the others'
count then; never as many as half of the sources.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import exp, lgamma, log
from typing import NamedTuple

from agenther.exchange.checks import of_failure, of_lesson
from agenther.exchange.conflicts import outcomes
from agenther.exchange.keys import Trust
from agenther.exchange.merge import NOT_LISTED, sources
from agenther.exchange.opposite import are_opposite, situation
from agenther.exchange.pile import Key, Pile
from agenther.exchange.records import Failed, Triplet
from agenther.lessons.records import Kind, Lesson
from agenther.store.lines import line_at

RISK = 0.05
ALLOWED = 0.1
"""Share of its records that may be at fault before a source can be set aside."""
FEWEST = 3
"""Sources, of which one can be told from the others."""
MOST = 100
"""Different lessons of one situation that are held against each other."""
OUTVOTED = "{against} other sources say that run {run} {other}, {own} that it {said}"
OPPOSED = "the lessons of {against} other sources advise the opposite, those of {own} the same"
STANDS_ON = "a run of it is set aside"
OVERTAKEN = "it says that nothing worked, and {against} other sources show what did"


class Test(NamedTuple):
    """A source held against all others."""

    source: str
    faults: int
    of: int
    others: int
    others_of: int
    p_value: float
    """The larger of two: against all others, and against what is allowed."""
    is_out: bool

    @property
    def words(self) -> str:
        return (
            f"{self.source} is set aside: {self.faults} of its {self.of} records are at fault, of the others' "
            f"{self.others} of {self.others_of} (p = {self.p_value:.2g})"
        )


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
    _test(told)
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


def _test(told: Sorted) -> None:
    """Holds each source against the others, the worst first, until none is worse than they are."""
    counts = Counter(
        (own, bool(told.faults[key])) for key, own in told.holders.items() if key.config in ("failures", "lessons")
    )
    left = {name for own in told.holders.values() for name in own}
    sources = len(left)
    while len(left) >= FEWEST:
        tests = _held(counts, left, RISK / sources)
        worst = min(tests, key=lambda test: (test.p_value, test.source))
        if not worst.is_out or 2 * (sources - len(left) + 1) >= sources:
            told.tests.extend(test._replace(is_out=False) for test in tests)
            return
        told.tests.append(worst)
        left.remove(worst.source)


def _held(counts: Counter[tuple[frozenset[str], bool]], left: set[str], risk: float) -> list[Test]:
    """Each source that is left against the rest of them, from how many records, at fault or not, are whose."""
    all_of: Counter[bool] = Counter()
    own: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    alone: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for (holders, is_faulty), many in counts.items():
        giving = holders & left
        all_of[is_faulty] += many if giving else 0
        for name in giving:
            own[name][is_faulty] += many
            alone[name][is_faulty] += many if len(giving) == 1 else 0
    tests = []
    for name in sorted(left):
        faults, of = own[name][True], own[name].total()
        others, others_of = all_of[True] - alone[name][True], all_of.total() - alone[name].total()
        p_value = max(at_least(faults, of, others, others_of), more_than_allowed(faults, of))
        tests.append(Test(name, faults, of, others, others_of, p_value, p_value <= risk))
    return tests


def more_than_allowed(faults: int, of: int) -> float:
    """The chance of as many faults among `of` records or more, if each had the chance that is allowed (binomial)."""
    odds = (log(ALLOWED), log(1 - ALLOWED))
    return min(1.0, sum(exp(_ways(of, n) + n * odds[0] + (of - n) * odds[1]) for n in range(faults, of + 1)))


def at_least(faults: int, of: int, others: int, others_of: int) -> float:
    """The chance of as many faults among `of` records or more, if both were drawn from the same (Fisher's test)."""
    total = faults + others
    most = min(of, total)
    return min(
        1.0,
        sum(
            exp(_ways(of, n) + _ways(others_of, total - n) - _ways(of + others_of, total))
            for n in range(faults, most + 1)
            if total - n <= others_of
        ),
    )


def _ways(of: int, n: int) -> float:
    """Logarithm of the number of ways to draw n."""
    return lgamma(of + 1) - lgamma(n + 1) - lgamma(of - n + 1)

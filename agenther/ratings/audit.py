"""What ratings say of a run: of what was accepted, how much is right; of what was refused, how much was rightly so."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from agenther.ratings import preferences
from agenther.ratings.items import Item
from agenther.ratings.opinion import Opinion, opinions
from agenther.ratings.preferences import Comparison, compare
from agenther.records import Record
from agenther.store.book import Book, Rating
from agenther.tally.agreement import alpha, kappa
from agenther.tally.counts import Table
from agenther.tally.shares import Share, by_runs

ALL = "all"
WIDTH = 0.05
"""Of an interval, from its one end to the other, that many people would be content with."""
UNKNOWN = "n/a"
NOTHING = "nothing is rated yet: `agenther review RUN` opens a page for it"


class Line(Record):
    """What was rated of one sort of items."""

    name: str
    accepted: Share
    """Of those accepted, how many are valid."""
    refused: Share
    """Of those refused, how many are not valid."""


class Objector(Record):
    """A judge, one of its rules, or a doubt that was decided against goals."""

    name: str
    right: Share
    """Of its refusals that were rated, how many were right."""
    wrongly: tuple[str, ...]
    """Items that it refused though they are valid."""


class Agreement(Record):
    """Of raters with each other, on one question."""

    question: str
    items: int
    """Rated by two or more."""
    alpha: float | None
    """Krippendorff's."""
    kappa: float | None
    """Fleiss'; None where not all items have as many raters."""


class Yield(Record):
    """Of all that was proposed, what is valid, and what of it was accepted; by the shares of what was rated."""

    proposed: int
    accepted: int
    accepted_valid: float
    refused_valid: float

    @property
    def kept(self) -> float | None:
        """The share of valid pairs that the gate let through."""
        valid = self.accepted_valid + self.refused_valid
        return self.accepted_valid / valid if valid else None


class Audit(Record):
    rated: int
    raters: int
    undecided: int
    """Items of which raters are divided, or not sure."""
    not_at_random: int
    """Decided items that were drawn otherwise than at random."""
    lines: tuple[Line, ...]
    """All items first; then by log format, and by failure type. Of those drawn at random, as far as any were."""
    objectors: tuple[Objector, ...]
    agreements: tuple[Agreement, ...]
    corrected: Yield | None
    """None until both what was accepted and what was refused was drawn at random and rated."""
    decoys: Share
    """Of pairs that were made wrong, how many raters called wrong."""
    uncovered: int
    """Ratings by somebody who had looked at the failed goal and at what judges said. They count."""
    compared: Comparison | None
    """What was preferred, of two; None when nothing was compared."""
    unknown: int
    """Ratings of items that the run does not hold, for example since it was made again."""

    @property
    def precision(self) -> Share:
        return self.lines[0].accepted


def audit(found: Iterable[Item], book: Book) -> Audit:
    """Raises StoreError when the ratings cannot be read."""
    ratings = book.ratings()
    decoys = [one for one in ratings if one.drawn == "near-miss"]
    held = list(found)
    known = {item.id for item in held}
    proper = [one for one in ratings if one.drawn != "near-miss" and one.item in known]
    said = opinions(proper)
    decided = [(item, said[item.id]) for item in held if item.id in said and said[item.id].valid is not None]
    by_chance = [pair for pair in decided if pair[1].drawn == "random"]
    sorts = [lambda _: ALL, lambda item: item.format, lambda item: item.failure_type or UNKNOWN]
    return Audit(
        rated=len(said),
        raters=len({one.rater for one in proper}),
        undecided=len(said) - len(decided),
        not_at_random=len(decided) - len(by_chance),
        lines=tuple(line for sort in sorts for line in _lines(by_chance or decided, sort)) or (_line(ALL, []),),
        objectors=tuple(_objectors(decided)),
        agreements=tuple(_agreement(question, proper) for question in ("valid", "natural", "worth")),
        corrected=_corrected(held, by_chance),
        decoys=Share(part=sum(one.valid == "no" for one in decoys), of=len(decoys)),
        uncovered=sum(one.uncovered for one in proper),
        compared=compare(book.preferences(), {item.id: item for item in held}),
        unknown=sum(one.drawn != "near-miss" for one in ratings) - len(proper),
    )


_Decided = list[tuple[Item, Opinion]]


def _lines(decided: _Decided, sort: Callable[[Item], str]) -> Iterator[Line]:
    sorted_out: defaultdict[str, _Decided] = defaultdict(list)
    for item, opinion in decided:
        sorted_out[sort(item)].append((item, opinion))
    yield from (_line(name, some) for name, some in sorted(sorted_out.items()))


def _line(name: str, decided: _Decided) -> Line:
    return Line(
        name=name,
        accepted=by_runs((item.run_id, opinion.valid is True) for item, opinion in decided if item.accepted),
        refused=by_runs((item.run_id, opinion.valid is False) for item, opinion in decided if not item.accepted),
    )


def _objectors(decided: _Decided) -> Iterator[Objector]:
    """By how much of what they refused is valid, the worst first."""
    by_name: defaultdict[str, _Decided] = defaultdict(list)
    for item, opinion in decided:
        for one in () if item.accepted else item.refusals:
            by_name[f"{one.judge}: {one.rule}" if one.rule else one.judge].append((item, opinion))
    made = [
        Objector(
            name=name,
            right=by_runs((item.run_id, opinion.valid is False) for item, opinion in some),
            wrongly=tuple(item.id for item, opinion in some if opinion.valid),
        )
        for name, some in by_name.items()
    ]
    return iter(sorted(made, key=lambda one: (-len(one.wrongly), one.name)))


def _agreement(question: str, ratings: list[Rating]) -> Agreement:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for rating in ratings:
        if answer := getattr(rating, question):
            said[rating.item].append(answer)
    several = [answers for answers in said.values() if len(answers) > 1]
    rounded = (None if found is None else round(found, 4) for found in (alpha(several), kappa(several)))
    return Agreement(question=question, items=len(several), alpha=next(rounded), kappa=next(rounded))


def _corrected(held: list[Item], decided: _Decided) -> Yield | None:
    """A rated item stands for as many as its run holds for each that was rated of it."""
    held_of, rated_of = Counter(item.run_id for item in held), Counter(item.run_id for item, _ in decided)
    valid, all_of = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    for item, opinion in decided:
        weight = held_of[item.run_id] / rated_of[item.run_id]
        all_of[item.accepted] += weight
        valid[item.accepted] += weight * bool(opinion.valid)
    if not (all_of[True] and all_of[False]):
        return None
    accepted = sum(item.accepted for item in held)
    return Yield(
        proposed=len(held),
        accepted=accepted,
        accepted_valid=round(accepted * valid[True] / all_of[True], 2),
        refused_valid=round((len(held) - accepted) * valid[False] / all_of[False], 2),
    )


def tables(found: Audit) -> Iterator[Table]:
    """To look at."""
    rows = tuple((line.name, str(line.accepted), str(line.refused)) for line in found.lines)
    yield Table("Rated", ("items", "accepted, and valid", "refused, and not valid"), rows)
    objections = tuple((one.name, str(one.right), ", ".join(one.wrongly[:3])) for one in found.objectors)
    yield Table("Refusals, by who refused", ("judge: rule", "right", "refused though valid"), objections)
    agreed = tuple(
        (one.question, str(one.items), _told(one.alpha), _told(one.kappa)) for one in found.agreements if one.items
    )
    yield Table("Raters with each other", ("question", "items", "Krippendorff's alpha", "Fleiss' kappa"), agreed)
    if found.compared:
        yield from preferences.tables(found.compared)


def in_short(found: Audit) -> str:
    """The audit in some lines."""
    said = [f"precision {found.precision}"] if found.rated else [NOTHING]
    if found.precision.of and (more := found.precision.more(WIDTH)):
        said.append(f"{more} more runs with a rating would narrow its interval to {WIDTH:.0%}")
    if found.corrected and found.corrected.kept is not None:
        valid = found.corrected.accepted_valid + found.corrected.refused_valid
        kept = f"of which the gate kept {found.corrected.kept:.0%}"
        said.append(f"of {found.corrected.proposed} proposals about {valid:.0f} are valid, {kept}")
    if found.decoys.of:
        said.append(f"raters called {found.decoys.part} of {found.decoys.of} near-misses wrong")
    if found.uncovered:
        said.append(f"{found.uncovered} ratings were given after a look at the failed goal and at what judges said")
    if found.compared:
        said += preferences.in_short(found.compared)
    if found.not_at_random:
        is_all = found.not_at_random == found.rated - found.undecided
        only = "none was drawn at random, and this is the precision of those that were rated, not of the run"
        rest = f"{found.not_at_random} were not drawn at random, and count for refusals alone, not for precision"
        said.append(only if is_all else rest)
    if found.undecided:
        said.append(f"{found.undecided} rated items are undecided, and not counted")
    if found.unknown:
        said.append(f"{found.unknown} ratings are of items that this run does not hold, and not counted")
    return "\n".join(said)


def _told(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:.2f}"

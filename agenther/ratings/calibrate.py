"""The gate set by what was rated: a threshold on each pair's score, with a guarantee of precision."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.gate import Gate
from agenther.ratings.items import Item, by_lot
from agenther.ratings.opinion import Opinion
from agenther.records import Record
from agenther.settings import Settings
from agenther.tally.counts import Table
from agenther.tally.threshold import Rated, Tested, faultless, in_sequence, needed, order

RISK = 0.05
"""Of the guarantee's not holding."""
NEXT = 20
"""So many samples are named that are to be rated next."""


class Calibration(Record):
    """What the ratings allow."""

    target: float
    risk: float
    runs: int
    """With a pair that was drawn at random and rated, of which one counts."""
    runs_held: int
    """With a pair that is not proved wrong, rated or not."""
    made_by: tuple[str, ...]
    """The models that wrote and judged them."""
    left_out: int
    """Rated pairs that do not count: others of the same run, drawn otherwise than at random, undecided."""
    tests: tuple[Tested, ...]
    """In their order; all but the last passed, or all."""
    coverage: float
    """The share of all proposals, but for those proved wrong, that reach the threshold."""
    coverage_now: float
    """The share that was accepted."""
    next: tuple[str, ...]
    """Items to rate next: a pair of a run that has none rated, in the order in which they are drawn at random."""

    @property
    def chosen(self) -> Tested | None:
        """The lowest threshold that passed; None when none did."""
        return next((one for one in reversed(self.tests) if one.passes(self.risk)), None)

    @property
    def gate(self) -> Gate | None:
        """To judge by."""
        if (chosen := self.chosen) is None:
            return None
        return Gate(
            threshold=chosen.threshold,
            target=self.target,
            risk=self.risk,
            rated=chosen.of,
            wrong=chosen.wrong,
            precision=round(chosen.precision, 4),
            low=round(chosen.low, 4),
            by=self.made_by,
        )


def calibrate(
    found: Iterable[Item], opinions: dict[str, Opinion], target: float, settings: Settings, risk: float = RISK
) -> Calibration:
    """Runs are the unit: of each, one rated pair counts, whichever its id says. So precision is that of a pair that
    is drawn from a run that is drawn from all.

    No threshold is tested which a pair reaches that not all judges were asked about: by a gate they are, and what is
    let through then is not what was rated. `settings` are those by which the pairs were made.
    """
    held = [item for item in found if _may_pass(item, settings)]
    all_asked = max((item.asked for item in held), default=0)
    floor = max((item.score for item in held if item.asked < all_asked), default=0.0)
    by_run: defaultdict[str, list[Item]] = defaultdict(list)
    for item in held:
        by_run[item.run_id].append(item)
    drawn = {run: one for run, some in by_run.items() if (one := _drawn(some, opinions))}
    rated = [Rated(item.score, bool(opinions[item.id].valid)) for item in drawn.values()]
    thresholds = order([_by_lot(some).score for some in by_run.values()], len(rated), target, risk)
    tests = in_sequence(rated, [one for one in thresholds if one > floor], target, risk)
    passed = [one.threshold for one in tests if one.passes(risk)]
    return Calibration(
        target=target,
        risk=risk,
        runs=len(rated),
        runs_held=len(by_run),
        made_by=settings.by,
        left_out=len(opinions) - len(rated),
        tests=tuple(tests),
        coverage=_share([item.score >= passed[-1] for item in held]) if passed else 0.0,
        coverage_now=_share([item.accepted for item in held]),
        next=tuple(_by_lot(by_run[run]).id for run in sorted(by_run.keys() - drawn.keys(), key=by_lot)[:NEXT]),
    )


def _may_pass(item: Item, settings: Settings) -> bool:
    """By some threshold. What no judge saw though its confidence was enough is too light, whatever the gate is."""
    return item.score > 0 and (item.asked > 0 or item.score < settings.least)


def write(gate: Gate, path: Path) -> None:
    """In the place of another gate, but of nothing else: raises StoreError."""
    with usable(path):
        if path.exists():
            try:
                Gate.model_validate_json(path.read_bytes())
            except ValidationError:
                raise StoreError(path, "is no gate, and is left as it is; choose another --out") from None
        with writing(path) as (file,):
            file.write(gate.model_dump_json(indent=2).encode() + b"\n")


def _drawn(some: list[Item], opinions: dict[str, Opinion]) -> Item | None:
    """Of the run's pairs that were drawn at random, and of which it is known what they are, one."""
    rated = [item for item in some if item.id in opinions]
    usable = [item for item in rated if opinions[item.id].drawn == "random" and opinions[item.id].valid is not None]
    return _by_lot(usable) if usable else None


def _by_lot(some: Sequence[Item]) -> Item:
    """One of them, always the same, whatever its score."""
    return min(some, key=lambda item: by_lot(item.id))


def _share(held: list[bool]) -> float:
    return round(sum(held) / len(held), 4) if held else 0.0


def tables(found: Calibration) -> Iterator[Table]:
    """To look at."""
    rows = tuple(
        (
            f"{one.threshold:.3f}",
            f"{one.of - one.wrong} of {one.of}",
            f"{one.precision:.3f}",
            f"{one.low:.3f}",
            "holds" if one.passes(found.risk) else "not shown",
        )
        for one in found.tests
        if one.of
    )
    columns = ("threshold", "valid", "precision", "lower bound", f"at least {found.target:g}")
    yield Table("Thresholds on the lowest probability that a judge gave", columns, rows)


def in_short(found: Calibration, run: Path) -> str:
    """What follows, in one line."""
    left_out = "not drawn at random, undecided, refused on proof, others of a run that counts already, or gone"
    return _found(found, run) + (f"; {found.left_out} rated do not count: {left_out}" if found.left_out else "")


def _found(found: Calibration, run: Path) -> str:
    least = faultless(found.target, found.risk)
    sure = f"{1 - found.risk:.0%}"
    if chosen := found.chosen:
        return (
            f"threshold {chosen.threshold:g}: precision {chosen.precision:.3f}, at least {found.target:g} with "
            f"{sure} certainty (by {chosen.of} runs); it lets through {found.coverage:.0%} of the proposals that are "
            f"not proved wrong, where {found.coverage_now:.0%} are accepted now"
        )
    said = f"no threshold is shown to reach {found.target:g} with {sure} certainty"
    if found.runs < least:
        rated = f"it takes {least} runs with a rating and no fault, and there are {found.runs}"
        enough = found.runs_held >= least
        return f"{said}: {rated}; {_more(run) if enough else f'{run} holds {found.runs_held} with a goal to rate'}"
    if not found.tests:
        return (
            f"{said}: every one is reached by goals about which not all judges were asked; --quorum majority asks all"
        )
    failed = found.tests[-1]
    counted = f"{failed.wrong} of the {failed.of} that reach {failed.threshold:g} are wrong"
    if (more := needed(failed.wrong / failed.of if failed.of else 0.0, found.target, found.risk)) is None:
        return f"{said}, and with that share no number of ratings would show it: {counted}"
    return f"{said}: {counted}; if that share stays so, it takes {more} of them; {_more(run)}"


def _more(run: Path) -> str:
    return f"`agenther review {run}` goes on with rating"

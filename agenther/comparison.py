"""Two finished runs of the same logs side by side: what another model or setting changes, and what that costs."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from agenther.jobs.again import with_samples
from agenther.judges.grounded import NAME
from agenther.records import Record, Rejection, Result
from agenther.store import run_folder
from agenther.store.journal import MadeWith, deciding
from agenther.tally.counts import Table
from agenther.tally.ledger import total

SCHEMA = {
    "run_id": pl.String,
    "is_failure": pl.Boolean,
    "failure_type": pl.String,
    "recoverable": pl.Boolean,
    "quotes": pl.Int64,
    "proposals": pl.Int64,
    "grounded": pl.Int64,
    "samples": pl.Int64,
    "calls": pl.Int64,
    "tokens": pl.Int64,
    "usd": pl.Float64,
}
"""Of one run, in this order."""
UNKNOWN = "n/a"


class Side(Record):
    """What one of the folders holds of the runs that both have read."""

    diagnosed: int
    quotes: int
    """Pieces of evidence that were extracted; each stands in its log letter by letter."""
    proposals: int
    grounded: int
    """Of these, how many the mechanical judge passed."""
    with_samples: int
    samples: int
    calls: int
    """Answers of models."""
    tokens: int
    """Of those calls, prompts and answers together."""
    usd: float | None
    """None when no model was asked, or a price was not known."""


class Comparison(Record):
    """A run is the same when it stands in the same place and its log holds the same."""

    settings: tuple[str, ...]
    """Names of those in which the two differ, and of prompts with another text."""
    runs: int
    first_only: int
    second_only: int
    sides: tuple[Side, Side]
    diagnosed: int
    """Runs that both diagnosed; the next three are how many of them got the same."""
    same_failure: int
    same_type: int
    same_recoverable: int
    samples_in_both: int
    """Runs, as are the next two."""
    samples_in_first_only: int
    samples_in_second_only: int


def compare(first: Path, second: Path) -> Comparison:
    """Reads both folders and changes nothing. Raises StoreError for one without a finished run, or without samples."""
    files = [with_samples(folder) for folder in (first, second)]
    frames = [pl.DataFrame(_rows(folder), schema=SCHEMA, orient="row") for folder in (first, second)]
    both = frames[0].join(frames[1], on="run_id", suffix="_2")
    sides = [frame.join(both, on="run_id", how="semi") for frame in frames]
    diagnosed = both.filter(pl.col("recoverable").is_not_null() & pl.col("recoverable_2").is_not_null())
    given, given_2 = pl.col("samples") > 0, pl.col("samples_2") > 0
    return Comparison(
        settings=tuple(_differing(*(file.made_with for file in files))),
        runs=len(both),
        first_only=len(frames[0]) - len(both),
        second_only=len(frames[1]) - len(both),
        sides=(_side(sides[0]), _side(sides[1])),
        diagnosed=len(diagnosed),
        same_failure=_same(diagnosed, "is_failure"),
        same_type=_same(diagnosed, "failure_type"),
        same_recoverable=_same(diagnosed, "recoverable"),
        samples_in_both=len(both.filter(given & given_2)),
        samples_in_first_only=len(both.filter(given & ~given_2)),
        samples_in_second_only=len(both.filter(~given & given_2)),
    )


def _differing(first: MadeWith, second: MadeWith) -> Iterator[str]:
    mine, theirs = deciding(first.settings), deciding(second.settings)
    yield from (name for name in mine if mine[name] != theirs[name])
    both = first.prompts.keys() & second.prompts.keys()
    yield from (f"prompt {name}" for name in sorted(both) if first.prompts[name] != second.prompts[name])


def _rows(folder: Path) -> Iterator[tuple[object, ...]]:
    for item in run_folder.stored(folder):
        if not isinstance(item, Rejection):
            yield _row(item[1])


def _row(result: Result) -> tuple[object, ...]:
    diagnosis, outcome = result.diagnosis, result.outcome
    by_judge = [{verdict.judge: verdict.valid for verdict in one.verdicts} for one in result.judged]
    return (
        result.run_id,
        diagnosis and diagnosis.is_failure,
        diagnosis and diagnosis.failure_type,
        diagnosis and diagnosis.recoverable,
        len(outcome.achievements) + len(outcome.key_observations) if outcome else 0,
        len(result.judged),
        sum(verdicts.get(NAME, False) for verdicts in by_judge),
        len(result.samples),
        sum(spent.calls for spent in result.spent),
        sum(spent.prompt + spent.completion for spent in result.spent),
        total(spent.usd for spent in result.spent),
    )


def _side(frame: pl.DataFrame) -> Side:
    sums = {name: int(frame[name].sum()) for name in ("quotes", "proposals", "grounded", "samples", "calls", "tokens")}
    diagnosed = len(frame) - frame["recoverable"].null_count()
    usd = total(frame["usd"]) if sums["calls"] else None
    return Side(diagnosed=diagnosed, with_samples=len(frame.filter(pl.col("samples") > 0)), usd=usd, **sums)


def _same(diagnosed: pl.DataFrame, column: str) -> int:
    return int(diagnosed[column].eq_missing(diagnosed[f"{column}_2"]).sum())


def tables(found: Comparison, first: str, second: str) -> tuple[Table, ...]:
    """The comparison, to look at, under the names of the two."""
    sides = found.sides
    rows = (
        ("runs diagnosed", *(str(side.diagnosed) for side in sides)),
        ("quotes extracted, for each of them", *(_each(side.quotes, side.diagnosed) for side in sides)),
        ("goals proposed", *(str(side.proposals) for side in sides)),
        ("passed by the mechanical judge", *(_share(side.grounded, side.proposals) for side in sides)),
        ("accepted", *(_share(side.samples, side.proposals) for side in sides)),
        ("runs with samples", *(_share(side.with_samples, found.runs) for side in sides)),
        ("samples", *(str(side.samples) for side in sides)),
        ("answers of models", *(str(side.calls) for side in sides)),
        ("tokens for each sample", *(_each(side.tokens, side.samples) for side in sides)),
        ("USD for each sample", *(_usd(side) for side in sides)),
    )
    agreed = tuple(
        (what, _share(same, found.diagnosed))
        for what, same in (
            ("failed or not", found.same_failure),
            ("how it failed", found.same_type),
            ("worth relabeling", found.same_recoverable),
        )
    )
    return (
        Table(f"The {found.runs} runs that both have read", ("", first, second), rows),
        Table(f"The same diagnosis, of {found.diagnosed} runs", ("", "the same"), agreed if found.diagnosed else ()),
    )


def in_short(found: Comparison) -> str:
    """The comparison in a line or two."""
    differ = f"the settings differ in {', '.join(found.settings)}\n" if found.settings else ""
    given = f"{found.samples_in_both} of {found.runs} runs gave samples in both"
    only = f"{found.samples_in_first_only} only in the first, {found.samples_in_second_only} only in the second"
    left = found.first_only + found.second_only
    return f"{differ}{given}, {only}" + (f"; {left} runs are in one folder alone and were left out" if left else "")


def _each(part: int, of: int) -> str:
    return f"{part / of:,.1f}" if of else UNKNOWN


def _share(part: int, of: int) -> str:
    return f"{part / of:.0%}" if of else UNKNOWN


def _usd(side: Side) -> str:
    return f"{side.usd / side.samples:.4f}" if side.usd is not None and side.samples else UNKNOWN

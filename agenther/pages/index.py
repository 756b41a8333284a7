"""The report of a run folder: one page that opens from disk, and the same as tables for a terminal."""

from collections.abc import Iterator
from pathlib import Path

from agenther.files import usable, writing
from agenther.pages.facts import Cost, Facts
from agenther.pages.figures import figures
from agenther.pages.html import data, page
from agenther.pages.spread import Spread
from agenther.pages.spread import table as spread_table
from agenther.ratings import audit
from agenther.records import Record
from agenther.report import by_number, reports
from agenther.store.views import REPORT, RUNS
from agenther.tally import ledger, panel
from agenther.tally.counts import Table


def tables(facts: Facts, spread: Spread | None) -> Iterator[Table]:
    """All that is told in tables."""
    yield from facts.rounds
    yield from reports(facts.run.counts.groups)
    if facts.run.ledger:
        yield ledger.table(facts.run.ledger)
    yield from (_costs(by, facts.costs) for by in ("format", "failure type"))
    if facts.run.panel:
        yield from panel.tables(facts.run.panel)
    doubts = tuple(
        (one.rule, *map(str, (one.raised, one.for_goal, one.against, one.undecided))) for one in facts.doubts
    )
    yield Table("Doubts", ("rule", "raised", "settled", "decided against", "undecided"), doubts)
    yield by_number("Proved wrong, by rule", dict(facts.rules))
    yield by_number("Goal types", facts.run.counts.samples_by_kind)
    if spread:
        yield spread_table(spread)
    if facts.probe:
        yield from facts.probe.tables()
    if facts.audit:
        yield from audit.tables(facts.audit)


def _costs(by: str, costs: tuple[Cost, ...]) -> Table:
    rows = tuple(
        (
            one.name,
            *(f"{number:,}" for number in (one.runs, one.samples, one.calls, one.tokens)),
            ledger.cell(one.usd, is_free=False),
        )
        for one in costs
        if one.by == by
    )
    return Table(f"Models, by {by}", (by, "runs", "samples", "calls", "tokens", "USD"), rows)


def write(folder: Path, name: str, facts: Facts, spread: Spread | None) -> Path:
    """Writes the page into the run folder; where it is."""
    path = folder / REPORT
    shown = page(
        "report.html",
        "report.js",
        name=name,
        has_pages=(folder / RUNS).is_dir(),
        facts=facts,
        counts=facts.run.counts,
        figures=figures(facts),
        tables=[table for table in tables(facts, spread) if table.rows],
        said=[
            *(audit.in_short(facts.audit).splitlines() if facts.audit else []),
            *([facts.probe.in_short()] if facts.probe else []),
        ],
        rows=data({"samples": _columns(facts.samples), "losses": _columns(facts.losses)}),
    )
    with usable(path):
        path.parent.mkdir(exist_ok=True)
        with writing(path) as (file,):
            file.write(shown.encode("utf-8", "replace"))
    return path


def _columns(rows: tuple[Record, ...]) -> dict[str, list[object]]:
    """Names once, values by column: a third of what a list of objects takes."""
    names = list(type(rows[0]).model_fields) if rows else []
    return {name: [getattr(row, name) for row in rows] for name in names}


def in_svg(folder: Path, facts: Facts) -> list[Path]:
    """Writes the figures into a folder; where they are."""
    paths = []
    with usable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures(facts).items():
            paths.append(folder / f"{name}.svg")
            with writing(paths[-1]) as (file,):
                file.write(figure.encode("utf-8"))
    return paths

"""The commands that make use of ratings."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import RUN
from agenther.cli.options.results import ONE_JSON
from agenther.extras import needs

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@RUN
@click.option("--export", type=FILE, metavar="CSV", help="Write all proposals of RUN as a table to be filled in.")
@click.option("--export-rated", type=FILE, metavar="CSV", help="Write all ratings of proposals as such a table.")
@click.option(
    "--import",
    "filled",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="CSV",
    help="Add the ratings in a table: columns item, rater, valid (yes, no, unsure); natural, worth, note if you like.",
)
@ONE_JSON
def audit(run: Path, export: Path | None, export_rated: Path | None, filled: Path | None, as_json: bool) -> None:
    """Report what ratings say of the run folder RUN.

    Of what was accepted, how much is right; for each judge, rule and doubt, how many of its refusals were right; how
    much of what is valid the gate kept; what of two was preferred, and how often the accepted one over the refused one;
    and how far raters agree. Ratings come from `agenther review RUN`, or from a
    table.

    \b
      agenther review runs/a
      agenther audit runs/a
      agenther audit runs/a --export pairs.csv        for a spreadsheet, Argilla or Label Studio
      agenther audit runs/a --import pairs.csv
    """
    if len([path for path in (export, export_rated, filled) if path]) > 1:
        raise click.UsageError("a table is written or read; give one of --export, --export-rated and --import.")
    with errors_reported():
        needs("review")
        from agenther.cli.show import show
        from agenther.ratings import audit as audits
        from agenther.ratings import sheet
        from agenther.ratings.items import items
        from agenther.store.book import Book

        if export:
            click.echo(f"{sheet.write(run, export)} proposals are in {export}")
            return
        if export_rated:
            click.echo(f"{sheet.write(run, export_rated, rated=True)} ratings are in {export_rated}")
            return
        book, found = Book(run), list(items(run))
        if filled:
            made = list(sheet.read(filled, {item.id: item.run_id for item in found}))
            book.add(made)
            click.echo(f"{len(made)} ratings were added", err=True)
        said = audits.audit(found, book)
        if as_json:
            click.echo(said.model_dump_json())
            return
        show(audits.tables(said))
        click.echo(audits.in_short(said))


@click.command()
@RUN
@click.option(
    "--target-precision",
    "target",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    required=True,
    help="How much of what is accepted shall be right, for example 0.97.",
)
@click.option(
    "--risk",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Of the guarantee's not holding.",
)
@click.option("--out", type=FILE, metavar="FILE", help="Where to write the gate. Default: gate.json in RUN.")
@ONE_JSON
def calibrate(run: Path, target: float, risk: float, out: Path | None, as_json: bool) -> None:
    """Set the gate by the ratings of the run folder RUN, with a guarantee of precision.

    Each pair's score is the lowest probability that a judge or the proposer gave. The lowest threshold on it is looked
    for at which ratings show the precision: thresholds are tested from the strictest on, each by an exact binomial
    test, and the first that fails ends it. One rated pair a run counts, and only what was drawn at random and decided.
    0.97 takes 99 ratings without a fault. It holds for goals that the same models write and judge, on logs like these,
    and for one look at the ratings: who rates on until a threshold passes has less of a guarantee.

    \b
      agenther calibrate runs/a --target-precision 0.97
      agenther run more/ --out runs/b --model gpt-5-mini --judge gpt-5 --gate runs/a/gate.json

    Writes nothing, and ends with 1, when the ratings do not show it.
    """
    with errors_reported():
        needs("review")
        from agenther.cli.show import show
        from agenther.errors import StoreError
        from agenther.jobs.again import finished
        from agenther.ratings import calibrate as calibrates
        from agenther.ratings.items import items
        from agenther.ratings.opinion import opinions
        from agenther.store.book import Book
        from agenther.store.views import GATE

        book = Book(run)
        proper = [rating for rating in book.ratings() if rating.drawn != "near-miss"]
        settings = finished(run).made_with.settings
        found = calibrates.calibrate(items(run), opinions(proper), target, settings, risk)
        if as_json:
            click.echo(found.model_dump_json())
        else:
            show(calibrates.tables(found))
        if found.next and not as_json:
            click.echo(f"to rate next, as `agenther review {run}` brings them: {' '.join(found.next)}")
        if found.gate is None:
            raise StoreError(run, calibrates.in_short(found, run))
        path = out or run / GATE
        calibrates.write(found.gate, path)
        click.echo(f"{calibrates.in_short(found, run)}; --gate {path} uses it", err=as_json)

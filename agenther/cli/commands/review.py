"""The command that opens the review page."""

import webbrowser
from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import RUN
from agenther.extras import needs


@click.command()
@RUN
@click.option(
    "--rater",
    envvar=["AGENTHER_RATER", "USER"],
    default="rater",
    metavar="NAME",
    help="Who rates. Default: your user name.",
)
@click.option("--raters", type=click.IntRange(1), default=1, show_default=True, help="How many rate each item.")
@click.option(
    "--order",
    type=click.Choice(["random", "stratified"]),
    default="random",
    show_default=True,
    help="At random, which is what `agenther calibrate` goes by; or from each band of scores in turn.",
)
@click.option("--pairs", is_flag=True, help="Which of two goals of a run is better, which of two runs of a goal?")
@click.option(
    "--near-misses",
    type=click.IntRange(0, 50),
    default=10,
    show_default=True,
    metavar="PERCENT",
    help="For so many of 100 samples, mix in a goal made wrong, to see whether raters look.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: one that is free.")
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
def review(  # noqa: PLR0913 - each is an option of the user's
    run: Path, *, rater: str, raters: int, order: str, pairs: bool, near_misses: int, port: int, opened: bool
) -> None:
    """Rate what the run folder RUN made and refused, on a page that this machine alone sees.

    The page shows a run and a new goal: is the run a correct and complete demonstration of it? What the run was to
    do, and what judges said, is hidden until you have it shown. All goes by keyboard; ? tells the keys. It goes on
    where you stopped. Ratings are added to RUN/ratings.jsonl one by one; `agenther audit` and `agenther calibrate`
    make use of them. Several people can rate the same folder, at the same time too, each with a --rater of his own.

    \b
      agenther review runs/a --open
      agenther review runs/a --rater ada --raters 2
      agenther review runs/a --order stratified       more of what is rare: doubtful, and refused
      agenther review runs/a --pairs
    """
    if not rater.strip():
        raise click.UsageError("--rater needs a name")
    with errors_reported():
        needs("review")
        from agenther.jobs.again import finished
        from agenther.review.draw import drawn
        from agenther.review.serve import serve

        finished(run)
        every = 100 // near_misses if near_misses else 0
        cards = drawn(run, "stratified" if order == "stratified" else "random", every, in_pairs=pairs)

        def told(address: str) -> None:
            click.echo(f"{len(cards)} to rate as {rater} at {address}")
            click.echo("Ctrl-C ends it; ratings are kept as they are made", err=True)
            if opened:
                webbrowser.open(address)

        serve(run, cards, rater, raters, port, told)

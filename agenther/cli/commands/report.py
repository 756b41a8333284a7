"""The command that shows what became of a run."""

import webbrowser
from pathlib import Path

import click

from agenther.cli.ending import errors_reported, needs
from agenther.cli.options.means import RUN


@click.command()
@RUN
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--svg",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the figures there too, for a paper or a card.",
)
def report(run: Path, opened: bool, svg: Path | None) -> None:
    """Show what became of the logs of the run folder RUN: tables here, and a page in RUN/report.html.

    The page holds all it needs: it opens from disk, fetches nothing, and can be sent to others. It shows the funnel
    from logs to samples, each loss with its reason, cost, confidence, judges, doubts and goal types, what raters say,
    and a table of samples to search and filter.

    \b
      agenther report runs/a --open
      agenther report runs/a --svg figures/
    """
    with errors_reported():
        needs("review", "krippendorff", "sklearn")
        from agenther.cli.show import show
        from agenther.pages import index
        from agenther.pages.facts import facts
        from agenther.pages.spread import spread

        found = facts(run)
        goals = spread(found.old_goals, [one.goal for one in found.samples])
        show(index.tables(found, goals))
        path = index.write(run, run.resolve().name, found, goals)
        for figure in index.in_svg(svg, found) if svg else []:
            click.echo(f"wrote {figure}")
        click.echo(f"wrote {path}")
        if opened:
            webbrowser.open(path.resolve().as_uri())

"""The commands that show what became of a run."""

import webbrowser
from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import RUN
from agenther.extras import needs


@click.command()
@RUN
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
@click.option("--all", "with_runs", is_flag=True, help="Write a page of each run, too, which the report leads to.")
@click.option(
    "--svg",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the figures there too, for a paper or a card.",
)
def report(run: Path, opened: bool, with_runs: bool, svg: Path | None) -> None:
    """Show what became of the logs of the run folder RUN: tables here, and a page in RUN/report/index.html.

    The page holds all it needs: it opens from disk, fetches nothing, and can be sent to others. It shows the funnel
    from logs to samples, each loss with its reason, cost, confidence, judges, doubts and goal types, what raters say,
    and a table of samples to search and filter.

    \b
      agenther report runs/a --open
      agenther report runs/a --all                every run on a page of its own
      agenther report runs/a --svg figures/
    """
    with errors_reported():
        needs("review")
        from agenther.cli.show import show
        from agenther.pages import index, run_page
        from agenther.pages.counting import facts
        from agenther.pages.spread import spread

        found = facts(run)
        goals = spread(found.old_goals, [one.goal for one in found.samples])
        show(index.tables(found, goals))
        if with_runs:
            click.echo(f"wrote {run_page.write_all(run)} pages of runs")
        path = index.write(run, run.resolve().name, found, goals)
        for figure in index.in_svg(svg, found) if svg else []:
            click.echo(f"wrote {figure}")
        click.echo(f"wrote {path}")
        if opened:
            webbrowser.open(path.resolve().as_uri())


@click.command()
@RUN
@click.argument("which", metavar="ID")
@click.option("--page", is_flag=True, help="Write a page with the whole run, step by step, and open it.")
def explain(run: Path, which: str, page: bool) -> None:
    """Explain what the run folder RUN made of one run: each decision, down to its check.

    ID is that of a run, of a sample or of a proposal; `agenther report` and the files of RUN tell them.

    \b
      agenther explain runs/a tau-bench-1f0c9a37d2b4e865
      agenther explain runs/a tau-bench-1f0c9a37d2b4e865.2 --page
    """
    with errors_reported():
        from agenther.cli.plain import plain
        from agenther.errors import StoreError
        from agenther.jobs.again import finished
        from agenther.pages import run_page
        from agenther.pages.told import Told
        from agenther.store.run_folder import one

        finished(run)
        found = one(run, which) or one(run, which.rpartition("~")[0] or which.rpartition(".")[0])
        if found is None:
            raise StoreError(run, f"holds no run {which}; `agenther report {run}` lists them")
        for line in run_page.lines(Told(*found)):
            click.echo(plain(line).replace("\n", "\n      "))
        if page:
            path = run_page.write(run, *found)
            click.echo(f"wrote {path}")
            webbrowser.open(path.resolve().as_uri())

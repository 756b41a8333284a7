"""The command that tests the gate with wrong goals."""

from pathlib import Path
from typing import Any

import click

from agenther.address import Address
from agenther.cli.ending import errors_reported
from agenther.cli.options.judges import MOVED
from agenther.cli.options.means import RUN, limits, means
from agenther.cli.options.results import JSON


@click.command()
@RUN
@click.option("--each", type=click.IntRange(1), default=2, show_default=True, help="Wrong goals of one kind, at most.")
@click.option(
    "--model-judges/--no-model-judges",
    help="Ask the models that judged the run too, which costs; by default they are not asked.",
)
@JSON
@MOVED
@limits
def probe(run: Path, each: int, model_judges: bool, as_json: bool, base_url: Address | None, **choices: Any) -> None:
    """Put wrong goals to the judges of the run folder RUN, and count those that get through.

    They are made from the samples in it, by changing one thing: a number, a name, a date, another item of the same
    list. The goals of the samples themselves are put to the judges too. What is found is kept in
    RUN/probe.json, for `agenther report`; nothing else changes.

    \b
      agenther probe runs/a
      agenther probe runs/b --model-judges --max-cost 2
    """
    with errors_reported():
        from agenther.assemble import assemble
        from agenther.cli.show import as_lines, show
        from agenther.cli.waiting import waits_told
        from agenther.jobs.again import finished
        from agenther.probe.folder import keep, probing

        settings = finished(run).made_with.settings.moved(base_url)
        if model_judges and not settings.judges:
            click.echo("agenther: no model judged this run; the mechanical judge is asked alone", err=True)
        asked = {"model": None, "judges": settings.judges if model_judges else ()}
        job = assemble(settings.model_copy(update=asked), means(choices, base_url))
        with waits_told(job):
            report = probing(run, job, each)
        keep(run, report)
        if as_json:
            as_lines(report.objects())
            return
        show(report.tables())
        if job.access:
            paid = "the cost is not known" if job.access.paid_now is None else f"for {job.access.paid_now:.4f} USD"
            click.echo(f"{job.access.purse.calls} answers were asked for now, {paid}")
        click.echo(report.in_short())

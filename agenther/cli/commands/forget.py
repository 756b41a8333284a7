"""The command that takes runs out of a run folder."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import RUN


@click.command()
@RUN
@click.argument("names", metavar="ID...", nargs=-1, required=True)
def forget(run: Path, names: tuple[str, ...]) -> None:
    """Take runs out of the run folder RUN and of its datasets, for good.

    ID is the id of a run, or the path of a log file or of a folder of them: as it lies on this machine, or as
    `agenther inspect LOGS --json` tells it. They are never read again into this folder. What people said of them
    goes too; report, probe and gate are removed, to be made again. What was published before is replaced by the next
    `agenther push`, though not in the history of the repository. Answers of models about them may be left in the
    cache: see `agenther cache`.

    \b
      agenther forget runs/a tau-bench-0a1b2c3d4e5f6071
      agenther forget runs/a logs/customers/2024-03.jsonl
    """
    with errors_reported():
        from agenther.jobs.forget import forget as take_out

        done = take_out(run, frozenset(names))
        counts = done.counts
        unread = f", and {done.unread} records that were no runs of their own" if done.unread else ""
        gone = f"{done.runs} runs forgotten, with their {done.samples} samples{unread}"
        told = gone if done.runs or done.unread else "nothing to forget that was not forgotten before"
        left = f"{counts.samples} samples from {counts.with_samples} of {counts.read} runs are left"
        click.echo(f"{told}; {left} -> {run}/")

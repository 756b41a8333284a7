"""The command that takes runs out of a run folder."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import RUN
from agenther.cli.options.sets import SIGN


@click.command()
@RUN
@click.argument("names", metavar="ID...", nargs=-1, required=True)
@SIGN
def forget(run: Path, names: tuple[str, ...], key: Path | None) -> None:
    """Take runs out of the run folder RUN and of its datasets, for good.

    ID is the id of a run, or the path of a log file or of a folder of them: as it lies on this machine, or as
    `agenther inspect LOGS --json` tells it. They are never read again into this folder. What people said of them
    goes too; report, probe and gate are removed, to be made again. What was published before is replaced by the next
    `agenther push`, though not in the history of the repository. Answers of models about them may be left in the
    cache: see `agenther cache`.

    Lessons and sets that were made of the run folder are made anew, as far as they lie where they were written, and
    signed again where their key is there; what cannot be reached is named. RUN may be a set, or a merged one, too: then
    ID is the id of a run. Signatures of others go with what they vouched for, and that is said.

    \b
      agenther forget runs/a tau-bench-0a1b2c3d4e5f6071
      agenther forget runs/a logs/customers/2024-03.jsonl
      agenther forget merged/ tau-bench-0a1b2c3d4e5f6071 --sign ~/keys/me.pem
    """
    with errors_reported():
        from agenther.exchange import forget as sets
        from agenther.exchange.export import is_set
        from agenther.jobs.forget import forget as take_out
        from agenther.pages.card import card_figures

        if is_set(run):
            click.echo(f"{sets.take_out(run, frozenset(names), key).words} -> {run}/")
            return
        before = sets.run_ids(run)
        done = take_out(run, frozenset(names))
        gone_ids = (before - sets.run_ids(run)) | frozenset(names)
        for line in sets.reach([run], gone_ids, card_figures, key):
            click.echo(f"agenther: {line}", err=True)
        counts = done.counts
        unread = f", and {done.unread} records that were no runs of their own" if done.unread else ""
        gone = f"{done.runs} runs forgotten, with their {done.samples} samples{unread}"
        told = gone if done.runs or done.unread else "nothing to forget that was not forgotten before"
        left = f"{counts.samples} samples from {counts.with_samples} of {counts.read} runs are left"
        click.echo(f"{told}; {left} -> {run}/")

"""The command that packages the samples of a finished run again."""

from pathlib import Path
from typing import Any

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.datasets import choices, names, packaging
from agenther.cli.options.means import RUN
from agenther.cli.summary import VERBOSE, in_short, in_tables, screen


@click.command()
@RUN
@packaging
@click.option(
    "--to", metavar="URL", help="Copy the datasets to this place in object storage, too, such as s3://bucket/a."
)
@VERBOSE
def package(run: Path, formats: tuple[str, ...], to: str | None, verbose: bool, **chosen: Any) -> None:
    """Stage 4 again on the run folder RUN: the datasets, from the samples in it. Costs no model call.

    The folder RUN/dataset then holds the formats of this call, and no others. What you put there yourself stays.

    \b
      agenther package runs/a --format swift --format llamafactory
      agenther package runs/a --format all --thoughts inline --holdout test-tasks.txt
      agenther package runs/a --to s3://bucket/datasets/a
    """
    with errors_reported():
        from agenther import library

        written = library.package(run, names(formats), choices(**chosen), to)
        done = library.finished(run)
        if verbose:
            in_tables(done.counts, done.panel, written)
        screen(done.counts, written, run, by_rules=done.made_with.settings.model is None)
        click.echo(f"{in_short(done.counts)} -> {run}/dataset/{f' and {to}' if to else ''}")

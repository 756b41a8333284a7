"""The command that puts two runs of the same logs side by side."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.results import FOLDER, ONE_JSON


@click.command()
@click.argument("first", type=FOLDER)
@click.argument("second", type=FOLDER)
@ONE_JSON
def compare(first: Path, second: Path, as_json: bool) -> None:
    """Compare the run folders FIRST and SECOND, made of the same logs with other models or settings.

    Shows for each what was extracted, proposed, passed and paid, and how far the two say the same of the same runs.
    So a setting is chosen by what it does on your logs: is --joined as good, is the smaller model? Nothing is asked,
    nothing written.

    \b
      agenther run some-logs/ --out runs/apart  --model gpt-5-mini --judge gpt-5
      agenther run some-logs/ --out runs/joined --model gpt-5-mini --judge gpt-5 --joined
      agenther compare runs/apart runs/joined
    """
    with errors_reported():
        from agenther.cli.show import show
        from agenther.comparison import compare as compared
        from agenther.comparison import in_short, tables

        found = compared(first, second)
        if as_json:
            click.echo(found.model_dump_json())
            return
        show(tables(found, str(first), str(second)))
        click.echo(in_short(found))

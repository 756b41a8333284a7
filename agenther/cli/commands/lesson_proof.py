"""The commands that tell whether lessons are any good."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported, needs

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for other programs.")


@click.command()
@click.argument("folder", type=FOLDER, metavar="LESSONS")
@click.argument("runs", nargs=-1, required=True, type=FOLDER, metavar="RUN...")
@JSON
def evaluate(folder: Path, runs: tuple[Path, ...], *, as_json: bool) -> None:
    """Hold the lessons in the folder LESSONS against the run folders RUN...: do they name what goes wrong?

    Only runs of tasks count that taught no lesson, and that are not known to have met their goal. Each is given the
    lesson that fits what was at hand before anything went wrong: its tools, sites and template, never the error. Did
    just that go wrong then? Beside it stand the commonest lesson, and one of another task, drawn by a fixed lot.

    \b
      agenther lessons runs/a --out lessons --hold-out 0.5
      agenther lessons evaluate lessons runs/a
    """
    with errors_reported():
        needs("lessons", "scipy")
        from agenther.cli.show import as_lines, show
        from agenther.lessons.evaluate import as_object, in_short, tables
        from agenther.lessons.evaluate import evaluate as evaluated

        found = evaluated(folder, runs)
        if as_json:
            as_lines([as_object(found)])
        else:
            show(tables(found))
        click.echo(in_short(found), err=as_json)

"""The commands that tell whether lessons are any good."""

from pathlib import Path
from typing import Any

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.logs import READING
from agenther.cli.options.results import FOLDER, JSON, OUT
from agenther.extras import needs
from agenther.settings import How


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
        needs("lessons")
        from agenther.cli.show import as_lines, show
        from agenther.lessons.evaluate import as_object, in_short, tables
        from agenther.lessons.evaluate import evaluate as evaluated

        found = evaluated(folder, runs)
        if as_json:
            as_lines([as_object(found)])
        else:
            show(tables(found))
        click.echo(in_short(found), err=as_json)


@click.group()
def trial() -> None:
    """Try lessons on an agent of yours, against nothing and against a placebo.

    \b
      agenther lessons trial export lessons tasks.jsonl --out trial     what to put into which system prompt
      agenther lessons trial read trial results.csv --count lessons     did it help?
    """


@trial.command("export")
@click.argument("folder", type=FOLDER, metavar="LESSONS")
@click.argument("tasks", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TASKS")
@OUT(metavar="TRIAL", help="A new or empty folder.")
@click.option("--repetitions", type=click.IntRange(1, 1000), default=1, show_default=True, help="Runs in each arm.")
def export(folder: Path, tasks: Path, out: Path, *, repetitions: int) -> None:
    """Write the runs to make for the tasks in the file TASKS, a JSON object per line.

    A task has an id, and what is known before it is begun: {"task": "pier-3", "tools": ["book_flight"], "goal": "…"};
    sites, template and benchmark, too. Each is run in three arms: with none, with the lesson that fits it, and with a
    placebo, as long a text of other tasks. Each arm has a file, with a line per run: id, task, arm, repetition, which
    of the three is run first (turn), and the text for the end of the system prompt.
    """
    with errors_reported():
        needs("lessons")
        from agenther.lessons.trial.export import export as exported

        made = exported(folder, tasks, out, repetitions)
        for one in made.left_out:
            click.echo(f"left out: {one.task}: {one.why}", err=True)
        runs = 3 * made.tasks * made.repetitions
        click.echo(f"{runs} runs of {made.tasks} tasks in 3 arms, {len(made.left_out)} tasks left out -> {out}/")


@trial.command("read")
@click.argument("folder", type=FOLDER, metavar="TRIAL")
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="RESULTS...")
@click.option("--count", "counted", type=FOLDER, metavar="LESSONS", help="Update the counters of the lessons there.")
@click.option(
    "--gain",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.1,
    show_default=True,
    help="The least gain beyond the placebo that is worth having.",
)
@JSON
@READING
def read(
    folder: Path, results: tuple[Path, ...], *, counted: Path | None, gain: float, as_json: bool, **reading: Any
) -> None:
    """Say whether the lessons of the trial in the folder TRIAL helped beyond the placebo.

    RESULTS are tables (CSV, or a JSON object per line) with the id of a row, or its task, arm and repetition, and
    success or score; or logs in which the task, the key or the file of a run is the id of its row.
    """
    with errors_reported():
        needs("lessons")
        from agenther.cli.show import as_lines, show
        from agenther.lessons.trial.counted import count
        from agenther.lessons.trial.read import read as done
        from agenther.lessons.trial.told import as_object, in_short, tables, warnings

        found = done(folder, results, gain, How(**reading))
        for warning in warnings(found):
            click.echo(f"agenther: warning: {warning}", err=True)
        if as_json:
            as_lines([as_object(found)])
        else:
            show(tables(found.found))
        if counted:
            updated = count(counted, found.trial.id, found.blocks)
            gone = f"; {len(updated.gone)} of the trial are no longer there" if updated.gone else ""
            click.echo(f"counters of {updated.lessons} lessons are others now{gone} -> {counted}/", err=as_json)
        click.echo(in_short(found), err=as_json)

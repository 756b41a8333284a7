"""The commands of lessons: what went wrong in many runs, for other agents."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agenther.cli.commands.lesson_proof import FOLDER, JSON, evaluate, trial
from agenther.cli.ending import errors_reported, needs

if TYPE_CHECKING:
    from agenther.lessons.records import Lesson

WHERE = click.argument("folder", type=FOLDER, metavar="LESSONS", default="lessons", required=False)
MAKE = "make"


class Lessons(click.Group):
    """Run folders in the place of a command's name are what lessons are made of."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_named else [MAKE, *args])


@click.group(cls=Lessons)
def lessons() -> None:
    """Learn from many run folders what goes wrong, as small records that other agents can use.

    \b
      agenther lessons runs/a runs/b --out lessons          what goes wrong in them, and what to do instead
      agenther lessons show lessons
      agenther lessons search "date format" lessons
      agenther lessons export lessons --format system-prompt --tool book_flight

    A lesson says when it applies, what goes wrong, what to do instead, and which words of which runs show it. Rules
    find them, without a model: calls that failed and what the later call had that worked, errors that were never
    overcome, loops, and pages where agents get lost.
    """


@lessons.command(MAKE)
@click.argument("runs", nargs=-1, required=True, type=FOLDER, metavar="RUN...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="LESSONS",
    help="The new folder of the lessons.",
)
@click.option("--abstract", is_flag=True, help="Generalise names of sites, tools and values, for agents elsewhere.")
@click.option(
    "--hold-out",
    "held_out",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="SHARE",
    help="Learn nothing from so many of the tasks (0.5: half of them), so that `evaluate` has runs.",
)
@JSON
def make(runs: tuple[Path, ...], out: Path, *, abstract: bool, held_out: float, as_json: bool) -> None:
    """Make lessons of the finished run folders RUN..., as `agenther lessons RUN...` does."""
    with errors_reported():
        needs("lessons", "sklearn")
        from agenther.exchange.derived import Derived, remember
        from agenther.lessons.folder import make as made
        from agenther.lessons.records import Choices

        counts = made(runs, out, Choices(abstract=abstract, held_out=held_out))
        for run in runs:
            remember(run, Derived(kind="lessons", place=str(out.resolve())))
        if as_json:
            click.echo(counts.model_dump_json())
        told = f"{counts.kept} lessons from {counts.runs} runs, {counts.merged} merged, {counts.dropped} dropped"
        click.echo(f"{told} -> {out}/", err=as_json)


@lessons.command()
@WHERE
@JSON
def show(folder: Path, *, as_json: bool) -> None:
    """Show the lessons in the folder LESSONS, the best first. Default: lessons"""
    with errors_reported():
        from agenther.lessons.folder import lessons as found

        _tell(found(folder), as_json=as_json)


@lessons.command()
@click.argument("query")
@WHERE
@click.option("--most", type=click.IntRange(1), default=5, show_default=True, metavar="N", help="At most so many.")
@JSON
def search(query: str, folder: Path, *, most: int, as_json: bool) -> None:
    """Find the lessons in the folder LESSONS that speak of QUERY, the nearest first. Default: lessons"""
    with errors_reported():
        needs("lessons", "sklearn")
        from agenther.lessons.folder import lessons as found
        from agenther.lessons.search import nearest

        _tell(nearest(query, found(folder), most), as_json=as_json)


@lessons.command()
@WHERE
@click.option("--format", "shape", type=click.Choice(["jsonl", "markdown", "system-prompt"]), default="system-prompt")
@click.option("--task", default="", metavar="WORDS", help="Only lessons for this task: its template, or its words.")
@click.option("--tool", default="", metavar="NAME", help="Only lessons about this tool.")
@click.option("--most", type=click.IntRange(1), metavar="N", help="At most so many. Default: 1 in a system prompt.")
def export(folder: Path, shape: str, task: str, tool: str, most: int | None) -> None:
    """Print lessons in the folder LESSONS for other programs, for people, or for an agent. Default: lessons

    An agent gets one lesson by default: several do harm more often than one.
    """
    with errors_reported():
        if task:
            needs("lessons", "sklearn")
        from agenther.lessons.export import FORMATS, fitting
        from agenther.lessons.folder import lessons as found

        chosen = fitting(found(folder), task, tool)[: most or (1 if shape == "system-prompt" else None)]
        click.echo(FORMATS[shape](chosen), nl=False)


lessons.add_command(evaluate)
lessons.add_command(trial)


def _tell(found: "tuple[Lesson, ...] | list[Lesson]", *, as_json: bool) -> None:
    from agenther.cli.show import as_lines
    from agenther.lessons.export import markdown

    if as_json:
        as_lines(one.model_dump(mode="json") for one in found)
    else:
        click.echo(markdown(found), nl=False)

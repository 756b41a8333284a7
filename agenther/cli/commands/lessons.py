"""The commands of lessons: what went wrong in many runs, for other agents."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agenther.cli.commands.lesson_proof import evaluate, trial
from agenther.cli.ending import errors_reported
from agenther.cli.options.judges import BASE_URL, a_model
from agenther.cli.options.means import CONCURRENCY, limits, means
from agenther.cli.options.results import FOLDER, JSON, OUT
from agenther.cli.plain import plain
from agenther.extras import needs
from agenther.settings import Means, Settings

if TYPE_CHECKING:
    from agenther.lessons.records import Choices, Counts, Lesson

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
@OUT(metavar="LESSONS", help="The new folder of the lessons.")
@click.option("--abstract", is_flag=True, help="Generalise names of sites, tools and values, for agents elsewhere.")
@click.option(
    "--hold-out",
    "held_out",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="SHARE",
    help="Learn nothing from so many of the tasks (0.5: half of them), so that `evaluate` has runs.",
)
@click.option("--model", type=a_model, metavar="NAME", help="Tells more lessons of failed runs. Default: only rules.")
@BASE_URL
@CONCURRENCY
@limits
@click.option("--dry-run", is_flag=True, help="Only estimate what the model would take. Asks nothing, writes nothing.")
@JSON
def make(runs: tuple[Path, ...], out: Path, *, abstract: bool, held_out: float, as_json: bool, **choices: Any) -> None:
    """Make lessons of the finished run folders RUN... and the rounds before them, as `agenther lessons RUN...` does.

    With --model it is asked about each failed run. It chooses among kinds of mistakes and names the tool or argument;
    what it says counts as far as the run bears it out, and the lesson is written by us all the same.
    """
    dry_run, given = choices.pop("dry_run"), choices.pop("base_url")
    allowed = means(choices, given, dry=dry_run)
    if not choices["model"] and (given or dry_run):
        raise click.UsageError(f"{'--base-url' if given else '--dry-run'} is about a model; name one with --model.")
    with errors_reported():
        needs("lessons")
        from agenther.exchange.push import Derived, remember
        from agenther.lessons.folder import fingerprint
        from agenther.lessons.folder import make as made
        from agenther.lessons.records import Choices
        from agenther.store.rounds import back

        chosen = Choices(abstract=abstract, model=choices["model"], held_out=held_out)
        settings = Settings(**choices, base_url=given and given.shown)
        if dry_run:
            _foresee(runs, chosen, settings, allowed)
            return
        counts = _asking(runs, out, chosen, settings, allowed) if settings.model else made(runs, out, chosen)
        for run in runs:
            prints = tuple(map(fingerprint, back(run).folders))
            remember(run, Derived(kind="lessons", place=str(out.resolve()), prints=prints))
        if as_json:
            click.echo(counts.model_dump_json())
        told = f"{counts.kept} lessons from {counts.runs} runs, {counts.merged} merged, {counts.dropped} dropped"
        click.echo(f"{told} -> {out}/", err=as_json)


def _asking(runs: tuple[Path, ...], out: Path, chosen: "Choices", settings: Settings, allowed: Means) -> "Counts":
    """Lessons by rules and by a model, and in a line what came of asking it."""
    from agenther.assemble import teaching
    from agenther.cli.waiting import waits_told
    from agenther.lessons.folder import Asked
    from agenther.lessons.folder import make as made

    job, teller = teaching(settings, allowed)
    with waits_told(job):
        counts = made(runs, out, chosen, Asked(teller, job.access.at_once if job.access else 1, job.close))
    refused = ", ".join(f"{count} {why}" for why, count in counts.refused.items())
    said = f"{settings.model} spoke of {counts.told} mistakes{f' (refused: {refused})' if refused else ''}"
    unused = f"; about {counts.unanswered} runs it gave no answer that could be used" if counts.unanswered else ""
    click.echo(f"{said}{unused}", err=True)
    return counts


def _foresee(runs: tuple[Path, ...], chosen: "Choices", settings: Settings, allowed: Means) -> None:
    """What asking the model would take."""
    from agenther.assemble import teaching
    from agenther.cli.show import show
    from agenther.jobs.estimate import in_words, of_lessons, table
    from agenther.lessons.folder import failed

    job, teller = teaching(settings, allowed)
    assert job.access
    assert settings.model
    price = job.access.prices.get(settings.model)
    expected = of_lessons(failed(runs, chosen), settings.model, teller.prompts, price)
    show([table(expected, job.access.free)])
    click.echo(in_words(expected))


@lessons.command()
@WHERE
@JSON
def show(folder: Path, *, as_json: bool) -> None:
    """Show the lessons in the folder LESSONS, the best first. Default: lessons"""
    with errors_reported():
        needs("lessons")
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
        needs("lessons")
        from agenther.lessons.alike import nearest
        from agenther.lessons.folder import lessons as found

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
        needs("lessons")
        from agenther.lessons.export import FORMATS, fitting
        from agenther.lessons.folder import lessons as found

        chosen = fitting(found(folder), task, tool)[: most or (1 if shape == "system-prompt" else None)]
        told = FORMATS[shape](chosen)
        click.echo(told if shape == "jsonl" else plain(told), nl=False)


lessons.add_command(evaluate)
lessons.add_command(trial)


def _tell(found: "tuple[Lesson, ...] | list[Lesson]", *, as_json: bool) -> None:
    from agenther.cli.show import as_lines
    from agenther.lessons.export import markdown

    if as_json:
        as_lines(one.model_dump(mode="json") for one in found)
    else:
        click.echo(plain(markdown(found)), nl=False)

"""Options of the command line that say what the datasets are to be like."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from agenther.cli.options.group import group
from agenther.packagers.selection.choices import Choices, SplitBy, Thoughts

ALL = "all"


def formats_there() -> tuple[str, ...]:
    """The names of all dataset formats, which no command loads for its help."""
    from agenther.packagers.table import PACKAGERS

    return tuple(PACKAGERS)


def a_format(text: str) -> str:
    """The name of one of them, or of all."""
    name: str = click.Choice([*formats_there(), ALL]).convert(text, None, None)
    return name


FORMAT = partial(click.option, "--format", "formats", multiple=True, type=a_format, metavar="NAME")
packaging = group(
    FORMAT(help="Dataset format to write, or all. Repeatable. Default: those that the run was made with."),
    click.option(
        "--thoughts",
        type=click.Choice([str(it) for it in Thoughts]),
        default=str(Thoughts.REASONING),
        show_default=True,
        help="Where thoughts go: to the format's own place, into the text, or away.",
    ),
    click.option(
        "--split-by",
        type=click.Choice([str(it) for it in SplitBy]),
        default=str(SplitBy.TEMPLATE),
        show_default=True,
        help="What never stands on both sides of a split.",
    ),
    click.option("--with-successes", is_flag=True, help="Pack runs that met their own goal along, of kind “success”."),
    click.option("--max-per-type", type=click.IntRange(1), metavar="N", help="At most so many samples of a goal type."),
    click.option(
        "--per-task",
        type=click.IntRange(1),
        default=Choices().per_task,
        show_default=True,
        metavar="N",
        help="Of several rounds: older samples of a task stay as long as there are no more than so many of it.",
    ),
    click.option("--replicate", is_flag=True, help="Write rows as often as they count, where a format has no weights."),
    click.option(
        "--experts",
        multiple=True,
        metavar="GLOB",
        help="Logs, by their paths, whose successes are experts' demonstrations. Repeatable. For hard-negatives.",
    ),
    click.option(
        "--holdout",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Tasks to keep out of everything: an id, a template or a goal in each line.",
    ),
)


def choices(holdout: Path | None, **others: Any) -> Choices:
    """What was chosen; the other options bear the names of the choices."""
    names = holdout.read_text("utf-8", "replace").splitlines() if holdout else []
    return Choices.model_validate({**others, "holdout": frozenset(" ".join(name.split()) for name in names) - {""}})


def names(formats: tuple[str, ...]) -> tuple[str, ...]:
    """The formats chosen, each once."""
    return formats_there() if ALL in formats else tuple(dict.fromkeys(formats))

"""Options of the command line about sets of failures that are shared."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from agenther.cli.options.group import group

if TYPE_CHECKING:
    from agenther.exchange.keys import Policy
    from agenther.exchange.push import Choice


def a_name(text: str) -> str:
    """Of an organisation, as it stands in manifests and trust files."""
    from agenther.exchange.records import NAME

    if not re.fullmatch(NAME, text):
        raise click.BadParameter(f"{text!r} is no name: letters, digits, and after the first of them . _ -")
    return text


SIGN = click.option(
    "--sign",
    "key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="KEY.pem",
    help="Sign its manifest with this key, so that others can tell that it is yours. `agenther key` makes one.",
)
TRUST = click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of sets, whose keys are trusted: lines NAME PUBLIC-KEY. One that is signed by another key is refused.",
)
UNSIGNED = click.option(
    "--unsigned",
    type=click.Choice(["refuse", "mark"]),
    help="What to do with records that nobody signed, and with those that are not as their manifest names them. By"
    " default the former are refused with --trust and marked without, and the latter are refused.",
)
Unsigned = Literal["refuse", "mark"] | None
FAILURES = group(
    click.option("--failures", is_flag=True, help="Publish failed runs, lessons and contrasts, too: a set."),
    click.option(
        "--lessons",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="LESSONS",
        help="With those lessons in this folder that stand on runs of RUN. `agenther lessons` makes some.",
    ),
    click.option(
        "--organisation", type=a_name, metavar="NAME", help="Whose set it is, as trust files call it. Default: OWNER."
    ),
    click.option(
        "--share",
        type=click.FloatRange(0, 1, min_open=True),
        metavar="SHARE",
        help="Of a merged set, what one source may weigh. Default: half, and no more than twice its equal part.",
    ),
    TRUST,
    SIGN,
)


def policy(trust: Path | None, unsigned: Unsigned) -> "Policy":
    """What is done with records that nobody vouches for."""
    from agenther.exchange.keys import Policy, trusted

    return Policy(trusted(trust) if trust else None, unsigned)


def the_set(repo: str, of_set: dict[str, Any]) -> "Choice | None":
    """How failures are published; None where only datasets are."""
    from agenther.exchange.push import Choice

    if given := _given(of_set, "share", "trust"):
        raise click.UsageError(f"{given} is about merged sets, and RUN is a run folder.")
    if of_set["failures"]:
        owner = of_set["organisation"] or a_name(repo.partition("/")[0])
        return Choice(owner, of_set["lessons"], of_set["key"])
    if given := _given(of_set, "lessons", "organisation", "key"):
        raise click.UsageError(f"{given} is about failures; add --failures.")
    return None


def check_of_set(of_set: dict[str, Any]) -> None:
    """Raises UsageError for an option that says nothing of a merged set."""
    if given := _given(of_set, "failures", "lessons", "organisation", "key"):
        raise click.UsageError(f"{given} is about run folders, and RUN is a set.")


def _given(of_set: dict[str, Any], *names: str) -> str:
    """The first of these options that is given."""
    return next((f"--{'sign' if name == 'key' else name}" for name in names if of_set[name]), "")

"""Options of the command line that say which models judge, and how many of them have to consent."""

from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
from pydantic import ValidationError

from agenther.address import Address, address
from agenther.cli.options.group import group
from agenther.gate import Gate
from agenther.settings import DeltaOn, Quorum, Settings, apart

MARKS = "in a password or a query, / ? # and @ are written %2F %3F %23 and %40"
NO_NAME = "a model's name has no :// in it; --base-url and --judge MODEL@BASE_URL take the address of an endpoint"


class Judge(NamedTuple):
    """A model that judges, and its own endpoint if it has one."""

    model: str
    address: Address | None

    def __str__(self) -> str:
        return f"{self.model}@{self.address}" if self.address else self.model


def an_address(text: str) -> Address:
    """Of http://HOST… or https://HOST…"""
    try:
        return address(text)
    except ValueError as error:  # not quoted, nor below: there may be a password in it
        raise click.BadParameter(f"this is {error}; {MARKS}") from None


def a_model(name: str) -> str:
    """The name of a model."""
    if "://" in name:
        raise click.BadParameter(NO_NAME)
    return name


def a_judge(text: str) -> Judge:
    """Of MODEL or MODEL@BASE_URL."""
    model, own = apart(text)
    try:
        found = None if own is None else address(own)
    except ValueError as error:
        raise click.BadParameter(f"this is neither MODEL nor MODEL@BASE_URL: {error}; {MARKS}") from None
    if not model:
        raise click.BadParameter("this is neither MODEL nor MODEL@BASE_URL: no model is named")
    return Judge(a_model(model), found)


BASE_URL = click.option(
    "--base-url",
    type=an_address,
    metavar="URL",
    help="An OpenAI-compatible endpoint, such as vLLM's, for models without their own.",
)
MOVED = click.option(
    "--base-url", type=an_address, metavar="URL", help="Where the endpoint of this run is now, if it has moved."
)
judging = group(
    click.option(
        "--judge",
        "judges",
        multiple=True,
        type=a_judge,
        metavar="MODEL[@BASE_URL]",
        help="One more judge, by this model; with @BASE_URL at an endpoint of its own. Repeatable. local:NAME is one "
        "that is registered in this process, and costs no call.",
    ),
    click.option(
        "--quorum",
        type=click.Choice(get_args(Quorum)),
        default="all",
        show_default=True,
        help="Of the judges that are models, how many have to consent. The mechanical judge always has to.",
    ),
    click.option(
        "--strict", is_flag=True, help="What the mechanical judge only doubts is refused, too, whatever models say."
    ),
)


def a_gate(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Gate | None:
    """That which stands in the file."""
    if path is None:
        return None
    try:
        return Gate.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        raise click.BadParameter(f"{path} is no gate; `agenther calibrate` writes one") from None


GATE = click.option(
    "--gate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=a_gate,
    metavar="FILE",
    help="Accept by what `agenther calibrate` found in ratings, instead of by --theta and --quorum.",
)
DELTA = click.option(
    "--delta",
    type=click.FloatRange(0, 1),
    default=Settings().delta,
    show_default=True,
    help="Least weight of what is kept of a failure.",
)
DELTA_ON = click.option(
    "--delta-on",
    type=click.Choice(get_args(DeltaOn)),
    default="goal",
    show_default=True,
    help="What is weighed: the steps that each goal keeps or, as in AgentHER, the whole run.",
)


def addresses(choices: dict[str, Any]) -> list[Address | None]:
    """Those of the endpoints that are given; leaves what of them is shown in `choices`, as the settings have it."""
    given: list[Address | None] = [choices["base_url"], *(judge.address for judge in choices["judges"])]
    choices["base_url"] = choices["base_url"] and choices["base_url"].shown
    choices["judges"] = tuple(map(str, choices["judges"]))
    return given

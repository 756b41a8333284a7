"""Options of the command line that say which models judge, and how many of them have to consent."""

from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import urlsplit

import click

from agenther.settings import Quorum, endpoint, plain


def is_address(url: str) -> bool:
    """Could there be an endpoint?"""
    try:
        return urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:  # half an IPv6 address
        return False


class AddressType(click.ParamType[str]):
    """http://HOST… or https://HOST…"""

    name = "address"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        if not is_address(str(value).strip()):
            self.fail(f"{value!r} is no address such as http://localhost:8000/v1", parameter, context)
        return plain(str(value))


class JudgeType(click.ParamType[str]):
    """MODEL or MODEL@BASE_URL."""

    name = "judge"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        model, base_url = endpoint(str(value))
        if not (model and (base_url is None or is_address(base_url))):
            self.fail(f"{value!r} is neither MODEL nor MODEL@BASE_URL", parameter, context)
        return str(value)


BASE_URL = click.option(
    "--base-url",
    type=AddressType(),
    metavar="URL",
    help="An OpenAI-compatible endpoint, such as vLLM's, for models without their own.",
)
MOVED = click.option(
    "--base-url", type=AddressType(), metavar="URL", help="Where the endpoint of this run is now, if it has moved."
)
OPTIONS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option(
        "--judge",
        "judges",
        multiple=True,
        type=JudgeType(),
        metavar="MODEL[@BASE_URL]",
        help="One more judge, by this model; with @BASE_URL at an endpoint of its own. Repeatable.",
    ),
    click.option(
        "--quorum",
        type=click.Choice(get_args(Quorum)),
        default="all",
        show_default=True,
        help="Of the judges that are models, how many have to consent. The mechanical judge always has to.",
    ),
)


def judging(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command these options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command

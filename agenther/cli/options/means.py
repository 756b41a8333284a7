"""Options of the command line that say what may be used: limits, money, the cache."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import click

from agenther.address import Address, address
from agenther.cli.options.group import group
from agenther.settings import Answers, Means, Price, Settings

RUN = click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
CACHE = click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="AGENTHER_CACHE",
    metavar="FILE",
    help="Where answers are kept for good. Default: in the user's cache folder. Also AGENTHER_CACHE.",
)
CONCURRENCY = click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=Settings().concurrency,
    show_default=True,
    help="Calls under way to each model, at most.",
)


def a_price(text: str) -> tuple[str, Price]:
    """(model, price) of MODEL=IN,OUT or MODEL=IN,OUT,CACHED in USD per million tokens."""
    from agenther.llm.money.prices import parsed

    try:
        return parsed(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not MODEL=IN,OUT in USD per million tokens") from None


def a_key(text: str) -> tuple[Address, str]:
    """(address, variable) of URL=VARIABLE."""
    url, _, variable = text.strip().rpartition("=")
    try:
        found = address(url)
    except ValueError:
        found = None
    # in ?token=t, the t is no variable
    is_whole = found and all("=" in pair for pair in found.query.split("&") if found.query)
    if found is None or not is_whole or not re.fullmatch(r"[A-Za-z_]\w*", variable):
        # not quoted: it may be the key itself
        raise click.BadParameter("URL=VARIABLE is wanted: an address and the name of a variable that holds the key")
    return found, variable


limits = group(
    click.option("--rpm", type=click.FloatRange(0, min_open=True), metavar="N", help="Calls a minute to each model."),
    click.option("--tpm", type=click.FloatRange(0, min_open=True), metavar="N", help="Tokens a minute of each model."),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=Means().timeout,
        show_default=True,
        metavar="SECONDS",
        help="For one call.",
    ),
    click.option(
        "--patience",
        type=click.FloatRange(0),
        default=Means().patience,
        show_default=True,
        metavar="SECONDS",
        help="Stops when a model that is overloaded or fails answers nothing for so long, or asks to wait longer.",
    ),
    click.option(
        "--answers",
        type=click.Choice(get_args(Answers)),
        default=Means().answers,
        show_default=True,
        help="The response_format that keeps answers to their shape. By default the best that the endpoint takes.",
    ),
    click.option(
        "--max-cost",
        type=click.FloatRange(0),
        metavar="USD",
        help="Stops before more is spent; for `run`, over all its starts.",
    ),
    click.option(
        "--price",
        "prices",
        type=a_price,
        multiple=True,
        metavar="MODEL=IN,OUT",
        help="USD per million tokens, where it is not known; 0 for what is asked at local addresses alone. Repeatable.",
    ),
    click.option(
        "--key",
        "keys",
        type=a_key,
        multiple=True,
        metavar="URL=VARIABLE",
        help="The environment variable that holds the key for the endpoint at URL, or this URL with user, password or "
        "query, which are never stored. By default the one at --base-url is shown OPENAI_API_KEY, others none. "
        "Repeatable.",
    ),
    click.option("--allow-unknown-cost", is_flag=True, help="Go on with models whose price is not known."),
    CACHE,
)
in_batches = group(
    click.option("--batch", is_flag=True, help="Ask through the provider's batch API, at half the price, in waves."),
    click.option(
        "--batch-dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="In waves through files: requests-*.jsonl are written, responses-*.jsonl read. Counted at full price.",
    ),
)


def means(choices: dict[str, Any], *given: Address | None, dry: bool = False) -> Means:
    """What the options allow; takes them out of `choices`. `given` are the addresses in other options."""
    cache, batch, folder = choices.pop("cache"), choices.pop("batch", False), choices.pop("batch_dir", None)
    names = ("rpm", "tpm", "timeout", "patience", "answers", "max_cost", "allow_unknown_cost")
    named = {name: choices.pop(name) for name in names}
    keys: tuple[tuple[Address, str], ...] = choices.pop("keys")
    return Means(
        **named,
        prices=dict(choices.pop("prices")),
        keys={url.shown: variable for url, variable in keys},
        addresses=_secrets(one for one in (*given, *(url for url, _ in keys)) if one),
        cache=str(cache) if cache else None,
        batch=batch,
        batch_dir=str(folder) if folder else None,
        dry=dry,
    )


def _secrets(given: Iterable[Address]) -> tuple[Address, ...]:
    """The addresses with something in them that is not shown, each once."""
    found: dict[str, Address] = {}
    for one in given:
        if (one.userinfo or one.query) and found.setdefault(one.shown, one) != one:
            raise click.UsageError(f"{one} is given in two ways, with different users, passwords or queries.")
    return tuple(found.values())

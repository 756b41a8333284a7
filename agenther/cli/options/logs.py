"""Which logs are read: those on this machine, in a dataset on the Hub, and in object storage."""

from pathlib import Path

import click

from agenther.cli.options.group import group
from agenther.errors import AgentHERError


def on_hub(text: str) -> str:
    """The address of a dataset: hf://datasets/OWNER/NAME[@REVISION]."""
    from agenther.hub import ADDRESS

    if not ADDRESS.fullmatch(text):
        raise click.BadParameter(f"{text!r} has not the form hf://datasets/OWNER/NAME[@REVISION]")
    return text


def some_logs(text: str) -> Path | str:
    """A file or folder that is there, the address of a dataset, or the URL of object storage."""
    from agenther.hub import is_on_hub
    from agenther.storage import is_stored, is_web

    if is_on_hub(text):
        return on_hub(text)
    if is_web(text):
        raise click.BadParameter("no logs are read from a web address; download them, and give the folder")
    if is_stored(text) and "://" in text:
        return text
    path: Path = click.Path(exists=True, path_type=Path).convert(text, None, None)
    return path


def a_repo(text: str) -> str:
    """OWNER/NAME."""
    from agenther.hub import NAME

    if not NAME.fullmatch(text):
        raise click.BadParameter(f"{text!r} has not the form OWNER/NAME")
    return text


def only_way(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A format or a map, of which only one can say how logs are read."""
    other = {"log_format": "field_map", "field_map": "log_format"}[str(option.name)]
    if value is not None and context.params.get(other) is not None:
        raise click.UsageError("--map and --log-format both say how every file is read; choose one.")
    return value


def a_log_format(text: str) -> str:
    """The name of a format; they are not loaded for a command's help."""
    from agenther.readers.formats import READERS

    name: str = click.Choice([*READERS]).convert(text, None, None)
    return name


LOG_FORMAT = click.option(
    "--log-format",
    callback=only_way,
    type=a_log_format,
    metavar="NAME",
    help="Read every file as this format, instead of telling by content. See `agenther formats`.",
)


def a_map(text: str) -> str:
    """The text of a map in a file."""
    from agenther.readers.maps.field_map import parse

    path: Path = click.Path(exists=True, dir_okay=False, path_type=Path).convert(text, None, None)
    try:
        told = path.read_text("utf-8")
        parse(told)
    except (AgentHERError, OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path}: {error}") from None
    return told


MAP = click.option(
    "--map",
    "field_map",
    type=a_map,
    callback=only_way,
    metavar="FILE.toml",
    help="Read every file by this map, which says where they hold what. `agenther inspect --suggest` proposes one.",
)


def some_labels(_context: click.Context, _option: click.Parameter, path: str | None) -> str | None:
    """A file that holds labels."""
    if path is not None:
        from agenther.readers.labels.given import given

        try:
            given(path)
        except AgentHERError as error:
            raise click.BadParameter(str(error)) from None
    return path


LABELS = click.option(
    "--labels",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    callback=some_labels,
    help="CSV, JSONL or parquet that tells which runs met their goal: id or task, and success or score.",
)
SUCCESS_AT = click.option(
    "--success-at", type=float, metavar="SCORE", help="Take runs of at least this score as successes, others as failed."
)
READING = group(LOG_FORMAT, MAP, LABELS, SUCCESS_AT)
LOGS = click.argument("logs", nargs=-1, required=True, type=some_logs)


def a_shard(text: str) -> str:
    """I/N."""
    from agenther.jobs.shard import parsed

    try:
        parsed(text)
    except AgentHERError as error:
        raise click.BadParameter(str(error)) from None
    return text


def local(logs: tuple[Path | str, ...], out: Path | None = None) -> tuple[Path, ...]:
    """The logs on this machine; those on the Hub and in object storage are brought there first.

    Raises HubError, and StoreError for a run folder, or where `out` is to lie among the logs.
    """
    from agenther.places import local as brought
    from agenther.readers.find import check

    paths = tuple(map(brought, logs))
    check(paths, out)
    return paths

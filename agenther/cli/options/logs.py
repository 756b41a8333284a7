"""Arguments of the command line that may mean a dataset on the Hub."""

import os
from pathlib import Path
from typing import Any

import click

from agenther.readers.formats import READERS


class LogsType(click.ParamType[Path | str]):
    """A file or folder that is there, or hf://datasets/OWNER/NAME[@REVISION]."""

    name = "path"

    def __init__(self, *, hub_only: bool = False) -> None:
        self.hub_only = hub_only

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Path | str:
        from agenther.hub import ADDRESS, is_on_hub

        if not (self.hub_only or is_on_hub(str(value))):
            path: Path = click.Path(exists=True, path_type=Path).convert(value, parameter, context)
            return path
        if not ADDRESS.fullmatch(str(value)):
            self.fail(f"{value!r} has not the form hf://datasets/OWNER/NAME[@REVISION]", parameter, context)
        return str(value)


class RepoType(click.ParamType[str]):
    """OWNER/NAME."""

    name = "repository"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        from agenther.hub import NAME

        if not NAME.fullmatch(str(value)):
            self.fail(f"{value!r} has not the form OWNER/NAME", parameter, context)
        return str(value)


LOG_FORMAT = click.option(
    "--log-format",
    type=click.Choice(list(READERS)),
    metavar="NAME",
    help="Read every file as this format, instead of telling by content. See `agenther formats`.",
)
LOGS = click.argument("logs", nargs=-1, required=True, type=LogsType())


def cache_folder() -> Path:
    """Where pulled logs are kept, which could be had again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agenther" / "hub"


def endpoint() -> str | None:
    """The Hub to ask, where it is not the public one."""
    return os.environ.get("HF_ENDPOINT")


def local(logs: tuple[Path | str, ...]) -> tuple[Path, ...]:
    """The logs on this machine; those on the Hub are pulled first. Raises HubError, and StoreError for a run folder."""
    from agenther.hub import pull
    from agenther.readers.find import check

    paths = tuple(pull(log, cache_folder(), endpoint=endpoint()) if isinstance(log, str) else log for log in logs)
    check(paths)
    return paths

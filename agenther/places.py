"""Where logs lie: on this machine, in a dataset on the Hub, or in object storage; all are read from this machine."""

import os
from pathlib import Path

from agenther.hub import is_on_hub, pull
from agenther.storage import fetch, is_stored


def cache_folder() -> Path:
    """Where what could be had again is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agenther"


def endpoint() -> str | None:
    """The Hub to ask, where it is not the public one."""
    return os.environ.get("HF_ENDPOINT")


def is_elsewhere(logs: str) -> bool:
    """Is this no path of this machine?"""
    return is_on_hub(logs) or is_stored(logs)


def local(logs: str | Path) -> Path:
    """The logs on this machine, brought there if they are elsewhere. Raises HubError and StoreError."""
    if isinstance(logs, str) and is_on_hub(logs):
        return pull(logs, cache_folder() / "hub", endpoint=endpoint())
    if isinstance(logs, str) and is_stored(logs):
        return fetch(logs, cache_folder() / "storage")
    return Path(logs)

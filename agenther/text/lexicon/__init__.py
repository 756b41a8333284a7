"""The word lists, as data: each a TOML file beside this one."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(package: str, name: str) -> dict[str, Any]:
    """What `name.toml` in the folder of that package holds."""
    return tomllib.loads(files(package).joinpath(f"{name}.toml").read_text("utf-8"))


def lexicon(name: str) -> dict[str, Any]:
    """What `name.toml` holds."""
    return table(__name__, name)


@cache
def words(name: str, key: str) -> frozenset[str]:
    """The words under one key of it, which stand there as one text."""
    return frozenset(lexicon(name)[key].split())

"""The word lists, as data: each a TOML file beside this one."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def lexicon(name: str) -> dict[str, Any]:
    """What `name.toml` holds."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def words(name: str, key: str) -> frozenset[str]:
    """The words under one key of it, which stand there as one text."""
    return frozenset(lexicon(name)[key].split())

"""The words that rules go by, in files of data: `words("findings", "technical")`."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A whole file."""
    found: dict[str, Any] = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    return found


@cache
def words(name: str, key: str) -> frozenset[str]:
    """A list of words."""
    return frozenset(table(name)[key].split())


@cache
def several(name: str, key: str) -> dict[str, list[str]]:
    """A table of names with what belongs to each: `one=this,that`, "_" for a blank."""
    pairs = (pair.replace("_", " ").split("=") for pair in table(name)[key].split())
    return {one: others.split(",") for one, others in pairs}


@cache
def named(name: str, key: str) -> dict[str, str]:
    """The same the other way round, by what belongs to a name."""
    return {other: one for one, others in several(name, key).items() for other in others}


@cache
def pattern(name: str, key: str) -> re.Pattern[str]:
    """A regular expression, which may go over several lines."""
    return re.compile(table(name)[key].replace("\n", ""), re.IGNORECASE)

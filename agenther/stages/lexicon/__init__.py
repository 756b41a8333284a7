"""The words that rules go by, in files of data: `words("findings", "technical")`."""

import re
from functools import cache
from typing import Any

from agenther.text import lexicon as text


def table(name: str) -> dict[str, Any]:
    """A whole file."""
    return text.table(__name__, name)


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

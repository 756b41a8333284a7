"""Names of tools: the server or the namespace before them, and their words."""

import re

_NAMESPACE = re.compile(r"(?:__|[.:/])(?=[^\W\d_])")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+|\d+")


def bare(name: str) -> str:
    """The tool's own name: mcp__shop__find_order and functions.find_order are find_order."""
    return _NAMESPACE.split(name)[-1]


def spelt(name: str) -> list[str]:
    """The words of its own name in lower case."""
    return words(bare(name))


def words(text: str) -> list[str]:
    """In lower case, those that a name joins by marks or by capitals, too, and numbers."""
    return [word.casefold() for word in _WORD.findall(text)]

"""Tables in Markdown, out of names that come from logs: these cannot break out of their cell."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence

LONGEST = 80
"""Characters of a name in a table."""


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Nothing at all without rows."""
    lines = list(_lines(rows))
    return "\n".join([*_lines([columns, ["---"] * len(columns)]), *lines]) + "\n" if lines else ""


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    return (f"| {' | '.join(map(str, row))} |" for row in rows)


def cell(value: object) -> str:
    """A name as one line that Markdown and HTML leave alone."""
    text = " ".join(str(value).split())
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return re.sub(r"([\\`*_|\[\]])", r"\\\1", html.escape(short, quote=False))

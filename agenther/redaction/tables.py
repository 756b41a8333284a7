"""Secrets under the head of their column: rows with commas, semicolons, tabs or bars."""

import re
from collections.abc import Iterator, Sequence

from agenther.redaction.names import check_for
from agenther.redaction.spans import Span

HINT = "passw|pwd|secret|token|key"
# A row of words, one of them telling.
_HEAD = re.compile(rf"(?im)^[ \t]*\|?(?=[^\n]{{0,400}}(?:{HINT}))[\w \"'.|,;\t-]{{5,400}}\r?$")
_ROWS = 200


def spans(text: str, _: Sequence[int]) -> Iterator[Span]:
    """The values below each telling head, as far as the rows have as many cells."""
    at = 0
    for head in _HEAD.finditer(text):
        if head.start() < at:
            continue
        mark = next((mark for mark in "|\t;," if mark in head[0]), "")
        cells = head[0].split(mark) if mark else []
        checks = {column: check for column, cell in enumerate(cells) if (check := check_for(cell.strip(" \"'`*")))}
        if not checks:
            continue
        at = head.end() + 1
        for row in text[at : at + 20_000].split("\n")[:_ROWS]:
            values = row.split(mark)
            if len(values) != len(cells):
                break
            start = at
            for column, value in enumerate(values):
                secret = value.strip(" \r\"'`*")
                if column in checks and " " not in secret and checks[column](secret, True, False):
                    begin = start + value.index(secret)
                    yield Span(begin, begin + len(secret), "SECRET")
                start += len(value) + 1
            at += len(row) + 1

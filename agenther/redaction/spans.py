"""What a rule finds: a stretch of text and what it is."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

# A value may begin after any sign that is no part of a word, after an escape in escaped JSON ("\\n"),
# or after a percent escape in a URL.
BEGIN = re.compile(r"(?<![A-Za-z0-9_])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9A-Fa-f]{2})")


class Span(NamedTuple):
    start: int
    end: int
    kind: str


Reader = Callable[[str, int], Span | None]
"""(text, where a name stands in it) -> what the name tells of."""


class Rule(NamedTuple):
    """A pattern whose group `v` is the value, and what a pattern cannot say, or would say slowly."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[re.Match[str]], bool] = bool
    begin: re.Pattern[str] = BEGIN
    """Holds where a match may begin. Apart from the pattern, which is quick to miss if it begins with fixed text."""


class Group(NamedTuple):
    """Rules that need not be tried where `hint` is not found; it too should begin with fixed text."""

    hint: re.Pattern[str]
    rules: tuple[Rule, ...]


def spans(groups: Iterable[Group], text: str) -> Iterator[Span]:
    """Every match of every rule."""
    for hint, rules in groups:
        if hint.search(text):
            for rule in rules:
                for match in rule.pattern.finditer(text):
                    if rule.begin.match(text, match.start()) and rule.check(match):
                        yield Span(*match.span("v"), rule.kind)


def after(kind: str, pattern: str, check: Callable[[str], bool]) -> Reader:
    """A reader of `pattern`, which begins with the name; its group `v` is the value."""
    compiled = re.compile(pattern)

    def read(text: str, at: int) -> Span | None:
        match = compiled.match(text, at)
        return Span(*match.span("v"), kind) if match and check(match["v"]) else None

    return read

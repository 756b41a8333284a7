"""What a rule finds: a stretch of text and what it is."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

# A value may begin after any sign that is no part of a word, after an escape in escaped JSON ("\\n"),
# or after a percent escape in a URL.
BEGIN = re.compile(r"(?<![A-Za-z0-9_])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9A-Fa-f]{2})")


class Span(NamedTuple):
    start: int
    end: int
    kind: str


class Run:
    """Letters and digits of ASCII, and the signs `also`, at least so many of them together, and what may end them.

    Where they stand is found without a pattern, which would try at each letter.
    """

    def __init__(self, also: bytes = b"", *, least: int, end: str = "") -> None:
        self._signs = bytes(97 if bytes([sign]).isalnum() or sign in also else 32 for sign in range(256))
        self._least = b"a" * least
        self._pattern = re.compile(rf"[A-Za-z0-9{re.escape(also.decode())}]++{end}")

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        signs = text.encode("latin-1", "replace").translate(self._signs)
        at = signs.find(self._least)
        while at >= 0 and (match := self._pattern.match(text, at)):
            yield match
            at = signs.find(self._least, match.end())


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

    def spans(self, text: str, _: Sequence[int]) -> Iterator[Span]:
        """Every match of every rule."""
        for rule in self.rules if self.hint.search(text) else ():
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

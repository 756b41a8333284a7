"""One search for the fixed texts that rules go by, so that each is tried only where its own stands."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick

from agenther.redaction.spans import Reader, Span

Finder = Callable[[str, Sequence[int]], Iterator[Span]]
"""(text, where the fixed text stands in it that the finder's hint begins with, if there is one) -> what it finds."""

_FIXED = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\\W)*(?![?*{])")
_WINDOW = 65536
"""Signs that are searched at once: a hostile text is nothing but anchors."""


class Anchored:
    """Finders, each with its hint: a pattern without which it finds nothing."""

    def __init__(self, finders: Iterable[tuple[str, Finder]]) -> None:
        self._finders: list[Finder] = []
        self._patterns: list[tuple[int, Callable[[str], object]]] = []
        self._numbers: list[int] = []
        leads: list[bytes] = []
        for number, (hint, finder) in enumerate(finders):
            self._finders.append(finder)
            if all(anchors := [_signs(anchor(part)) for part in _alternatives(hint)]):
                self._numbers += [number] * len(anchors)
                leads += anchors
            else:
                self._patterns.append((number, re.compile(hint).search))
        self._overlap = max(map(len, leads), default=1) - 1
        self._search = BytesAhoCorasick(leads)

    def spans(self, text: str) -> Iterator[Span]:
        """What each finder finds, in their order."""
        signs = _signs(text)
        places: dict[int, list[int]] = {n: [] for n, search in self._patterns if search(text)}
        for begin in range(0, len(signs), _WINDOW):
            window = signs[begin : begin + _WINDOW + self._overlap]
            for index, at, _ in self._search.find_matches_as_indexes(window, overlapping=True):
                if at < _WINDOW:
                    places.setdefault(self._numbers[index], []).append(begin + at)
        for number in sorted(places):
            yield from self._finders[number](text, places[number])


def anchor(pattern: str) -> str:
    """The fixed text that all matches of `pattern` begin with; empty where that is nothing, or a sign and then more."""
    fixed = _FIXED.match(pattern)
    whole = fixed is not None and fixed[0] == pattern
    lead = re.sub(r"\\(\W)", r"\1", fixed[0]) if fixed and (whole or "|" not in pattern) else ""
    return lead if len(lead) > 1 or whole else ""


def _alternatives(pattern: str) -> list[str]:
    """Those of a pattern that is made of plain texts."""
    return [pattern] if re.search(r"[\\(\[]", pattern) else pattern.split("|")


def beside(name: str, read: Reader) -> tuple[str, Finder]:
    """Hint and finder of what is read at each place of the name, but within a value."""

    def spans(text: str, places: Sequence[int]) -> Iterator[Span]:
        done = 0
        for at in places:
            span = read(text, at) if at >= done else None
            if span:
                yield span
                done = span.end

    return re.escape(name), spans


def _signs(text: str) -> bytes:
    """A byte for each sign, in whatever script; small letters."""
    return text.encode("latin-1", "replace").lower()

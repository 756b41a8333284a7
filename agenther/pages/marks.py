"""Text with the places in it that prove something."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

LONG = 20_000
"""Characters of one text that are shown whole."""
AROUND = 1_500
"""Of a longer one, so many at its beginning, and before and behind each place."""


class Spot(NamedTuple):
    start: int
    end: int
    name: str
    """Of the anchor to which a claim leads."""


class Piece(NamedTuple):
    """A part of a text, in its order."""

    text: str
    marked: bool = False
    anchors: tuple[str, ...] = ()
    """Of the places that begin here."""
    left_out: int = 0
    """Characters that are not shown here, instead of a text."""


def pieces(text: str, spots: Iterable[Spot]) -> list[Piece]:
    """The whole text, or of a long one its beginning and what stands around the places."""
    found = sorted(spot for spot in spots if spot.start < spot.end)
    shown = _shown(text, found)
    bounds = sorted(
        {0, len(text), *(at for spot in found for at in (spot.start, spot.end)), *(at for it in shown for at in it)}
    )
    made: list[Piece] = []
    for start, end in pairwise(bounds):
        if any(first <= start < last for first, last in shown):
            anchors = tuple(spot.name for spot in found if spot.start == start)
            made.append(Piece(text[start:end], any(spot.start <= start < spot.end for spot in found), anchors))
        elif made and made[-1].left_out:
            made[-1] = made[-1]._replace(left_out=made[-1].left_out + end - start)
        else:
            made.append(Piece("", left_out=end - start))
    return made


def _shown(text: str, spots: list[Spot]) -> list[tuple[int, int]]:
    if len(text) <= LONG:
        return [(0, len(text))]
    around = ((max(0, spot.start - AROUND), min(len(text), spot.end + AROUND)) for spot in spots)
    return list(_joined(sorted([(0, AROUND), *around])))


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start, end = spans[0]
    for first, last in spans[1:]:
        if first > end:
            yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    yield start, end

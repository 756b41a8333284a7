"""Where in a text something private stands."""

import re
from collections.abc import Iterator, Mapping

from agenther.redaction import bundled, generated, named, names, numbers, people, tables
from agenther.redaction.layers import flat, layers
from agenther.redaction.personal import PERSONAL
from agenther.redaction.places import PLACES
from agenther.redaction.spans import Span, spans
from agenther.redaction.tokens import TOKENS

# No quote, backslash, bracket or blank in it: it may stand in JSON, in escaped JSON, in a URL and in an action.
PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]{1,20}_[0-9a-f]{8}>")
_WORD = re.compile(r"\w+")
_WORD_GOES_ON = re.compile(r"(?<=\w)\w")

Known = Mapping[str, list[tuple[str, str]]]
"""(value, kind) of what was found elsewhere, by the value's first word."""


def known_by_word(values: Mapping[str, str]) -> Known:
    known: dict[str, list[tuple[str, str]]] = {}
    for value, kind in values.items():
        if word := _WORD.search(value):
            known.setdefault(word[0], []).append((value, kind))
    return known


def find(text: str, name: str) -> list[Span]:
    """The private stretches of `text` that stands under `name` in an object: in order, apart from each other.

    The name is set before the text, so that it counts in JSON as it does in a text.
    """
    if names.whole(text, name):
        return [Span(0, len(text), "SECRET")]
    found: list[Span] = []
    lead = f'"{name}": "' if name else ""
    for offset, piece in _pieces(text):
        whole = lead + piece if offset == 0 else piece
        shift = offset - (len(whole) - len(piece))
        hits = _hits(whole)
        found += (Span(start + shift, end + shift, kind) for start, end, kind in hits if start + shift >= offset)
    return found


def _hits(text: str) -> list[Span]:
    """In the text as it is, and in each layer of it. What our rules find goes before what others make of it."""
    found = list(_ours(text))
    others = [*bundled.spans(flat(text)), *generated.spans(flat(text))]
    for layer in layers(text):
        found += map(layer.placed, _ours(layer.text))
        others += map(layer.placed, bundled.spans(flat(layer.text)))
        others += map(layer.placed, generated.spans(flat(layer.text)))
    hits = _apart(found)
    return _apart([*hits, *(span for span in others if not _overlaps(span, hits))])


def _ours(text: str) -> Iterator[Span]:
    yield from spans(TOKENS, text)
    yield from spans(PERSONAL, text)
    yield from spans(PLACES, text)
    yield from numbers.spans(text)
    yield from people.spans(text)
    yield from named.spans(text)
    yield from tables.spans(text)


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def find_again(text: str, known: Known) -> list[Span]:
    """Where what is known from elsewhere stands as whole words."""
    if not known:
        return []
    found: list[Span] = []
    for offset, piece in _pieces(text):
        hits = [
            *_again(piece, known),
            *(layer.placed(span) for layer in layers(piece) for span in _again(layer.text, known)),
        ]
        found += (Span(start + offset, end + offset, kind) for start, end, kind in hits)
    return _apart(found)


def _again(text: str, known: Known) -> Iterator[Span]:
    for word in _WORD.finditer(text):
        for value, kind in known.get(word[0], ()):
            start = word.start() - value.index(word[0])
            end = start + len(value)
            if start >= 0 and text.startswith(value, start) and not _WORD_GOES_ON.match(text, end):
                yield Span(start, end, kind)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """What stands between placeholders, each with its place: nothing is read into or on behind a placeholder."""
    start = 0
    for placeholder in PLACEHOLDER.finditer(text):
        yield start, text[start : placeholder.start()]
        start = placeholder.end()
    yield start, text[start:]


def _apart(hits: list[Span]) -> list[Span]:
    """Overlapping spans become one, of the longest one's kind; of equal ones the first, which says most."""
    merged: list[Span] = []
    longest = 0
    for start, end, kind in sorted(hits, key=lambda span: span.start):
        if not merged or start >= merged[-1].end:
            merged.append(Span(start, end, kind))
            longest = end - start
        else:
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, end), kind if end - start > longest else last.kind)
            longest = max(longest, end - start)
    return merged

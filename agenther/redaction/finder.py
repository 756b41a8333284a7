"""Where in a text something private stands."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from agenther.redaction import bundled, generated, named, names, numbers, people, tables
from agenther.redaction.anchors import Anchored, Finder, beside
from agenther.redaction.layers import flat, layers
from agenther.redaction.personal import PERSONAL
from agenther.redaction.places import PLACES
from agenther.redaction.spans import Span
from agenther.redaction.tokens import TOKENS

# No quote, backslash, bracket or blank in it: it may stand in JSON, in escaped JSON, in a URL and in an action.
PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]{1,20}_[0-9a-f]{8}>")
_WORD = re.compile(r"\w")
_WORD_GOES_ON = re.compile(r"(?<=\w)\w")
_REMEMBERED = 4096
_LONGEST_REMEMBERED = 16384

# In their order: of two kinds that hold for one stretch, the first is told.
_OURS = Anchored(
    (
        *((group.hint.pattern, group.spans) for group in (*TOKENS, *PERSONAL, *PLACES)),
        (numbers.HINT, numbers.spans),
        (people.HINT, people.spans),
        *(beside(name, read) for name, read in named.READERS.items()),
        (tables.HINT, tables.spans),
    )
)


def find(text: str, name: str) -> tuple[Span, ...]:
    """The private stretches of `text` that stands under `name` in an object: in order, apart from each other.

    The name is set before the text, so that it counts in JSON as it does in a text. Rows repeat much of what is in
    others (system prompts, results, names of fields), so that what was found in the last texts is remembered.
    """
    return (_found_before if len(text) <= _LONGEST_REMEMBERED else _found)(text, name)


def _found(text: str, name: str) -> tuple[Span, ...]:
    if names.whole(text, name):
        return (Span(0, len(text), "SECRET"),)
    found: list[Span] = []
    lead = f'"{name}": "' if name else ""
    for offset, piece in _pieces(text):
        whole = lead + piece if offset == 0 else piece
        shift = offset - (len(whole) - len(piece))
        hits = _hits(whole)
        found += (Span(start + shift, end + shift, kind) for start, end, kind in hits if start + shift >= offset)
    return tuple(found)


_found_before = lru_cache(maxsize=_REMEMBERED)(_found)


def _hits(text: str) -> list[Span]:
    """In the text as it is, and in each layer of it. What our rules find goes before what others make of it."""
    found = list(_OURS.spans(text))
    others = list(_others(text))
    for layer in layers(text):
        found += map(layer.placed, _OURS.spans(layer.text))
        others += map(layer.placed, _others(layer.text))
    hits = _apart(found)
    return _apart([*hits, *(span for span in others if not _overlaps(span, hits))])


def _others(text: str) -> Iterator[Span]:
    text = flat(text)
    yield from bundled.spans(text)
    yield from generated.spans(text)


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def find_again(known: Mapping[str, str]) -> Callable[[str], Sequence[Span]]:
    """Finds in a text where values (with their kinds) that are known from elsewhere stand as whole words."""
    values = [(re.escape(value), _again(value, kind)) for value, kind in known.items() if _WORD.search(value)]
    again = Anchored(values)

    @lru_cache(maxsize=_REMEMBERED)
    def spans(text: str) -> Sequence[Span]:
        found: list[Span] = []
        for offset, piece in _pieces(text) if values else ():
            hits = [
                *again.spans(piece),
                *(layer.placed(span) for layer in layers(piece) for span in again.spans(layer.text)),
            ]
            found += (Span(start + offset, end + offset, kind) for start, end, kind in hits)
        return _apart(found)

    return spans


def _again(value: str, kind: str) -> Finder:
    def spans(text: str, places: Sequence[int]) -> Iterator[Span]:
        for start in places:
            end = start + len(value)
            if text.startswith(value, start) and not any(_WORD_GOES_ON.match(text, at) for at in (start, end)):
                yield Span(start, end, kind)

    return spans


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

"""A text without what may stand between its words, and where every character of it stands in the text itself.

Pages come as trees and JSON comes as text in JSON: between two words of a sentence there may be a line mark, a tag,
a bullet, a character of no width or an escaped line break. Two texts that read the same are flat alike.
"""

import html
import re
from functools import lru_cache
from typing import NamedTuple

_BETWEEN = re.compile(
    r"(?P<mark>^[ \t>]*+(?:[-*+#•·▪‣◦●]++[ \t]++)?(?:_?\[(?:\w{0,12}|[:* ])\][ \t]*+)++"
    r"(?:[A-Za-z]{2,24}[ \t]++(?=['\"]))?(?=\S)"
    r"|^[ \t>]*+[-*+#]++[ \t]++|</?[A-Za-z][^<>\n]{0,300}>|(?<!\\)\\++[nrt]|\n|(?:[^\S\n]|[•·▪‣◦●])++)"
    r"|(?P<nothing>[\"'“”‘’„«»`´]|(?<!\\)\\++(?=[\"'/])|[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff])"
    r"|(?<!\\)\\++u(?P<code>[0-9a-fA-F]{4})|(?P<entity>&(?:[a-z]{2,6}|#\d{2,5});)|(?P<dash>[‐‑‒–—])",
    re.MULTILINE,
)
AT_HAND = 8
"""Texts of which the flat form is kept: several claims cite the same page."""


class Flat(NamedTuple):
    text: str
    starts: list[int]
    """For each character, where it begins in the text itself."""
    ends: list[int]


def flat(text: str) -> Flat:
    """The words one blank apart, marks close to them; no quotation marks, since nobody copies those as they were."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    is_apart = False
    last = ""

    def add(part: str, begins: range, stops: range) -> None:
        nonlocal is_apart, last
        if is_apart and last.isalnum() and part[0].isalnum():
            parts.append(" ")
            starts.append(begins[0])
            ends.append(begins[0])
        parts.append(part)
        starts.extend(begins)
        ends.extend(stops)
        is_apart, last = False, part[-1]

    at = 0
    for found in _BETWEEN.finditer(text):
        start, end = found.span()
        if start > at:
            add(text[at:start], range(at, start), range(at + 1, start + 1))
        at = end
        if found["mark"] is not None:
            is_apart = True
        elif said := _said(found):
            add(said, range(start, start + 1), range(end, end + 1))
    if at < len(text):
        add(text[at:], range(at, len(text)), range(at + 1, len(text) + 1))
    return Flat("".join(parts), starts, ends)


def unmarked(text: str) -> str:
    """The text with a blank for each mark between words; where its characters stood is lost, and time is saved."""
    return _BETWEEN.sub(lambda found: " " if found["mark"] is not None else _said(found), text)


def _said(found: re.Match[str]) -> str:
    """The one character that an escape, an entity or a dash stands for; none for one that is left out."""
    if found["code"]:
        return chr(int(found["code"], 16))
    if found["entity"]:
        meant = html.unescape(found["entity"])
        return meant if len(meant) == 1 and not meant.isspace() else ""
    return "-" if found["dash"] else ""


_flat = lru_cache(maxsize=AT_HAND)(flat)


def find(words: str, text: str) -> tuple[int, int] | None:
    """Where the text says these words, from and to; None where it does not. Letter by letter, where they stand so."""
    if (start := text.find(words)) >= 0:
        return start, start + len(words)
    meant = flat(words).text
    if sum(map(str.isalnum, meant)) < 2:
        return None
    whole = _flat(text)
    start = whole.text.find(meant)
    return None if start < 0 else (whole.starts[start], whole.ends[start + len(meant) - 1])

r"""A text as it reads without its escapes: \\u0040, \\n, &#64;, %40, base64."""

import base64
import binascii
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from agenther.redaction.spans import Run, Span

_ESCAPE = re.compile(  # what they have in common comes first: a search for it is quick
    r"[\\%&](?:(?<=\\)\\{0,7}(?:x[0-9a-fA-F]{2}"  # repr; JSON, also in JSON
    r"|u[dD][89abAB][0-9a-fA-F]{2}\\{1,8}u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4})"
    r"|(?<=%)(?:[c-fC-F][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){1,3}|[0-7][0-9a-fA-F])"  # URLs
    r"|(?<=&)(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});)"  # HTML, XML
)
_BASE64 = Run(b"+/_-", least=24, end="={0,2}")
_STANDARD = str.maketrans("-_", "+/")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SIMPLE = {"\\n": " \n", "\\r": " \r", "\\t": " \t", '\\"': ' "', "\\'": " '"}
_DEPTH = 4
"""Layers that are taken off: JSON in JSON in a URL, and base64 in it."""
_LONGEST = 65536
"""Signs of base64 that are looked into; what is longer is a picture or a file."""


class Layer(NamedTuple):
    """A text without one or more layers of escapes."""

    text: str
    starts: list[int]
    """Where each piece begins in `text`: what stands between escapes, and what an escape stands for, in turn."""
    origins: list[tuple[int, int]]
    """Where each piece stands in the text that was unescaped."""
    below: "Layer | None"
    """The layer that was unescaped; None for the first, which lies in the text itself."""

    def placed(self, span: Span) -> Span:
        """Where it stands in the text itself; escapes are taken whole."""
        first = bisect_right(self.starts, span.start) - 1
        last = bisect_right(self.starts, span.end - 1) - 1
        start, _ = self.origins[first]
        _, end = self.origins[last]
        if first % 2 == 0:
            start += span.start - self.starts[first]
        if last % 2 == 0:
            end = self.origins[last][0] + span.end - self.starts[last]
        lower = Span(start, end, span.kind)
        return self.below.placed(lower) if self.below else lower


def flat(text: str) -> str:
    """`text` with line breaks, tabs and quotes in the place of their escapes, nothing moved."""
    for escape, meant in _SIMPLE.items() if "\\" in text else ():
        text = text.replace(escape, meant)
    return text


def layers(text: str) -> Iterator[Layer]:
    """`text` without its escapes, without those that come to light by that, and so on."""
    below: Layer | None = None
    for _ in range(_DEPTH):
        layer = _read(text, _ESCAPE.finditer(text), _unescaped, below)
        runs = _BASE64.matches(layer.text if layer else text)
        layer = _read(layer.text if layer else text, runs, decoded, layer or below) or layer
        if layer is None:
            return
        yield layer
        below, text = layer, layer.text


def plain(text: str) -> str:
    """As it reads without any escape but base64."""
    for _ in range(_DEPTH):
        layer = _read(text, _ESCAPE.finditer(text), _unescaped, None)
        if layer is None:
            break
        text = layer.text
    return text


def _read(
    text: str, matches: Iterable[re.Match[str]], read: Callable[[str], str | None], below: Layer | None
) -> Layer | None:
    """With what each match is read as; None where nothing is."""
    parts: list[str] = []
    starts: list[int] = []
    origins: list[tuple[int, int]] = []
    done = length = 0
    for match in matches:
        meant = read(match[0])
        if meant is None:
            continue
        start, end = match.span()
        starts += (length, length + start - done)
        origins += ((done, start), (start, end))
        parts += (text[done:start], meant)
        length += start - done + len(meant)
        done = end
    if not parts:
        return None
    starts.append(length)
    origins.append((done, len(text)))
    return Layer("".join((*parts, text[done:])), starts, origins, below)


def _unescaped(escape: str) -> str | None:
    """The letter that is meant; None for an HTML entity that there is not."""
    if escape[0] == "%":
        return unquote(escape, errors="replace")
    if escape[0] == "&":
        meant = html.unescape(escape)
        return None if meant == escape else meant
    units = (int(unit, 16) for unit in re.split(r"\\+[ux]", escape)[1:])
    return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be", "surrogatepass")


def decoded(run: str) -> str | None:
    """What is text in base64, in either alphabet; nearly nothing else decodes to ASCII."""
    if len(run) > _LONGEST:
        return None
    plain = run.rstrip("=").translate(_STANDARD)
    try:
        meant = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None
    if not meant.isascii() or _CONTROL.search(meant):
        return None
    return meant.decode("ascii")

"""The values in what a tool returned: JSON or Python's spelling of it, whole or cut off.

Tools answer in JSON, in `repr` of Python objects, in JSON that holds either as a string, and loggers cut
all of these anywhere. What is complete before the cut is read; what the cut falls into is left out.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

MAX_CHARACTERS = 20_000
"""Of one observation, looked at for values; facts that a person would ask for stand early."""
MAX_DEPTH = 60


@dataclass(frozen=True)
class Values:
    """`root` is a dict, a list or a scalar; `whole` is False when the text was cut before its end."""

    root: Any
    whole: bool


def values(text: str) -> Values | None:
    """The values that a tool's answer holds; None when it is no structured text.

    A wrapper {"error": "", "response": "..."} is opened, and a string that holds values itself is read.
    """
    found = _read(text[:MAX_CHARACTERS], whole=len(text) <= MAX_CHARACTERS)
    for _ in range(3):
        if found is None:
            return None
        inner = found.root
        if isinstance(inner, dict) and "response" in inner and set(inner) <= {"error", "response"}:
            inner = inner["response"]
        nested = _read(inner, whole=found.whole) if isinstance(inner, str) else None
        if nested is None:
            return Values(inner, found.whole)
        found = nested
    return found


_TOKEN = re.compile(
    r"\s*(?:(?P<string>[bru]?(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\"))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]})])"
    r"|(?P<word>[A-Za-z_]+)(?=[\s,\]})])"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<mark>[,:]))",
    re.DOTALL,
)
_PLAIN = {"(": "[", ")": "]", "true": "true", "false": "false"}


def _read(text: str, *, whole: bool) -> Values | None:
    """Reads left to right, as JSON, up to where the text no longer makes sense."""
    text = text.strip()
    if not text.startswith(("{", "[", "(", '"')):
        return None
    try:
        return Values(json.loads(text), whole)
    except (ValueError, RecursionError):
        pass
    read: list[str] = []
    deep = at = 0
    while deep <= MAX_DEPTH and (token := _TOKEN.match(text, at)):
        kind, piece, at = token.lastgroup, token[token.lastgroup or 0], token.end()
        deep += (kind == "open") - (kind == "close")
        if kind == "string":
            piece = json.dumps(unescaped(piece.lstrip("bru")[1:-1]))
        read.append(_PLAIN.get(piece.casefold(), "null" if kind == "word" else piece) if kind != "string" else piece)
        if not deep:
            break
    rest = text[at:].lstrip()
    if deep and rest.startswith('"') and read == ["{", *read[1:-2], '"response"', ":"]:
        read.append(json.dumps(unescaped(rest[1:])))  # a string that was cut counts where it holds a whole answer
    try:
        return Values(from_json("".join(read), allow_partial=True), not deep) if read else None
    except ValueError:
        return None


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


def unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

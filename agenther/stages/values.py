"""The values in what a tool returned: JSON or Python's spelling of it, whole or cut off.

Tools answer in JSON, in `repr` of Python objects, in JSON that holds either as a string, and loggers cut
all of these anywhere. What is complete before the cut is read; what the cut falls into is left out.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

MAX_CHARACTERS = 20_000
"""Of one observation, looked at for values; facts that a person would ask for stand early."""
MAX_DEPTH = 60
MOST_HALVES = 4
"""Tokens that may stand open at the end: a key, its colon, a comma."""
MAX_DIGITS = 4000
"""Of a number that is read exactly; Python refuses to read a whole number with many more."""


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
        inner = _inner(found.root)
        if not isinstance(inner, str):
            return Values(inner, found.whole)
        nested = _read(inner, whole=found.whole)
        if nested is None:
            return Values(inner, found.whole)
        found = nested
    return found


def _inner(root: Any) -> Any:
    """What stands behind an {"error": ..., "response": ...} wrapper, or `root` itself."""
    if isinstance(root, dict) and "response" in root and set(root) <= {"error", "response"}:
        return root["response"]
    return root


def _read(text: str, *, whole: bool) -> Values | None:
    text = text.strip()
    if not text.startswith(("{", "[", "(", '"')):
        return None
    try:
        return Values(json.loads(text), whole)
    except (ValueError, RecursionError):
        return _tolerant(text)


_TOKEN = re.compile(
    r"\s*(?:(?P<string>[bru]?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]})])"
    r"|(?P<word>[A-Za-z_]+)(?=[\s,\]})])"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<mark>[,:]))",
    re.DOTALL,
)
_WORDS = {"true": "true", "false": "false"}


def _tolerant(text: str) -> Values | None:
    """Reads left to right, as JSON, up to where the text no longer makes sense; what is open there is closed."""
    read: list[str] = []
    closing: list[str] = []
    at = 0
    while len(closing) <= MAX_DEPTH and (token := _TOKEN.match(text, at)):
        kind, piece = token.lastgroup or "", token[token.lastgroup or 0]
        at = token.end()
        if kind == "open":
            closing.append("}" if piece == "{" else "]")
            read.append("{" if piece == "{" else "[")
        elif kind == "close":
            read.append(closing.pop())
        else:
            read.append(piece if kind == "mark" else _scalar(kind, piece))
        if not closing:
            return _parsed(read, [], whole=True)
    rest = text[at:].lstrip()
    if rest.startswith('"') and (not read or read == ["{", *read[1:-2], '"response"', ":"]):
        read.append(json.dumps(unescaped(rest[1:])))  # a string that was cut counts where it holds a whole answer
    return _parsed(read, closing, whole=False) if read else None


def _parsed(read: list[str], closing: list[str], *, whole: bool) -> Values | None:
    """What was read; less and less of its end, where that is half of something."""
    for less in range(MOST_HALVES):
        try:
            kept = "".join(read[: len(read) - less]).rstrip(",")
            return Values(json.loads(kept + "".join(reversed(closing))), whole)
        except (ValueError, RecursionError):
            continue
    return None


def _scalar(kind: str, text: str) -> str:
    if kind == "number":
        return str(float(text)) if len(text) > MAX_DIGITS else text
    if kind == "word":
        return _WORDS.get(text.casefold(), "null")
    return json.dumps(unescaped(text.lstrip("bru")[1:-1]))


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


def unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

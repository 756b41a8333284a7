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
        return _Reading(text).values()


_TOKEN = re.compile(
    r"\s*(?:(?P<string>[bru]?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[\s,\]})])"
    r"|(?P<word>[A-Za-z_]+)(?=[\s,\]})])"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])|(?P<mark>[,:]))",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "none": None, "null": None, "nan": None}


class _Reading:
    """A tolerant reading, left to right, that stops where the text no longer makes sense."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[Any] = []
        self.keys: list[Any] = []
        self.root: Any = None

    def values(self) -> Values | None:
        position = 0
        while token := _TOKEN.match(self.text, position):
            position = token.end()
            kind = token.lastgroup or ""
            if not self._take(kind, token[kind]):
                break
            if not self.open:
                return Values(self.root, whole=True)
        self._cut(self.text[position:].lstrip())
        return None if self.root is None else Values(self.root, whole=False)

    def _take(self, kind: str, text: str) -> bool:
        """Works one token in; False when the text makes no sense from here on."""
        if kind == "open":
            self._put({} if text == "{" else [])
            self.open.append(self._last)
            self.keys.append(None)
            return len(self.open) <= MAX_DEPTH
        if kind == "close":
            self.open.pop()
            self.keys.pop()
            return True
        if kind == "mark":
            return True
        return self._put(_scalar(kind, text))

    def _put(self, value: Any) -> bool:
        self._last = value
        if not self.open:
            self.root = value
            return True
        container, key = self.open[-1], self.keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            if not isinstance(value, str):
                return False
            self.keys[-1] = value
        else:
            container[key] = value
            self.keys[-1] = None
        return True

    def _cut(self, rest: str) -> None:
        """Of a string that was cut before its closing mark, only one that holds a whole answer counts."""
        alone = not self.open and self.root is None
        wrapped = len(self.open) == 1 and self.keys == ["response"]
        if rest.startswith('"') and (alone or wrapped):
            self._put(unescaped(rest[1:]))


def _scalar(kind: str, text: str) -> Any:
    if kind == "number":
        return float(text) if len(text) > MAX_DIGITS or any(mark in text for mark in ".eE") else int(text)
    if kind == "word":
        return _WORDS.get(text.casefold())
    return unescaped(text.lstrip("bru")[1:-1])


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


def unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])

    return _ESCAPE.sub(plain, text) if "\\" in text else text

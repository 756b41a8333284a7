"""How a tool's answer itself spells a field and its value, escapes and all."""

import json
from collections.abc import Iterator
from typing import Any

_MARKS = ("'", '"', '\\"', "\\'", '\\\\\\"')
_ENDS = frozenset(("", ",", "}", "]", ")", " ", "\n"))


class Spelling:
    """That of one answer. The entries of a list have the same fields: a field's name is looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, list[str]] = {}

    def quote(self, key: str, value: Any) -> str | None:
        """Its own words for `key: value`; for `value` alone without a key."""
        is_text = isinstance(value, str)
        labels = self._labels(key) if key else [""]
        for text in _spellings(value) if is_text else (str(value), json.dumps(value)):
            for told in [f"{mark}{text}{mark}" for mark in _MARKS] if is_text else [text]:
                for label in labels:
                    if _stands(label + told, self._text, is_whole=not is_text):
                        return label + told
        return None

    def _labels(self, key: str) -> list[str]:
        """The ways in which it writes the name before a value."""
        if key not in self._known:
            names = [name for mark in _MARKS if (name := f"{mark}{key}{mark}") in self._text]
            labels = (f"{name}{between}" for name in names for between in (": ", ":", " : "))
            self._known[key] = [label for label in labels if label in self._text]
        return self._known[key]


def _stands(words: str, text: str, *, is_whole: bool) -> bool:
    """Are they there? A number has to be whole: 50 is not in 500."""
    at = text.find(words)
    while is_whole and at >= 0 and text[at + len(words) : at + len(words) + 1] not in _ENDS:
        at = text.find(words, at + 1)
    return at >= 0


def _spellings(text: str) -> Iterator[str]:
    """As it is, then as JSON and Python write it, once and twice."""
    yield text
    for once in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]):
        yield from (once, json.dumps(once)[1:-1], json.dumps(once, ensure_ascii=False)[1:-1])

"""From the text of an answer to the JSON objects in it: whole, in prose or fences, after the thinking, or mended.

What is mended has to be unambiguous. Comments, trailing commas and raw line breaks are no part of what is said, and are
read over. What json-repair makes of the rest counts only where nothing was lost on the way: not the end of the object,
and none of its keys.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NoReturn

MOST_STARTS = 100
"""In how many places of an answer an object is looked for; a wrong one rarely comes so late."""
LONGEST_MENDED = 8_000
"""Characters; hardly any answer is longer, and json-repair's time grows with the square of it."""
MOST_WRAPPERS = 3
_THOUGHTS = r"(?:\w+:)?(?:think|thought|reason)\w*+"
_THINKING = re.compile(rf"[<\[◁]{_THOUGHTS}[>\]▷]|<\|begin_of_{_THOUGHTS}\|>", re.IGNORECASE)
_THOUGHT = re.compile(rf"[<\[◁]/{_THOUGHTS}[>\]▷]|<\|end_of_{_THOUGHTS}\|>|<\|message\|>", re.IGNORECASE)
"""Where thoughts end, as models of several families mark it; the last is where gpt-oss begins what it says."""
_STRING = r'"(?:[^"\\]|\\.)*+"'
_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"
_BETWEEN = re.compile(rf"({_STRING})|{_COMMENT}|,(?=(?:\s|{_COMMENT})*+[}}\]])", re.DOTALL)
"""Strings, and what JSON does not know outside of them."""
_BRACES = re.compile(rf"{_STRING}|([{{}}])", re.DOTALL)
_KEY = re.compile(r"""(["']?)(\w++)\1\s*+:""")


class TwiceError(Exception):
    """An object names a key twice, and says something different each time."""


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in `text`. Raises TwiceError for one that contradicts itself."""
    text = _unquoted(text.strip())
    if (whole := _decoded(text, 0)) and whole[1] == len(text):
        yield whole[0]
        return
    text, start = said(text), -1
    for _ in range(MOST_STARTS):
        start = text.find("{", start + 1)
        if start < 0:
            return
        if found := _decoded(text, start):
            yield found[0]
            start = found[1] - 1


def mended(text: str) -> dict[str, Any] | None:
    """The object that is meant by one that is not quite JSON; None where it may mean more than one."""
    text = said(text)
    text = text[text.find("{") : text.rfind("}") + 1]
    if not text or len(text) > LONGEST_MENDED:
        return None
    plain = _BETWEEN.sub(lambda token: token[1] or " ", text)
    braces = Counter(_BRACES.findall(plain))
    if braces["{"] != braces["}"]:
        return None
    if found := _decoded(plain, 0, strict=False):
        return found[0] if found[1] == len(plain) else None
    return _repaired(text)


def unwrapped(value: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """The object that has some of these fields, in one or more objects that hold nothing else than the next."""
    inner = value
    for _ in range(MOST_WRAPPERS):
        within = [one for one in inner.values() if isinstance(one, dict)]
        if len(within) != 1 or not inner.keys().isdisjoint(fields):
            break
        inner = within[0]
    return value if inner.keys().isdisjoint(fields) else inner


def _unquoted(text: str) -> str:
    """The text that a JSON string holds, where it is one."""
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value.strip() if isinstance(value, str) else text


def said(text: str) -> str:
    """What comes after the thinking."""
    end = 0
    for found in _THOUGHT.finditer(text):
        end = found.end()
    begun = _THINKING.search(text, end)
    return text[end : begun.start() if begun else None]


def _repaired(text: str) -> dict[str, Any] | None:
    """What json-repair takes it for, if it has all keys of the text as often as they stand there."""
    import json_repair  # noqa: PLC0415 - takes a twelfth of a second, and is rarely needed

    try:
        value = json_repair.loads(text, skip_json_loads=True, strict=True)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    kept = Counter(_keys(value))
    there = Counter(name for quote, name in _KEY.findall(text) if quote or name in kept)
    return value if there == kept else None


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(part)


def _decoded(text: str, start: int, *, strict: bool = True) -> tuple[dict[str, Any], int] | None:
    try:
        value, end = (_STRICT if strict else _LENIENT).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        for name, value in pairs:
            if value != found[name]:
                raise TwiceError(f"it says {name} twice, and not the same")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


_STRICT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_object)
_LENIENT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_object, strict=False)
"""Takes line breaks in strings as they are."""

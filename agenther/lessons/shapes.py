"""What values look like, in words of our own: none of them is said."""

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue
from pydantic_core import from_json

from agenther.text.addresses import split
from agenther.text.dates import date_spans, dates

MOST = 200
"""Leaves of a call's arguments that are looked at."""
LONG = 200
"""Characters of a text, from which on it is just that."""
WIDE = 65
"""Characters of a name that are looked at: one more than those of any that may be told."""
NAMES, UNGUESSED = frozenset({"an id", "a number", "a bare number written as text"}), 5
"""Shapes, and characters, of values that name something."""
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]++")
_NUMBER = re.compile(r"-?[\d,]*\d(?:\.\d+)?")
_WITH_UNIT = re.compile(r"[-+$€£¥]{0,2}[\d,]*\d(?:\.\d+)?[\s-]?(?:[^\W\d_]{1,6}|%|°[CF]?)|[$€£¥][\d,]*\d(?:\.\d+)?")
_ID = re.compile(r"(?=\S*\d)[\w.:#/-]+")
_TIME = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ]\d{1,2}:\d{2}[\d:.]*+ ?(?:Z|[+-]\d{2}:?\d{2}|[A-Z]{2,4}|[AaPp][Mm])?"
)
_TIMED = re.compile(r"(?<=\d )[A-Za-z]{2,4}$")
_GROUPED = re.compile(r"(?=.*\d[^\d]+\d)[\d +().-]{5,40}|\+\d[\d ().-]{0,39}")
_JOINED = re.compile(r"[^\W\d_]+([-_])[^\W\d_]+(?:\1[^\W\d_]+)*")
_QUOTED = re.compile(r"(?s)(['\"`]).*\1")
_PLAIN = re.compile(r"[\W_]+")


def leaves(arguments: Mapping[str, JsonValue]) -> dict[str, tuple[JsonValue, ...]]:
    """The scalar and the empty values, by path: payments[].amount has one for each element of the list."""
    found: dict[str, tuple[JsonValue, ...]] = {}
    pending = [(name[:WIDE], value) for name, value in reversed([*arguments.items()])]
    for _ in range(MOST):
        if not pending:
            break
        path, value = pending.pop()
        if isinstance(value, dict) and value:
            pending.extend((f"{path}.{name[:WIDE]}", inner) for name, inner in reversed([*value.items()]))
        elif isinstance(value, list) and value:
            pending.extend((f"{path}[]", inner) for inner in reversed(value))
        else:
            found[path] = (*found.get(path, ()), value)
    return found


def shape(values: tuple[JsonValue, ...]) -> str:
    """Of all values of one path, where they are alike."""
    shapes = {_shape(value) for value in values}
    return shapes.pop() if len(shapes) == 1 else "values of several shapes"


def _shape(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case list():
            return "an empty list"
        case dict():
            return "an empty object"
        case str():
            return _of_text(value)


def _of_text(text: str) -> str:
    text = text.strip()
    if len(text) > LONG:
        return "several words"
    return next((name for name, holds in SHAPES.items() if holds(text)), "") or _of_words(text)


def _of_words(text: str) -> str:
    if date_spans(text) == [(0, len(text))]:
        return f"a date written {_LETTERS.sub('Month', _DIGITS.sub('#', text))}"
    if _TIME.fullmatch(text):
        return f"a time written {_DIGITS.sub('#', _TIMED.sub('zone', text))}"
    if _GROUPED.fullmatch(text) and not _NUMBER.fullmatch(text):
        return f"a number written {_DIGITS.sub('#', text)}"
    if joined := _JOINED.fullmatch(text):
        return f"words joined by “{joined[1]}”"
    if len(text.split()) == 1:
        return f"one word in {_case(text)}"
    return "several words" if "," not in text else "several words with commas"


def _is_written(text: str) -> bool:
    """Is it a date, a time or a number, which are told by how they are written?"""
    return date_spans(text) == [(0, len(text))] or bool(_TIME.fullmatch(text) or _GROUPED.fullmatch(text))


def _case(word: str) -> str:
    if word.islower():
        return "lower case"
    return "capitals" if word.isupper() else "mixed case"


def is_name(values: tuple[JsonValue, ...]) -> bool:
    """Do they name something that nobody can guess: an order, a user?"""
    return shape(values) in NAMES and min(len(str(value)) for value in values) >= UNGUESSED


def is_same(one: tuple[JsonValue, ...], other: tuple[JsonValue, ...]) -> bool:
    """Do both say the same, be it in another shape?"""
    texts = ["".join(str(value) for value in values)[: LONG * MOST] for values in (one, other)]
    squeezed = {_PLAIN.sub("", text).casefold() for text in texts}
    if len(squeezed) == 1:
        return squeezed != {""}
    days = [set(dates(text)) for text in texts]
    return bool(days[0] & days[1])


def _is_json(text: str) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True


SHAPES: dict[str, Callable[[str], object]] = {
    "empty text": lambda text: not text,
    "JSON written as text": lambda text: text[0] in "[{" and _is_json(text),
    "text in quotation marks": lambda text: len(text) > 1 and _QUOTED.fullmatch(text),
    "an address": lambda text: split(text).scheme in {"http", "https"},
    "a bare number written as text": _NUMBER.fullmatch,
    "a number with a unit": _WITH_UNIT.fullmatch,
    "an id": lambda text: _ID.fullmatch(text) and not _is_written(text),
}
"""Of a text, by what they are told; the first that holds."""

"""The columns of a dataset format and their types: declared once, for the check of every row and for the card.

`datasets` is not told types when it loads JSON lines: it takes them from the first ten megabytes of the first file,
and what comes later has to fit. Two kinds of values would not:

- Tools have parameters of any shape. They stand in a column of JSON text, which a card declares as `Json`, so that it
  is a list again where the card is read; TRL's trainers take either.
- Arguments of calls have to be objects, since most chat templates write text twice encoded. Objects with the same keys
  throughout would be taken for a struct, a date in them for a timestamp. As soon as two differ in their keys, they
  are `Json` and come back as they were. So in the first row of a file the first message of each list has one key more.
  Only where that row is the only one, and a list in it has one message, that is not enough: the index tells the type.

From 4.8 on, `datasets` knows `Json`. It reads it with a parser that does not keep every fraction: such a row is left
out of the formats that have arguments as objects. Older versions would make a struct of all keys that they see, and
fill it with nulls: hundreds of arguments that no agent gave. What stands under the key that the first message has more
is a list of two types, at which they stop, and name that key.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple, TypeAlias


class Leaf(NamedTuple):
    """A type with nothing below it that would be declared."""

    dtype: str
    """As a dataset card names it."""
    holds: Callable[[Any], bool]
    mark: Mapping[str, Any] = {}
    """What an object gets in the first row of a file, so that not all have the same keys."""


class Each(NamedTuple):
    """A list of values of one type."""

    type: "Type"


class Maybe(NamedTuple):
    """A column that not every row has, or that is null in some."""

    type: "Type"


Type: TypeAlias = "Leaf | Each | Maybe | Mapping[str, Type]"
Columns: TypeAlias = "Mapping[str, Type]"


def _is_json(value: Any) -> bool:
    try:
        return isinstance(value, str) and json.loads(value) is not None
    except ValueError:
        return False


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


MARK: Mapping[str, Any] = {"datasets>=4.8": ["see README.md", True]}
"""For versions of `datasets` that do not know `Json`: they stop here, with "Column(/messages/[]/datasets>=4.8/[])
changed from string to boolean in row 0". Chat templates do not read it.
"""
TEXT = Leaf("string", lambda value: isinstance(value, str))
FLAG = Leaf("bool", lambda value: isinstance(value, bool))
WHOLE = Leaf("int64", lambda value: isinstance(value, int) and not isinstance(value, bool))
NUMBER = Leaf("float64", lambda value: isinstance(value, float))
JSON_TEXT = Leaf("json", _is_json)
OBJECT = Leaf("json", _is_object)
"""An object that lies beside others with other keys in every row, or that nobody trains on through `datasets`."""
MESSAGE = Leaf("json", _is_object, mark=MARK)
"""A message that may be the only one in its list."""
AGENT = Leaf("json", _is_object, mark={"extra": MARK})

ROUNDED = "a fraction that `datasets` would round"
DIGITS = 10
"""Behind the point, in which `datasets` writes a fraction before it reads it."""


def departures(row: Mapping[str, Any], columns: Columns) -> list[str]:
    """In what a row is another than its format's; each once."""
    return list(dict.fromkeys(_of(row, columns, "the row")))


def _of(value: Any, type_: Type, name: str) -> Iterator[str]:
    match type_:
        case Maybe(inner):
            yield from _of(value, inner, name) if value is not None else ()
        case Each(inner) if isinstance(value, list):
            for item in value:
                yield from _of(item, inner, name)
        case Leaf() if type_.holds(value):
            if type_ is MESSAGE and not is_kept(value):
                yield ROUNDED
        case Mapping() if isinstance(value, dict):
            yield from _of_fields(value, type_)
        case _:
            yield f"{name} is of another type"


def _of_fields(value: Mapping[str, Any], fields: Columns) -> Iterator[str]:
    for name in sorted(fields.keys() | value.keys()):
        if name not in fields:
            yield f"{name} is one column too many"
        elif name in value:
            yield from _of(value[name], fields[name], name)
        elif not isinstance(fields[name], Maybe):
            yield f"{name} is missing"


def is_kept(value: Any) -> bool:
    """Do all fractions in `value`, however deep, come back as they are?"""
    return all(_comes_back(abs(item)) for item in leaves(value) if isinstance(item, float))


def leaves(value: Any) -> Iterator[Any]:
    """All that is neither list nor object in `value`, however deep."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        else:
            yield item


def kept(number: float) -> float:
    """The number in six places, or the next one that comes back as it is."""
    return next(near for n in count() if _comes_back(near := round(number + n / 10**6, 6)))


def _comes_back(number: float) -> bool:
    """As pandas' ujson reads it: the digits behind the point times a power of ten, which is not exact itself."""
    whole, _, places = repr(number).partition(".")
    if not (whole.isdecimal() and places.isdecimal() and len(places) <= DIGITS):
        return False
    return int(whole) + int(places) * float(f"1e-{len(places)}") == number


def marked(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """The row as the first of its file."""
    return {name: _marked(value, columns[name]) for name, value in row.items()}


def _marked(value: Any, type_: Type) -> Any:
    match type_:
        case Each(inner) if value:
            return [_marked(value[0], inner), *value[1:]]
        case Leaf() if type_.mark:
            return {**value, **type_.mark}
        case Mapping():
            return marked(value, type_)
        case _:
            return value


def is_marked(columns: Columns) -> bool:
    """Does anything in the first row of a file stop old versions of `datasets`?"""
    return any(_is_marked(type_) for type_ in columns.values())


def _is_marked(type_: Type) -> bool:
    match type_:
        case Each(inner) | Maybe(inner):
            return _is_marked(inner)
        case Leaf():
            return bool(type_.mark)
        case _:
            return is_marked(type_)


def features(columns: Columns) -> list[dict[str, Any]]:
    """The columns as the `dataset_info` of a card declares them."""
    return [{"name": name, **_declared(type_)} for name, type_ in columns.items()]


def _declared(type_: Type) -> dict[str, Any]:
    match type_:
        case Maybe(inner):
            return _declared(inner)
        case Each(inner):
            return {"list": next(iter(_declared(inner).values()))}
        case Leaf():
            return {"dtype": type_.dtype}
        case _:
            return {"struct": features(type_)}

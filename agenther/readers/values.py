"""Records of a log one at a time, and values of which nothing is known: what comes back is what fits."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from agenther.errors import ReadError
from agenther.readers.json_text import parse
from agenther.readers.json_values import Record
from agenther.readers.log import Log
from agenther.records import Source

T = TypeVar("T")
MOST_NAMES = 12
"""So many fields of an object are named in a reason."""


def each(
    log: Log,
    name: str,
    found: Iterable[Record],
    run: Callable[[Source, Any], T],
    key: tuple[str, ...] = (),
) -> Iterator[T | ReadError]:
    """What `run` makes of each record of `log`, or why it cannot; its fields `key` tell a better key than the place."""
    for line, place, record in found:
        told = [name_of(fields(record).get(field)) for field in key]
        own = "/".join(told) if any(told) else place
        try:
            if isinstance(record, ReadError):
                raise record
            yield run(log.source(name, line, own), record)
        except ReadError as error:
            yield ReadError(error.reason, str(error), line=line, key=own)


def number(value: Any) -> float | None:
    """`value` as a float, if it is a JSON number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def name_of(value: Any) -> str:
    """An id as text; empty if it is neither text nor a whole number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def text(value: Any) -> str:
    """`value`, if it is text; else none."""
    return value if isinstance(value, str) else ""


def fields(value: Any) -> dict[str, Any]:
    """`value`, if it is an object; else one without fields."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """`value`, if it is a list; else one without items."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The items of `value` that are objects."""
    return [item for item in items(value) if isinstance(item, dict)]


def first_in(value: Any) -> dict[str, Any]:
    """The first item of `value`, if it is a list and that an object; else an object without fields."""
    return fields(next(iter(items(value)), None))


def unpacked(value: Any) -> Any:
    """`value`, or what it holds if it is JSON text (datasets keep tool schemas so)."""
    try:
        return parse(value) if isinstance(value, str) else value
    except ReadError:
        return None


def seen(value: Any) -> str:
    """What a value is, for a person: the names of its fields, or its type."""
    if isinstance(value, dict):
        names = ", ".join(f"`{name[:40]}`" for name in list(value)[:MOST_NAMES])
        return f"an object with {names}{', …' if len(value) > MOST_NAMES else ''}" if names else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    return {str: "text", bool: "true or false", type(None): "null"}.get(type(value), "a number")

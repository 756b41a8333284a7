"""A record as one line of JSON that is the same wherever and however it was written, and the types of its columns."""

import json
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic_core import from_json

from agenther.packagers.columns import FLAG, NUMBER, TEXT, WHOLE, Columns, Each, Maybe, Type
from agenther.records import Record

WIDEST = 1 << 53
_LONG = re.compile(rb"\d{16}")
LEAVES: dict[type, Type] = {bool: FLAG, int: WHOLE, float: NUMBER}


def canonical(line: bytes) -> bytes:
    """The line with its keys in order, and nothing between its words. Raises ValueError for what is no JSON object, and
    for a whole number that no column of a dataset can hold the sum of.

    Made of what stands there and not of what we read in it: records of later versions keep their names.
    """
    value = from_json(line, allow_inf_nan=False)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - the caller tells of one kind of bad line
    if _LONG.search(line) and any(abs(number) > WIDEST for number in _whole(value)):
        raise ValueError("a number too large")
    return spelt(value)


def _whole(value: object) -> Iterator[int]:
    """The whole numbers in it, however deep."""
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as found:
                pending.extend(found.values())
            case list() as found:
                pending.extend(found)
            case int() as number:
                yield number


def spelt(value: dict[str, Any]) -> bytes:
    """A line of the object."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def columns(kind: type[Record]) -> Columns:
    """What `datasets` finds in rows of that kind."""
    return {name: _type(field.annotation) for name, field in kind.model_fields.items()}


def _type(of: Any) -> Type:
    origin, inner = get_origin(of), get_args(of)
    if origin is Literal:
        return TEXT
    if origin in (Union, UnionType):
        return Maybe(_type(inner[0])) if NoneType in inner else TEXT
    if origin is tuple:
        return Each(_type(inner[0]))
    if isinstance(of, type) and issubclass(of, Record):
        return columns(of)
    return LEAVES.get(of, TEXT)

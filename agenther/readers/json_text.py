"""JSON text of which nothing is known: read exactly, no deeper than a record can hold, and clean for UTF-8 files."""

import ast
import json
import math
import re
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from pydantic_core import from_json

from agenther.errors import ReadError
from agenther.records import Reason

HALF = re.compile(r"\\u[dD][89A-Fa-f][0-9A-Fa-f]{2}")
"""Half of a surrogate pair in JSON text, at which the fast parser stops if the other half is missing."""
MAX_DEPTH = 200
"""Deeper nesting than this is refused in a document, and half of it where a value goes into a record."""

_CLOSED_BY = {"{": "}", "[": "]", "'": "'", '"': '"'}


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def parse(text: str, *, constant: Callable[[str], object] = _refused) -> Any:
    """One JSON value, exactly. Halves of surrogate pairs become U+FFFD; NaN and Infinity what `constant` makes of them.

    They are refused without it.
    """
    if not text.strip():
        raise ReadError(Reason.EMPTY, "nothing to read")
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        return _loaded(text, strict=True, constant=constant)  # reads lone surrogates, and tells better what is wrong


def record(raw: bytes | bytearray) -> Any:
    """The value of a log's bytes, or the ReadError that tells why there is none. NaN and Infinity become null."""
    try:
        return parse(decode(raw), constant=lambda _name: None)
    except ReadError as error:
        return error


def decode(raw: bytes | bytearray) -> str:
    """UTF-8, with or without a byte-order mark. Raises ReadError for anything else."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"not UTF-8 at byte {error.start:,}; convert the file to UTF-8"
        raise ReadError(Reason.ENCODING, why) from None


def lenient(text: str) -> Any:
    """As `parse`, but strings may hold newlines and other control characters as they are: models write them so."""
    return _loaded(text, strict=False, constant=_refused)


def literal(text: str) -> Any:
    """The JSON value that a Python literal stands for; None for text that is no such literal."""
    text = text.strip()
    if text[-1:] != _CLOSED_BY.get(text[:1]):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # odd escapes in logged text are not ours to warn about
            return parse(json.dumps(ast.literal_eval(text), allow_nan=False))
    except (ReadError, ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def value_in(text: str, otherwise: Any = None) -> Any:
    """The value that JSON text or a Python literal stands for; `otherwise` for any other text."""
    try:
        return parse(text)
    except ReadError:
        value = literal(text)
        return otherwise if value is None else value


def partial(text: str) -> Any:
    """The value that `text`, cut anywhere, begins with; only good to look at. None where it begins with no JSON."""
    try:
        return from_json(HALF.sub(r"\\ufffd", text), allow_partial="trailing-strings")
    except ValueError:
        return None


def is_json(text: str) -> bool:
    """Does `text` hold exactly one JSON value?"""
    try:
        from_json(HALF.sub(r"\\ufffd", text))
    except ValueError:
        return False
    return True


def is_object(text: str) -> bool:
    """Does `text` hold exactly one JSON object, and something in it?"""
    return text.lstrip().startswith("{") and is_json(text) and bool(partial(text))


def clean(text: str) -> str:
    """`text` with halves of surrogate pairs, which no UTF-8 file can hold, as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def is_storable(value: Any, depth: int = 0) -> bool:
    """Will a record give `value` back as it was: nested no deeper than readers of JSON allow, all numbers finite?"""
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return depth < MAX_DEPTH // 2 and all(is_storable(item, depth + 1) for item in items)
    return not isinstance(value, float) or math.isfinite(value)


def _loaded(text: str, *, strict: bool, constant: Callable[[str], object]) -> Any:
    """What the standard parser reads, cleaned; it too refuses what is nested too deep."""
    try:
        return _mended(json.loads(text, strict=strict, parse_constant=constant))
    except json.JSONDecodeError as error:
        raise ReadError(Reason.NOT_JSON, f"not JSON: {error.msg}", line=error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise ReadError(Reason.NOT_JSON, f"not JSON: {error}") from None


def _mended(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_mended(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(key): _mended(item, depth + 1) for key, item in value.items()}
    return value

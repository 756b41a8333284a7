"""What an endpoint says of a call that failed, in whichever shape: the one place that reads the body of an error.

    {"error": {"message": "…", "type": "…", "param": "…", "code": "…"}}         OpenAI, and those like it
    [{"error": {"code": 429, "message": "…", "details": [{"retryDelay": "34s"}]}}]   Google
    {"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "…"}}}   OpenRouter
    {"detail": [{"loc": ["body", "seed"], "msg": "…", "type": "extra_forbidden"}]}   FastAPI

An error may stand in another as text, and any of it may be a web page.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from math import isfinite
from typing import Any, NamedTuple

LONGEST = 20_000
"""Characters of an error's words that are looked at; some repeat the whole prompt at the end."""
DEEPEST = 6
"""Errors within errors."""
CODES = ("code", "error_type", "type", "status")
"""Under which names an error says of which kind it is."""
WITHIN = ("error", "errors", "detail", "message", "msg", "raw", "metadata")
"""Under which names an error holds another, or its words."""
_ECHO = re.compile(r"""['"]input['"]: .*""", re.DOTALL)
"""What validators repeat of a request, up to the end of what they say."""
_PLACE = re.compile(r"""['"]loc['"]: ?[\[(]([^\])]{0,200}+)[\])]""")
_NAME = re.compile(r"""['"](\w++)['"]""")
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<(title|h1)\b[^>]*+>([^<]++)", re.IGNORECASE)
_DURATION = re.compile(r"(\d++(?:\.\d++)?)\s*+(ms|milli[a-z]*+|h[a-z]*+|m[a-z]*+|s[a-z]*+)?", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:again|retry)\s++(?:in|after)\s++((?:\d[\d.]*+\s*+(?:[a-z]++)?\s*+)++)", re.IGNORECASE)
_WAITS = re.compile(r"retry_?(?:after|delay|in)(?:_?(ms|milli\w*+|s\w*+))?", re.IGNORECASE)
"""Names under which an error says for how long to wait."""


class Told(NamedTuple):
    """What the body of an error says; "" and None for what it does not."""

    code: str = ""
    message: str = ""
    param: str = ""
    """The parameter at fault."""
    details: str = ""
    """What else there is, as JSON."""
    status: int | None = None
    """That stands in it, which may be another than that of the response."""
    wait: float | None = None
    """Seconds."""
    written: str = ""
    """What the model wrote, where that is what is at fault."""

    @property
    def words(self) -> str:
        """All that it says of what is wrong, without what it repeats of the request."""
        return f"{_ECHO.sub('', self.message)} {self.code}"


def told(body: Any) -> Told:
    """What an error's body says, which may have any shape."""
    found = _told(body, DEEPEST)
    again = _AGAIN.search(found.message)
    return found._replace(wait=found.wait if found.wait is not None else again and seconds(again[1]))


def of(raw: bytes) -> Told:
    """The same of a body as it came in: JSON, a page, or words."""
    text = raw.decode("utf-8", "replace").strip()
    try:
        return told(json.loads(text))
    except (ValueError, RecursionError):
        return told(text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the headers tell, in any form of Retry-After; None if they do not."""
    exact = seconds(headers.get("retry-after-ms", ""), 0.001)
    return exact if exact is not None else seconds(headers.get("retry-after", ""))


def seconds(value: Any, unit: float = 1) -> float | None:
    """Of a number of that unit, a duration ("1m30.5s", "20 seconds", Google's Duration), or a date; else None."""
    if isinstance(value, dict):
        parts = (seconds(value.get("seconds", 0)), seconds(value.get("nanos", 0), 1e-9))
        return None if None in parts or not value.keys() & {"seconds", "nanos"} else sum(part or 0 for part in parts)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    try:
        number = float(text) * unit
    except ValueError:
        lasting = _lasting(text)
        return _until(text) if lasting is None else lasting
    return max(0.0, number) if isfinite(number) else None


def _lasting(text: str) -> float | None:
    found = list(_DURATION.finditer(text))
    if not found or _DURATION.sub("", text).strip():
        return None
    return sum(float(one[1]) * _unit(one[2]) for one in found)


def _unit(name: str | None) -> float:
    """In seconds."""
    name = (name or "s").lower()
    return 0.001 if name == "ms" or name.startswith("milli") else {"h": 3600.0, "m": 60.0}.get(name[0], 1.0)


def _until(text: str) -> float | None:
    for parsed in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            when = parsed(text)
        except ValueError:
            continue
        return max(0.0, (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - time.time())
    return None


def _told(body: Any, depth: int) -> Told:
    if isinstance(body, str):
        return _in_words(body, depth)
    if isinstance(body, list):
        return _merged(_told(one, depth - 1) for one in body[:5]) if depth else Told()
    if not isinstance(body, dict) or not depth:
        return Told()
    own = Told(
        code=next((body[name] for name in CODES if _is_word(body.get(name))), ""),
        param=_param(body),
        details=json.dumps(body["details"], default=str) if "details" in body else "",
        status=next(
            (number for name in ("code", "status", "status_code") if (number := _status(body.get(name)))), None
        ),
        wait=_waits(body, DEEPEST),
        written=_text(body.get("failed_generation")),
    )
    return _merged([own, *(_told(body[name], depth - 1) for name in WITHIN if body.get(name))])


def _merged(parts: Iterable[Told]) -> Told:
    """One that has of each what comes first, and all messages."""
    parts = list(parts)
    messages = list(dict.fromkeys(part.message for part in parts if part.message))
    firsts = {name: next((value for part in parts if (value := getattr(part, name))), None) for name in Told._fields}
    known = {name: value for name, value in firsts.items() if value is not None}
    return Told()._replace(**{**known, "message": "; ".join(one for one in messages if not _is_in(one, messages))})


def _is_in(message: str, others: list[str]) -> bool:
    return any(message != other and message in other for other in others)


def _in_words(text: str, depth: int) -> Told:
    text = text.strip()
    if depth and text[:1] in {"{", "["}:
        try:
            return _told(json.loads(text), depth - 1)
        except (ValueError, RecursionError):
            pass
    text = text[:LONGEST]
    if _PAGE.match(text):
        titles = dict.fromkeys(unescape(found[2]).strip() for found in _TITLE.finditer(text))
        return Told(message=f"a web page ({'; '.join(titles) or 'without a title'})")
    place = _PLACE.search(text)
    return Told(message=text, param=_place(_NAME.findall(place[1])) if place else "")


def _param(body: dict[str, Any]) -> str:
    place = body.get("loc")
    return _text(body.get("param")) or (_place(place) if isinstance(place, list) else "")


def _place(names: Iterable[Any]) -> str:
    """Of a parameter, as FastAPI has it."""
    return ".".join(str(name) for name in names if name != "body")


def _waits(body: Any, depth: int) -> float | None:
    """Seconds, wherever it says so."""
    if isinstance(body, list) and depth:
        return next((wait for one in body if (wait := _waits(one, depth - 1)) is not None), None)
    if not isinstance(body, dict) or not depth:
        return None
    for name, value in body.items():
        if name := _WAITS.fullmatch(str(name).replace("-", "_")):
            return seconds(value, _unit(name[1]))
    return next((wait for one in body.values() if (wait := _waits(one, depth - 1)) is not None), None)


def _status(value: Any) -> int | None:
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) == 3 else value
    return number if isinstance(number, int) and 400 <= number < 600 else None


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and not value.isdecimal()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

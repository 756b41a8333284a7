"""Whether the environment says that a call failed: in fields beside its result, or in the result itself.

    {"role": "tool", "tool_call_id": "c1", "content": "no such place", "is_error": true}
    {"stdout": "", "stderr": "no such place", "exit_code": 2}

A result may hold data under the same names: a `status` counts only where nothing but an envelope's fields stands beside
it, and `error` only where it is no number.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from agenther.readers.json_text import partial
from agenther.readers.labels.told import verdict
from agenther.readers.values import fields
from agenther.text.names import spelt

ERROR = ("is_error", "isError", "error", "failed")
GOOD = ("success", "ok")
EXIT = ("exit_code", "exitCode", "returncode", "return_code", "exit_status")
HTTP = ("status_code", "statusCode", "http_status")
NO_ERROR = frozenset({"", "{}", "[]", "none", "null", "false"})
"""What an `error` says where there is none."""
LONGEST = 2000
"""Characters of a text, from its beginning and its end, in which it may say that the call failed."""
BAD = frozenset({"error", "errored", "failed", "failure"})
"""What a status says of a call that failed."""
STATES = frozenset({"status", "state", "outcome"})
"""How the names of fields beside a result end that say how its call ended."""
WITHIN = ("metadata", "meta", "extras", "additional_kwargs", "result")
"""Fields that may hold such fields in their turn."""
ENVELOPE = frozenset(
    "status message msg error errors error_code code detail details reason data result results response output content"
    " type title request_id timestamp traceback exception stdout stderr".split()
)
_EXITED = re.compile(
    r"\W*(?:process |command )?(?:exit(?:ed with)?|return)[ _]?(?:code|status)\W{1,3}(-?\d+)\b", re.IGNORECASE
)
_EXITED_AT_LAST = re.compile(r"\[[^\[\]]*\bexit code (-?\d+)[^\[\]\d]*\]$", re.IGNORECASE)


def failure(text: str, beside: Mapping[str, Any] | None = None) -> str | None:
    """Why the call failed whose result is `text`, in the log's words; None where nothing says so.

    `beside`: the fields of the message that carries the result.
    """
    if beside and (why := _told(beside, is_mark=True) or _of_state(beside)):
        return why
    return enveloped(text) or _spoken(text.strip())


def enveloped(text: str) -> str | None:
    """Why the call failed, told by a result that is a JSON object, whole or cut."""
    envelope = fields(partial(text)) if text.lstrip().startswith("{") else {}
    if why := _told(envelope):
        return why
    return _marked(envelope.get("status")) if envelope.keys() <= ENVELOPE else None


def _told(given: Mapping[str, Any], *, is_mark: bool = False) -> str | None:
    """Why the call failed, by the fields of `given` or those one level down.

    `is_mark`: they are no data, so that 1 and any words for yes and no are marks, too.
    """
    levels = [given, *(fields(given[name]) for name in WITHIN if name in given)]
    return next((why for level in levels if (why := _flag(level, is_mark=is_mark))), None)


def _flag(given: Mapping[str, Any], *, is_mark: bool) -> str | None:
    for name in ERROR:
        if _says(given.get(name), True, is_mark=is_mark):
            return f"{name}: true"
    error = given.get("error")
    if isinstance(error, dict | list) and error:
        return json.dumps(error, ensure_ascii=False)
    if isinstance(error, str) and error.strip().lower() not in NO_ERROR:
        return error.strip()
    for name in GOOD:
        if _says(given.get(name), False, is_mark=is_mark):
            return f"{name}: false"
    for name in (*EXIT, *HTTP):
        code = given.get(name)
        if type(code) is int and (code >= 400 if name in HTTP else code):
            return f"{name}: {code}"
    return None


def _says(value: Any, wanted: bool, *, is_mark: bool) -> bool:
    if is_mark and type(value) is int:
        return value == wanted
    said = verdict(value) if is_mark else value.strip().casefold() if isinstance(value, str) else value
    return said is wanted or said == str(wanted).casefold()


def _of_state(beside: Mapping[str, Any]) -> str | None:
    """Why the call failed, by what a field beside its result says of how it ended."""
    states = (value for name, value in beside.items() if STATES.intersection(spelt(name)[-1:]))
    return next(filter(None, map(_marked, states)), None)


def _marked(status: Any) -> str | None:
    is_bad = isinstance(status, str) and status.strip().casefold() in BAD
    return f"status: {status}" if is_bad or (type(status) is int and 400 <= status < 600) else None


def _spoken(text: str) -> str | None:
    """What a text says that opens with "Error:" or an exit code, or closes with one in brackets.

    What stands above `Output:` opens it, and below `Error:` closes it, as Codex and Gemini's CLI write results.
    """
    first, last = text[:LONGEST].partition("\n")[0], text[text.rfind("\n") + 1 :]
    if first[:6].lower() == "error:":
        return first
    head, is_headed, _ = text[:LONGEST].partition("\nOutput:")
    _, is_footed, foot = text[-LONGEST:].rpartition("\nError:")
    lines = [first, *(head.split("\n") if is_headed else ()), *(foot.split("\n") if is_footed else ())]
    exited = next(filter(None, map(_EXITED.match, lines)), None) or _EXITED_AT_LAST.search(last[-400:])
    return f"exit code {exited[1]}" if exited and int(exited[1]) else None

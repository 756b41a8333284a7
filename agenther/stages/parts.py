"""Whether an answer says that there is more than it lists: a total, a further page, a cursor."""

from typing import Any

from agenther.stages.english import words

DEEPEST = 4
"""Objects within objects in which a page says how many there are."""
_COUNTING = frozenset("total totals count hits found results matches".split())
_GOING_ON = frozenset("next more cursor continuation".split())
_GLUED = {
    "totalcount": "total",
    "totalresults": "total",
    "numresults": "count",
    "nextpage": "next",
    "hasmore": "more",
}  # fmt: skip - a table reads better by pairs
"""Names in lower case whose words the dictionary does not tell apart as they are meant."""


def is_part(root: Any, listed: list[Any], deep: int = 0) -> bool:
    """Does anything around the list tell of more: a greater total, more than one page, something next?"""
    if root is listed or not isinstance(root, dict) or deep > DEEPEST:
        return False
    return any(_tells_more(key, value, len(listed)) or is_part(value, listed, deep + 1) for key, value in root.items())


def _tells_more(key: Any, value: Any, length: int) -> bool:
    if not isinstance(key, str) or isinstance(value, float | list) or not value:
        return False
    name = set(words(_GLUED.get(key.casefold(), key)) or ())
    if name & _GOING_ON:
        return str(value).casefold() not in {"false", "no", "none", "null"}
    many = _whole(value)
    if "pages" in name or name >= {"page", "count"}:
        return many > 1
    return bool(name & _COUNTING) and many > length


def _whole(value: Any) -> int:
    """A whole number, also one that is written as text; 0 for anything else."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() and value.isascii() and len(value) < len("10000000000") else 0
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

"""Inputs that are numbers or bounds, in words: 2 adults, a duration of 30 minutes, at least 2 rooms, since 2024."""

import re
from collections.abc import Sequence

from agenther.evidence.dates import dates
from agenther.stages.english import a, cased, is_participle, is_plural, singular
from agenther.stages.inputs import Input
from agenther.stages.measures import is_measure, parted

_ONE = {"people": "person", "children": "child"}
"""Plurals without an s."""
_TIMES = frozenset("hours days nights weeks months years".split())
_IN_TIME = frozenset("after before since".split())
_MOST = {"minimum": "at least", "maximum": "at most"}
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")


def amount(name: Sequence[str], text: str, bound: str = "") -> str:
    """So many of something, or something of a size; `bound` stands before the number."""
    number = f"{bound} {text}".strip()
    base, unit = parted("_".join(name))
    if not unit and name[-1] in _TIMES and len(name) > 1:
        base, unit = "_".join(name[:-1]), name[-1]
    if unit:
        return f"{a(cased(base.replace('_', ' ')))} of {number} {singular(unit) if text == '1' else unit}"
    if not is_plural(name[-1]) and name[-1] not in _ONE:
        return f"{a(cased(' '.join(name)))} of {number}"
    last = _ONE.get(name[-1], singular(name[-1])) if text == "1" else name[-1]
    return cased(" ".join([number, *name[:-1], last]))


def is_bound(one: Input) -> bool:
    """Does its name say that it bounds what is sought?"""
    return _when(one) != "" or not set(_MOST).isdisjoint((one.name[0], one.name[-1]))


def _when(one: Input) -> str:
    """Published after, since: what its name says of a time; "" of any other."""
    words = one.name[:-1] if one.name[-1] in {"date", "time", "year", "day"} else one.name
    return " ".join(words) if words and words[-1] in _IN_TIME else ""


def bound(one: Input) -> tuple[str, str] | None:
    """The preposition, and what stands behind it; None where nobody would say it so: depart after 8."""
    if when := _when(one):
        is_past = all(map(is_participle, when.split()[:-1]))
        return (when, one.shown) if is_past and is_time(one) else None
    rest = [word for word in one.name if word not in _MOST]
    if len(rest) != len(one.name) - 1 or not rest or not one.is_number:
        return None
    return "with", amount(rest, one.text, next(_MOST[word] for word in one.name if word in _MOST))


def is_time(one: Input) -> bool:
    """Is it a date, a year or a time of day?"""
    return bool(dates(one.text) or _CLOCK.fullmatch(one.text)) or is_year(one)


def is_year(one: Input) -> bool:
    return one.is_number and len(one.text) == len("2024")


def is_unmeasured(one: Input) -> bool:
    """Is it a number that says nothing without a unit: a radius of 500?"""
    return one.is_number and is_measure(one.name[-1])

"""Does what came back speak of something else than what the call asked for?

The rate of another day, the order with two digits swapped: a service may answer what it has.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agenther.evidence.dates import dates
from agenther.evidence.specifics import number
from agenther.stages.amounts import is_bound, is_time
from agenther.stages.english import words
from agenther.stages.fields import plain
from agenther.stages.inputs import Input
from agenther.stages.roles import Role, role
from agenther.stages.values import values

MOST_LEVELS = 4
MOST_RECORDS = 200
_BY_CODE = (Role.PLACE, Role.FROM, Role.TO)
_CODE = re.compile(r"[A-Za-z]{2,3}")


def contradicted(told: Sequence[Input], observation: str) -> bool:
    """Does a field that is called like an input give another value, at every level where there is such a field?

    A list has to agree in all its records; by a name it only has to hold the one that bears it. Words that are sought
    and bounds are not compared, nor with lists the ends of a time.
    """
    read = values(observation)
    levels = list(_levels(read.root)) if read else []
    return any(_is_other(one, levels) for one in told if _is_compared(one))


def _is_compared(one: Input) -> bool:
    return role(one) is not Role.QUERY and not is_bound(one)


def _levels(root: Any) -> Iterator[tuple[bool, list[dict[Any, Any]]]]:
    """The records at each depth, and whether lists hold them; lists within lists hold parts of things."""
    here: list[Any] = [root]
    is_list = False
    for _ in range(MOST_LEVELS):
        if any(isinstance(value, list) for value in here):
            is_list = True
            here = [item for value in here for item in (value if isinstance(value, list) else [value])]
        records = [value for value in here if isinstance(value, dict)][:MOST_RECORDS]
        if not records:
            return
        yield is_list, records
        inner = [value for record in records for value in record.values()]
        here = [value for value in inner if isinstance(value, dict) or (isinstance(value, list) and not is_list)]


def _is_other(one: Input, levels: Iterable[tuple[bool, list[dict[Any, Any]]]]) -> bool:
    key = _spelt(" ".join(one.name))
    found = False
    for is_list, records in levels:
        shown = [value for record in records for its, value in record.items() if _spelt(its) == key]
        shown = [value for value in shown if _is_scalar(value)]
        if not shown or (is_list and role(one) in {Role.FROM, Role.TO} and is_time(one)):
            continue
        found = True
        if _is_shown(one, shown, is_list=is_list):
            return False
    return found


def _is_shown(one: Input, shown: Sequence[Any], *, is_list: bool) -> bool:
    """Do the values of a level agree with the input? A list by a name may also be one of longer names."""
    fits = [_fits(one, value) for value in shown]
    if not is_list or role(one) is not Role.NAME:
        return all(fits)
    return any(fits) or (len(shown) > 1 and all(plain(one.text) in plain(str(value)) for value in shown))


def _spelt(key: Any) -> str:
    """A field's name letter by letter, abbreviations written out."""
    return plain("".join(words(key) or key)) if isinstance(key, str) else ""


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _fits(one: Input, value: str | float) -> bool:
    """Is it the same, or another way to say it that only a table could tell: a code for a name?"""
    shown, said = str(value), {one.text, one.verbatim, *one.several}
    if any(plain(text) == plain(shown) or number(text) == number(shown) for text in said):
        return True
    if any(set(dates(text)) & set(dates(shown)) for text in said):
        return True
    if role(one) not in _BY_CODE and one.name[-1] not in {"language", "currency"}:
        return False
    codes = [len(text) for text in (one.verbatim, shown) if _CODE.fullmatch(text)]
    return len(codes) == 1 or len(set(codes)) == 2

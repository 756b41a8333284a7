"""What is particular in a text: its numbers, dates, ids, names, quotations and addresses, each in all its readings."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agenther.text.dates import MONTH, apart, dates, days_apart
from agenther.text.specifics import AT_HAND, COUNTS, URL, counts, quotations, specifics, urls, without_quotations


class Kind(StrEnum):
    NUMBER = "number"
    DATE = "date"
    ID = "id"
    NAME = "name"
    QUOTATION = "quotation"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Particular:
    """It is in a text that holds one of its days, one of its readings or, where it has neither, its words."""

    kind: Kind
    text: str
    """As written; of a number, as it is plainly spelled."""
    readings: tuple[str, ...] = ()
    days: tuple[tuple[int, int, int], ...] = ()
    """(year, month, day); 0 for what is not told, which fits any."""

    @property
    def is_worded(self) -> bool:
        """Is it a number in words?"""
        return self.kind is Kind.NUMBER and self.text.isalpha()


_DAY_AND_TIME = re.compile(r"(?<=\d)T(?=\d\d:)")
_PLAIN = re.compile(r"[#$€£¥+-]{0,2}\d[\d,.:]*(?:[%°]|st|nd|rd|th)?")
_LONG = re.compile(r"#?\d{7,}")
"""More digits than one counts up to: a number that things are called by."""
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_MAIL = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z.+_-]*@[A-Za-z-]+(?:\.[A-Za-z-]+)+")


@lru_cache(maxsize=AT_HAND)
def particulars(text: str) -> tuple[Particular, ...]:
    """All of a text: addresses, quotations, dates, numbers and ids, numbers in words, and names."""
    return (
        *(Particular(Kind.URL, address) for address in urls(text)),
        *(Particular(Kind.QUOTATION, words) for words in quotations(text)),
        *numbers(text),
        *(Particular(Kind.NUMBER, word, tuple(counts(word))) for word in COUNTS.findall(without_quotations(text))),
        *(Particular(Kind.NAME, name) for name in spoken_names(without_quotations(text))),
    )


_NUMBERING = re.compile(r"^[ \t>]*+(\d{1,2})[.)](?=[ \t])", re.MULTILINE)


def unnumbered(text: str) -> str:
    """Without the numbers of a list's lines, which count up from 1 and are nobody's facts."""
    last = 0

    def rest(found: re.Match[str]) -> str:
        nonlocal last
        if (number := int(found[1])) not in {1, last + 1}:
            return found[0]
        last = number
        return ""

    return _NUMBERING.sub(rest, text)


@lru_cache(maxsize=AT_HAND)
def numbers(text: str) -> tuple[Particular, ...]:
    """The dates, each as one, then the other numbers and the ids."""
    rest = days_apart(_DAY_AND_TIME.sub(" ", URL.sub(" ", text)))
    dated, undated = apart(rest)
    return (
        *(Particular(Kind.DATE, one, days=tuple(dates(one))) for one in dated),
        *(_number(readings) for readings in specifics(undated)),
        *(Particular(Kind.ID, mail, (mail.casefold(),)) for mail in _MAIL.findall(rest)),
    )


def _number(readings: tuple[str, ...]) -> Particular:
    """A number or an id; of 19th, the day too."""
    shown = readings[0]
    day = _ORDINAL.fullmatch(shown)
    days = ((0, 0, int(day[1])),) if day and 1 <= int(day[1]) <= 31 else ()
    is_number = _PLAIN.fullmatch(shown) and not _LONG.fullmatch(shown)
    return Particular(Kind.NUMBER if is_number else Kind.ID, shown, readings, days)


_NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z][\w'’.-]+")
COMMON = frozenset(
    "i i'm i'd i'll i've api url id ids json ok pdf html csv am pm python markdown excel linux git".split()
)
_OTHERWISE_CHECKED = re.compile(
    rf".*\d.*|{MONTH}|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tue|wed|thu|fri|sat|sun)\b", re.IGNORECASE
)


@lru_cache(maxsize=AT_HAND)
def spoken_names(text: str) -> tuple[str, ...]:
    """Capitalised words inside a sentence, those left out that are checked as numbers or dates."""
    found = (name.rstrip(".'’-").removesuffix("'s").removesuffix("’s") for name in _NAME.findall(text))
    return tuple(name for name in found if name.casefold() not in COMMON and not _OTHERWISE_CHECKED.fullmatch(name))

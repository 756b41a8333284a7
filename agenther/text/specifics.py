"""What in a sentence can be checked: its numbers, ids, dates, addresses and quoted words."""

import re
from collections.abc import Iterator
from functools import lru_cache

URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'”’)\]]+", re.IGNORECASE)
_QUOTES = re.compile(
    r"\"([^\"\n]{1,300})\"|“([^”\n]{1,300})”|(?<!\w)'([^'\n]{1,300})'(?!\w)|(?<!\w)‘([^’\n]{1,300})’|`([^`\n]{1,300})`"
)
_TOKEN = re.compile(r"[^\s\"'“”‘’`()\[\]{}<>,;!?|=]+(?:,\d{3}(?!\d)[^\s\"'“”‘’`()\[\]{}<>,;!?|=]*)*")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WITH_UNIT = re.compile(r"[#$€£¥+-]{0,2}(\d[\d,]*(?:\.\d+)?)(?:[a-z%°]{0,5}|(?:-[a-z]{3,12}){1,2})")
_SEPARATORS = re.compile(r"[:/&_@\\-]")
_COUNTED = {
    word: str(n) for n, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
COUNTS = re.compile(rf"\b(?a:{'|'.join(_COUNTED)})\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(\d(?<![\d:.]\d)\d?)(?=:\d|\s?[ap]\.?m)(?::(\d{2}))?(?::00(?:\.0+)?)?(?:\s?([ap])\.?m\b\.?)?(?![\d:])",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"(?<![\w.,])([$€£¥]?)(\d[\d,]*(?:\.\d+)?)(?:\s?(?a:(thousand|million|billion))\b|(?a:(k|M|bn))\b)", re.IGNORECASE
)
_UNIT = re.compile(r"\d,*+(?:\s?(?:thousand|million|billion)|k|M|bn)\b", re.IGNORECASE)
_TIMES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "billion": 9, "bn": 9}
_PER_CENT = re.compile("[pP][eE][rR] ?[cC][eE][nN][tT]")
_PERCENT = re.compile(r"(?<=\d)\s?(?:percent|per cent)\b", re.IGNORECASE)
_RANGE = re.compile(r"(\d(?<![\w-]\d)\d?)\s?[-–]\s?(\d{1,2})(?![\w-])")
_STAMP = re.compile(r"T(?<=\dT)(?=\d\d:)")
# a search is twice as fast where a pattern begins with the character that is rare, not with a look back

AT_HAND = 64
"""Short texts, such as a goal and an answer, of which what several rules look at is kept."""


@lru_cache(maxsize=AT_HAND)
def quotations(text: str) -> tuple[str, ...]:
    """What stands between quotation marks."""
    return tuple(next(part for part in found if part) for found in _QUOTES.findall(text))


@lru_cache(maxsize=AT_HAND)
def without_quotations(text: str) -> str:
    return _QUOTES.sub(" ", text)


def urls(text: str) -> list[str]:
    return [url.rstrip(".,;:!?") for url in URL.findall(text)]


def numbered(text: str) -> Iterator[re.Match[str]]:
    """The words that hold a digit."""
    return (match for match in _TOKEN.finditer(text) if _DIGIT.search(match.group()))


def tokens(text: str) -> list[str]:
    """Every spelling of every word that holds a digit: what a text can vouch for."""
    words: set[str] = set().union(*map(_TOKEN.findall, {text, _plainly(text)}))
    return [spelling for word in filter(_DIGIT.search, words) for spelling in _vouched(word)]


@lru_cache(maxsize=20_000)
def _vouched(word: str) -> tuple[str, ...]:
    """What one word can vouch for. The words of a page come back with every goal, and on the next page."""
    return (*_spellings(word), *_parts(word))


@lru_cache(maxsize=AT_HAND)
def specifics(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of a text that hold a digit, each with the spellings of which one has to be vouched for.

    Numbers have one spelling ("1,289.50" is 1289.5, "20k" is 20000) and count with and without their unit
    ("86.97km"); times of day are told by 24 hours. Addresses are left out: they are checked whole.
    """
    words = _TOKEN.findall(_plainly(URL.sub(" ", text)))
    return tuple(spellings for word in words if (spellings := _spellings(word)))


def _plainly(text: str) -> str:
    """Times of day, large numbers and per cent in one spelling: "3 pm" is 15:00, "1.5 million" 1500000."""
    if not _DIGIT.search(text):
        return text
    text = _CLOCK.sub(_by_24_hours, _STAMP.sub(" ", text))
    if _UNIT.search(text):
        text = _LARGE.sub(_written_out, text)
    if _PER_CENT.search(text):
        text = _PERCENT.sub("%", text)
    return _RANGE.sub(r"\1 \2", text)


def _by_24_hours(match: re.Match[str]) -> str:
    hour, minute, half = match.groups()
    if not minute and not half:
        return match.group()
    if half and 1 <= int(hour) <= 12:
        hour = str(int(hour) % 12 + (12 if half in "pP" else 0))
    return f"{int(hour)}:{minute or '00'}"


def _written_out(match: re.Match[str]) -> str:
    sign, amount, word, letter = match.groups()
    whole, _, fraction = amount.replace(",", "").partition(".")
    zeros = _TIMES[(word or letter).casefold()]
    digits = f"{whole}{fraction.ljust(zeros, '0')[:zeros]}.{fraction[zeros:]}".rstrip(".")
    return f"{sign}{digits.lstrip('0') or '0'}"


def counts(text: str) -> list[str]:
    """The small numbers that stand in words, as digits; "one" is seldom one."""
    return [_COUNTED[word.casefold()] for word in COUNTS.findall(text)]


_RANKED = re.compile(r"\b(?:first|last|top|next)\s+(\w+)|\b(\w+)\s+of\s+(?:them|these|those|the)\b", re.IGNORECASE)


@lru_cache(maxsize=AT_HAND)
def ranked(text: str) -> frozenset[str]:
    """N of every "first N" and "N of them" of a text."""
    words = [before or behind for before, behind in _RANKED.findall(text)]
    return frozenset(number for word in words for number in ([word] if word.isdecimal() else counts(word)))


def _spellings(word: str) -> tuple[str, ...]:
    token = word.casefold().strip(".:*_-–—/\\")
    if not _DIGIT.search(token):
        return ()
    spellings = [number(token)]
    if with_unit := _WITH_UNIT.fullmatch(token):
        spellings.append(number(with_unit.group(1)))
        if token.endswith("%"):
            spellings.append(_hundredth(number(with_unit.group(1))))
    elif not token[0].isdecimal():
        spellings.append(_MARKS.sub("", token))  # an id or a label counts without its marks: PM2.5, pm25
    return tuple(dict.fromkeys(spellings))


_MARKS = re.compile(r"[.#_-]")


def _hundredth(amount: str) -> str:
    whole, _, fraction = amount.partition(".")
    return number(f"{whole[:-2] or '0'}.{whole[-2:].rjust(2, '0')}{fraction}")


def _parts(word: str) -> list[str]:
    """An id, a date or a path also vouches for each of its parts, and a number for itself without leading zeros."""
    parts = _SEPARATORS.split(word.casefold())
    found = [number(part) for part in parts if _DIGIT.search(part)] if len(parts) > 1 else []
    return [*found, *(bare for part in parts if part.isdecimal() and (bare := part.lstrip("0") or "0") != part)]


def number(token: str) -> str:
    """`token` in the one spelling of its number, if it is one: "1,289.50" and "1289.5" are the same."""
    plain = token.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        return token
    whole, _, fraction = plain.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole

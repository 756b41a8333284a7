"""Numbers of people by their countries' own rules: ids by `python-stdnum`, phone numbers by `phonenumbers`."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote

import phonenumbers

from agenther.redaction.checks import digits, is_called_phone, is_card
from agenther.redaction.lists import LISTS
from agenther.redaction.spans import BEGIN, Reader, Span, after

# Two groups of digits or more, as countries write phone numbers and ids: with one sort of gap, or with brackets.
# The first gap is looked for, then what stands before and behind it.
_GAP = re.compile(r"\d(?=\)?[ .\-/]{1,2}[\dA-Z])")
_FIRST = re.compile(r"(?:(?<![\w.,/+-])(?<!\d:)|(?<=\\[nrt]))(?:[A-Z]{1,2} ?)?\(?\d{1,6}\Z")
_REST = re.compile(r"\)?(?:[ .\-/]{1,2}[\dA-Z]{1,7}){1,5}(?![\w/]|[.,-]\d)")
HINT = r"\d[) .\-/]{1,2}\d"
_NAMED_NUMBER = re.compile(
    r"(?i)(?:\b|_)(?:no|nr|nos|number|id|code|sku|isbn|ref|order|invoice|version|date|on|v)\W{0,4}\Z"
)


def spans(text: str, _: Sequence[int]) -> Iterator[Span]:
    """Numbers that are written in a country's own way, and pass its check."""
    done = 0
    for gap in _GAP.finditer(text):
        rest = _REST.match(text, gap.end())
        first = rest and _FIRST.search(text, max(done, gap.start() - 9), gap.end())
        if not rest or not first:
            continue
        start, done = first.start(), rest.end()
        value = text[start:done]
        if 8 <= len(digits(value)) <= 15 and (kind := _kind(value)) and BEGIN.match(text, start):
            if kind == "PHONE" and _NAMED_NUMBER.search(text, max(0, start - 12), start):
                continue
            yield Span(start, done, kind)


@lru_cache(maxsize=4096)
def _kind(value: str) -> str | None:
    if any(_is_written_so(module, value) for module in LISTS["ids_written_apart"]):
        return "ID"
    called = value.startswith(("0", "(0")) and "." not in value and len(digits(value)) >= 9
    return "PHONE" if called and _is_national(value) else None


def _is_written_so(name: str, value: str) -> bool:
    """Is the number valid, and written with the gaps that its country puts into it?"""
    module = _module(name)
    return bool(module.is_valid(value)) and module.format(value) == value


@cache
def _module(name: str) -> Any:
    """Of python-stdnum, which comes without types."""
    return import_module(f"stdnum.{name}")


def _is_national(value: str) -> bool:
    """Is the number valid in a country, and written with the gaps that are usual there?"""
    for region in LISTS["regions"]:
        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException:
            return False
        if phonenumbers.is_valid_number(number):
            usual = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
            if re.sub(r"\D+", " ", usual).split() == re.sub(r"\D+", " ", value).split():
                return True
    return False


_SIGN = (
    r"(?:\\{0,8}[\"'`*])?[\s:=#,>|.]{0,4}"
    r"(?:\b(?i:no|nr|num|number|id|is|was)\b\.?[\s:=#]{0,3}){0,2}(?:\\{0,8}[\"'`*]{1,2})?\s{0,2}"
)
_NUMBER = r"(?P<v>[A-Z]{0,4}[ -]?\d[\dA-Za-z]*(?:[ ./-]?[\dA-Z]+){0,6})(?!\w)"


def _is_id(value: str) -> bool:
    """Long enough, and no date."""
    return len(digits(value)) >= 5 and not re.match(
        r"(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?\Z|\d\d?[-/.]\d\d?[-/.]\d{4}\Z", value
    )


called = after("ID", rf"[\w' -]{{2,24}}?{_SIGN}{_NUMBER}", _is_id)


def _reader(name: str) -> Reader:
    read = after("ID", rf"(?i:{name})(?!\w){_SIGN}{_NUMBER}", _is_id)

    def whole(text: str, at: int) -> Span | None:
        return None if at and text[at - 1].isalpha() else read(text, at)

    return whole


_card = after(
    "CARD",
    rf"(?i:card(?:[ _-]?(?:number|no|num))?){_SIGN}(?P<v>\d{{3,6}}(?:[ -]?\d{{2,7}}){{2,4}})(?![\w.-]?\w)",
    lambda value: 12 <= len(digits(value)) <= 19 and is_card(value),
)
_phone = after(
    "PHONE",
    r"(?:(?i:phone|mobile)|(?:(?<![A-Za-z])|(?<=\\[nrt]))(?i:tel|call))(?i:s|[ _-]?(?:numbers?|num|no|nr))?\.?"
    r"(?:[\s:=\"'\\#*>,-]|\b(?i:is|at|us|me|on|number)\b){1,12}"
    r"(?P<v>(?:\+|%2B)?(?:\(|%28)?\d(?:[\d ()./-]|%20|%28|%29){5,18}\d(?: ?(?:x|ext\.?) ?\d{1,6})?)(?!\w|[.-]\d)",
    lambda v: is_called_phone(unquote(v)),
)
READERS: dict[str, Reader] = {
    **{name: _reader(re.sub("[ _]", "[ _-]?", name)) for name in LISTS["ids"]},
    "card": _card,
    **dict.fromkeys(("phone", "mobile", "tel", "call"), _phone),
}

"""The dates in a text, however they are written."""

import re
from collections.abc import Iterator

MONTH = (
    r"(?:(?a:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?))(?![a-z])"
)
"""A month's name; of letters that only fold to those, such as ſ, it has none."""
_DIGIT = re.compile(r"\d")
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_BY_NUMBER = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})(?!\d)"),
)
_YEAR = re.compile(r"\d{4}")
_BY_NAME = (
    re.compile(rf"\b(?P<M>{MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}})\b)?", re.IGNORECASE),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<M>{MONTH})\.?(?:,?[\s-]+(?P<y>\d{{4}})\b)?"
        rf"|\b(?P<M2>{MONTH})\.?,?\s+(?:of\s+)?(?P<y2>\d{{4}})\b",
        re.IGNORECASE,
    ),
)


def dates(text: str) -> list[tuple[int, int, int]]:
    """Every (year, month, day) that the text may mean; 0 stands for a year or a day that it does not name."""
    return [date for match in _date_matches(text) for date in _meant(match)]


def date_spans(text: str) -> list[tuple[int, int]]:
    """Where `dates` are spelled, in order; none lies within another."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((match.span() for match in _date_matches(text)), key=lambda span: (span[0], -span[1])):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def apart(text: str) -> tuple[list[str], str]:
    """The `dates` as they are spelled, in order, and the text without them."""
    spelled, kept, end_before = [], [], 0
    for start, end in date_spans(text):
        spelled.append(text[start:end])
        kept.append(text[end_before:start])
        end_before = end
    return spelled, " ".join([*kept, text[end_before:]])


def without_dates(text: str) -> str:
    return apart(text)[1]


def days_apart(text: str) -> str:
    """The text with month and year beside each of two days: "June 14-16, 2025", "14 to 16 June 2025"."""
    text = _DAYS_BEFORE.sub(r"\1 \3 and \2 \3", text)
    return _DAYS_BEHIND.sub(r"\1 \2\4 and \1 \3\4", text)


_BETWEEN = r"(?:st|nd|rd|th)?\s?(?:-|–|to|and|until)\s?"
_DAYS_BEFORE = re.compile(
    rf"\b(\d{{1,2}}){_BETWEEN}(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({MONTH}(?:,?\s\d{{4}})?)", re.IGNORECASE
)
_DAYS_BEHIND = re.compile(
    rf"\b({MONTH})\s(\d{{1,2}}){_BETWEEN}(\d{{1,2}})(?:st|nd|rd|th)?\b(,?\s\d{{4}})?", re.IGNORECASE
)


def _date_matches(text: str) -> Iterator[re.Match[str]]:
    """Month by number, then month by name. Most texts hold what is sooner looked for of neither."""
    if not _DIGIT.search(text):
        return
    for pattern in _BY_NUMBER if _YEAR.search(text) else ():
        yield from pattern.finditer(text)
    folded = text.casefold()
    for pattern in _BY_NAME if any(name in folded for name in _MONTHS) else ():
        yield from pattern.finditer(text)


def _meant(match: re.Match[str]) -> list[tuple[int, int, int]]:
    parts = {name[0]: part for name, part in match.groupdict().items() if part}
    year, day = int(parts.get("y", 0)), int(parts.get("d", 0))
    if "M" in parts:
        return [(year, _MONTHS[parts["M"][:3].lower()], day)]
    month = int(parts["m"])
    return [(year, month, day), (year, day, month)] if match.start("d") < match.start("m") else [(year, month, day)]

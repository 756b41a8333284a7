"""Numbers that tell by their grouping and check digits what they are: phone (NANP), SSN, card, IBAN.

All digits of a text are looked at once, for a start that could be one of them; only there the shapes are tried.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from agenther.redaction.checks import IBAN_LENGTHS, is_card, is_counted, is_iban, is_phone
from agenther.redaction.spans import BEGIN, Span

HINT = r"\d\d"
_START = re.compile(
    rf"\d\d(?:(?<=[A-Za-z][A-Za-z]\d\d)(?=[ A-Za-z0-9]{{11}})(?<=(?i:{'|'.join(IBAN_LENGTHS)})\d\d)"
    r"|(?<!\d\d\d)(?=\d(?:"
    r"\d[ -]?\d{4}[ -]?\d{4}|\d[ -]\d{6}|\)?[ .-]{0,2}\d{3}[ .-]\d{4}|-\d\d-\d{4})))"
)
_BEGIN = re.compile(rf"(?:{BEGIN.pattern})(?<![.-])")
_END = re.compile(r"(?!(?!x\d)\w|[.-]\d)")
_NO_LEAD = re.compile(r"\Z")
# kind, what may stand before its first two digits, the rest, a check
_SHAPES: tuple[tuple[str, re.Pattern[str], re.Pattern[str], Callable[[str], bool]], ...] = (
    ("IBAN", re.compile(r"[A-Z]{2}\Z"), re.compile(r"\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"), is_iban),
    ("IBAN", re.compile(r"[a-z]{2}\Z"), re.compile(r"\d\d(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?"), is_iban),
    ("SSN", _NO_LEAD, re.compile(r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}"), bool),
    (  # ISO/IEC 7812 prefixes of Visa, Mastercard, Discover, JCB
        "CARD",
        _NO_LEAD,
        re.compile(
            r"(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|4[4-9]\d|5\d\d)|35[2-8]\d)"
            r"(?P<gap>[ -]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{4}"
        ),
        is_card,
    ),
    ("CARD", _NO_LEAD, re.compile(r"3[47]\d\d(?P<gap>[ -]?)\d{6}(?P=gap)\d{5}"), is_card),  # American Express
    ("CARD", _NO_LEAD, re.compile(r"3(?:0[0-5]|[68]\d)\d(?P<gap>[ -]?)\d{6}(?P=gap)\d{4}"), is_card),  # Diners
    ("PHONE", re.compile(r"(?:\+?1[ .-]?)?\(\Z"), re.compile(r"[2-9]\d\d\)[ .-]?[2-9]\d\d[ .-]\d{4}"), is_phone),
    (
        "PHONE",
        re.compile(r"(?:\+?1[ .-]?)?\Z"),
        re.compile(r"[2-9]\d\d(?P<gap>[.-])[2-9]\d\d(?P=gap)\d{4}"),
        is_phone,
    ),
)


def spans(text: str, _: Sequence[int]) -> Iterator[Span]:
    """Every number that passes its check."""
    for start in _START.finditer(text):
        at = start.start()
        for kind, lead, shape, check in _SHAPES:
            match = shape.match(text, at)
            before = match and lead.search(text, max(0, at - 4), at)
            if not match or not before or not _END.match(text, match.end()):
                continue
            begin = before.start() if _BEGIN.match(text, before.start()) else at
            if (begin != at or _BEGIN.match(text, at)) and check(text[begin : match.end()]):
                if kind == "PHONE" and is_counted(text, begin):
                    continue
                yield Span(begin, match.end(), kind)

"""Values that nobody wrote: runs of letters and digits as generators of keys give them."""

import re
from collections.abc import Iterator

from agenther.redaction.checks import is_contract
from agenther.redaction.layers import decoded
from agenther.redaction.lists import LISTS
from agenther.redaction.spans import Run, Span

_CHUNK = Run(least=12)
_WHOLE = re.compile(r"[A-Za-z0-9_+/=~-]*")
_BEFORE = re.compile(r"[A-Za-z0-9_+~-]*\Z")
_PREFIX = re.compile(r"(?:\A|(?<![A-Za-z0-9]))([A-Za-z][A-Za-z0-9]{1,15})[_-](?:[a-zA-Z0-9]{1,16}[_-]){0,3}\Z")
_AN_ID = re.compile(r"(?i:ids?)[\\\s\"']{0,12}[:=][\\\s\"']{0,12}\Z")
_IN_ADDRESS = re.compile(r"://[^\s\"'<>]*\Z")
_PUBLIC = re.compile(rf"(?:{'|'.join(map(re.escape, LISTS['public']))})[_:,-]?\Z", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:\A|(?<![A-Za-z0-9]))([A-Za-z][A-Za-z0-9]{0,20}[_-](?:[A-Za-z0-9]{1,12}[_-]){0,3}?)"
    r"([0-9a-zA-Z]{8}(?:-[0-9a-zA-Z]{4}){3}-)?\Z"
)
_SAYS = re.compile(r"(?i:secret|key|token|tkn|pat|sk)|[A-Z]*(?:KEY|API|TOKEN|SECRET)")
_SAYS_LAST = re.compile("(?i:live|test|prod|api)")
_CHANGE = re.compile(r"(?<=[A-Z])[a-z0-9]|(?<=[a-z])[A-Z0-9]|(?<=[0-9])[A-Za-z]")
_HASH = re.compile(r"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")
_DIGITS = re.compile(r"\d+")
_NAME = re.compile(r"\.[a-z]{2,5}\b")
_LONGEST = 200
"""A longer run is a picture or a file."""


def spans(text: str) -> Iterator[Span]:
    """Each run that is mixed as only chance mixes, whole; no id that is public by its prefix, no hash, no file."""
    done = 0
    for chunk in _CHUNK.matches(text):
        if chunk.start() < done or len(chunk[0]) > _LONGEST or chunk[0].isalpha():
            continue
        before = text[max(0, chunk.start() - 80) : chunk.start()]
        prefix = _PREFIX.search(before)
        if not _says_so(before, chunk[0]) and not is_generated(chunk[0], prefixed=prefix is not None):
            continue
        lead = _BEFORE.search(before)
        start = chunk.start() - len(lead[0] if lead else "")
        whole = _WHOLE.match(text, start)
        done = whole.end() if whole else chunk.end()
        if not (
            done - start > _LONGEST
            or _NAME.match(text, done)
            or _is_public(text, start, prefix)
            or decoded(text[start:done])
        ):
            yield Span(start, done, "SECRET")


def _is_public(text: str, start: int, prefix: re.Match[str] | None) -> bool:
    """An id by its name or prefix, a hash or picture by what stands before, a part of an address."""
    before = text[max(0, start - 200) : start]
    if _AN_ID.search(before) or _IN_ADDRESS.search(before):
        return True
    return prefix[1].lower() in LISTS["public"] if prefix else bool(_PUBLIC.search(before))


def _says_so(before: str, run: str) -> bool:
    """Does a word of the prefix tell what follows: acme_live_…, acme_secret_a_…, sk_…? An id may end the run."""
    lead = _LEAD.search(before)
    if lead is None or not _DIGITS.search(run) or run.isdecimal() or len(lead[0]) + len(run) < 20:
        return False
    *words, last = re.split("[_-]", lead[1])[:-1]
    if _SAYS.fullmatch(last) or (_SAYS_LAST.fullmatch(last) and not lead[2]):
        return True
    return any(map(_SAYS.fullmatch, words)) and (lead[2] is not None or len(_CHANGE.findall(run)) >= 4)


def is_generated(run: str, *, prefixed: bool) -> bool:
    """Capitals, small letters and digits by turns; behind a prefix small letters and digits will do, if it is long."""
    if len(_DIGITS.findall(run)) < 2 or is_contract(run):
        return False
    changes = len(_CHANGE.findall(run))
    if not run.islower() and not run.isupper():
        return (
            len(run) >= 16
            and 3 * changes >= len(run)
            and min(sum(map(str.islower, run)), sum(map(str.isupper, run))) >= 2
            and (prefixed or len(run) >= 28)
        )
    return (prefixed or not _HASH.fullmatch(run)) and len(run) >= (30 if prefixed else 40) and 4 * changes >= len(run)

"""Secrets and personal data in any JSON value, each replaced by a placeholder that stands for that value alone."""

from collections.abc import Sequence
from hashlib import blake2b

from pydantic import JsonValue

from agenther.redaction.finder import find, find_again
from agenther.redaction.found import Finding, Redacted
from agenther.redaction.layers import plain
from agenther.redaction.spans import Span
from agenther.redaction.walk import changed, names


def redacted(value: JsonValue, key: bytes) -> Redacted:
    """As `agenther.redaction.redact` says."""
    findings = [
        Finding(kind=span.kind, placeholder=_placeholder(span.kind, name, key), where=where, redacted=False)
        for name, where in names(value)
        for span in find(name, "")
    ]
    known: dict[str, str] = {}
    clean: set[tuple[str, str]] = set()
    while True:  # what a pass finds may be known by its name only, or have hidden its neighbour
        value, found = _redact_once(value, key, known, clean)
        if not found:
            return Redacted(value, tuple(findings))
        findings += found


def _redact_once(
    value: JsonValue, key: bytes, known: dict[str, str], clean: set[tuple[str, str]]
) -> tuple[JsonValue, list[Finding]]:
    """One pass over all texts. Adds to `known` what only its name gave away, to `clean` in what no rule finds more."""
    findings: list[Finding] = []
    again = find_again(known)

    def change(text: str, name: str, where: str) -> str:
        found: Sequence[Span] = () if (name, text) in clean else find(text, name)
        if not found:
            clean.add((name, text))
            found = again(text)
        parts: list[str] = []
        done = 0
        for start, end, kind in found:
            placeholder = _placeholder(kind, text[start:end], key)
            findings.append(Finding(kind=kind, placeholder=placeholder, where=where))
            parts += (text[done:start], placeholder)
            done = end
            if _is_telling(kind, text[start:end]):
                known[plain(text[start:end])] = kind
        return "".join((*parts, text[done:])) if parts else text

    return changed(value, change), findings


def _is_telling(kind: str, private: str) -> bool:
    """Found by its name, would it be known without? A short or plain word would be found where it means nothing."""
    if kind not in ("SECRET", "PHONE", "SSN", "ID"):
        return False
    if private.isdecimal():
        return len(private) >= 9
    return len(private) >= 16 or (len(private) >= 6 and any(map(str.isdecimal, private)))


def _placeholder(kind: str, private: str, key: bytes) -> str:
    """Of one spelling for what is written in several: mail in capitals, numbers with gaps."""
    private = plain(private)
    if kind == "EMAIL":
        private = private.lower()
    elif kind in ("CARD", "IBAN", "ID", "MAC", "PHONE", "SSN"):
        private = "".join(filter(str.isalnum, private)).upper()
    elif kind == "IP":
        private = private.strip("[]").lower()
    mark = blake2b(private.encode("utf-8", "surrogatepass"), key=key, digest_size=4).hexdigest()
    return f"<{kind}_{mark}>"

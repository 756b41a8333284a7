"""An error as it can be told to others: a phrase of ours, and what its words are worth.

Who controls a tool's result controls the words of its errors. So none of them is told but those that are known to us:
what `evidence.trouble` looks for, and names of Python's errors. The others count by their hash, so that errors of one
kind are equal.
"""

import builtins
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from agenther.evidence.trouble import SHORT, complaint, is_hollow, sign, trouble
from agenther.records import Step
from agenther.text.dates import date_spans
from agenther.text.lexicon import table
from agenther.text.specifics import URL
from agenther.text.words import content

NAMELESS, EMPTY = "an error", "an empty answer"
"""The phrases of an error of which no word is known to us, and of an answer that says nothing."""
REACH = 6
"""Words on either side of an error's phrase that are quoted along."""
_QUOTED = re.compile(r"(?<!\w)(['\"`])[^'\"`\n]{1,80}+\1(?!\w)|“[^”\n]{1,80}+”")
_COUNTED = re.compile(r"\S*\d\S*")
_PATH = re.compile(r"(?<!\w)(?:[\w.-]*/){2,}[\w.-]*")
_MARKS = re.compile(r"[^\w<>]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


class Error(NamedTuple):
    phrase: str
    """In words that are known to us; "an error" where none of its words is."""
    words: str
    """Its words with values replaced by kinds: hostile text, which is compared and never told."""

    @property
    def key(self) -> str:
        """Equal for errors of one kind."""
        return f"{self.phrase} {mark(self.words)}"


def mark(text: str) -> str:
    """What stands for a text that may not be told, and is equal for equal ones."""
    return f"#{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def error(step: Step, values: Iterable[tuple[str, str]]) -> Error | None:
    """Why the step failed, without the `values` (name, text) of its call; None where nothing came back that says so."""
    why, text = trouble(step), " ".join((step.observation or "").split())
    if why is None or not (step.error or text):
        return None
    if not step.error and is_hollow(text):
        return Error(EMPTY, "")
    is_said = sign(text[:SHORT]) or (len(text) <= SHORT and complaint(text))
    told = text[:SHORT] if is_said or not step.error else step.error
    return Error(phrase(told[:SHORT]) or NAMELESS, worded(told[:SHORT], values))


def worded(text: str, values: Iterable[tuple[str, str]]) -> str:
    """The words with values replaced by kinds."""
    for name, value in sorted(values, key=lambda one: (-len(one[1]), one)):
        if len(value) > 2 and not _COUNTED.search(value):
            text = text.replace(value, f" <{name}> ")
    text = _QUOTED.sub(" <quoted> ", URL.sub(" <address> ", text))
    for start, end in reversed(date_spans(text)):
        text = f"{text[:start]} <date> {text[end:]}"
    return " ".join(_MARKS.sub(" ", _COUNTED.sub(" <value> ", _PATH.sub(" <path> ", text))).casefold().split())


def phrase(text: str) -> str:
    """The first words of a text that are a known error; empty where there is none."""
    raised = _raised().search(text)
    return raised[0] if raised else complaint(text)


@cache
def _raised() -> re.Pattern[str]:
    """Names of Python's own errors."""
    kinds = (name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception))
    return re.compile(rf"\b(?:{'|'.join(sorted(kinds))})\b")


def quote(text: str, own: Iterable[str], reach: int = REACH) -> str:
    """Verbatim words of a text about its error, else from its first word on, as far as each is known to us or is one
    of the call's `own`: nobody can be told to do anything by them.
    """
    known = _plain_words() | {word.casefold() for word in own}
    head = text[:SHORT]
    told = next(
        filter(None, (raised[0] if (raised := _raised().search(head)) else "", complaint(head), sign(head))), ""
    )
    at = re.search(re.escape(told), head, re.IGNORECASE) if told else None
    spans = [match.span() for match in re.finditer(r"\S+", head)]
    at = at or re.search(r"[^\W_]{1,24}", head)
    if at is None:
        return ""
    inside = [n for n, (start, end) in enumerate(spans) if start < at.end() and end > at.start()]
    first, last = inside[0], inside[-1]
    while first and inside[0] - first < reach and _is_known(head[slice(*spans[first - 1])], known):
        first -= 1
    while last + 1 < len(spans) and last - inside[-1] < reach and _is_known(head[slice(*spans[last + 1])], known):
        last += 1
    start = at.start() if first == inside[0] else spans[first][0]
    return head[start : at.end() if last == inside[-1] else spans[last][1]]


MOST = 5
"""Words of an error that are told."""


def _is_known(token: str, known: frozenset[str] | set[str]) -> bool:
    words = [word.casefold() for word in _WORD.findall(token)]
    return len(token) <= 24 and all(word in known or word.isdecimal() for word in words)


@cache
def _plain_words() -> set[str]:
    """Words that say nothing by themselves."""
    return set(table("agenther.lessons.lexicon", "plain")["words"].split())


def topics(words: str, known: Iterable[str]) -> tuple[str, ...]:
    """What an error speaks of: those of its words that the tools or the rules of the agent have, too, without order."""
    own = set(known) - _plain_words()
    return tuple(sorted({word for word in content(words) if word in own and word.isalpha()}))[:MOST]

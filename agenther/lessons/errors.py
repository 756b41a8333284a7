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
from agenther.lessons.known import FREE
from agenther.records import Step
from agenther.text.dates import date_spans
from agenther.text.lexicon import table
from agenther.text.names import words
from agenther.text.specifics import URL

NAMELESS, EMPTY = "an error", "an empty answer"
"""The phrases of an error of which no word is known to us, and of an answer that says nothing."""
REACH = 6
"""Words on either side of an error's phrase that are quoted along."""
NAMED = 3
"""Different words of a key of a template, or of another name, that is told as it is."""
_KEY = re.compile(r"[\w./:-]{1,80}", re.ASCII)
WIDEST = 24
"""Characters of such a word."""
_TOKEN = re.compile(r"\S+")
_QUOTED = re.compile(r"(?<!\w)(['\"`])[^'\"`\n]{1,80}+\1(?!\w)|“[^”\n]{1,80}+”")
_COUNTED = re.compile(r"\S*\d\S*")
_PATH = re.compile(r"(?<!\w)(?:[\w.-]*/){2,}[\w.-]*")
_MARKS = re.compile(r"[^\w<>]+")
_FIELD = re.compile(r"(?<=['\"])[^\W\d_]{1,24}(?=\\?['\"]\s?:)")
SPELT = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
"""A word of a text."""


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


def short(what: str, name: str, known: Iterable[str] = ()) -> str:
    """A name as the log has it, where it has too few words to tell anybody to do anything, but for those that are
    `known`, else what stands for it.
    """
    own = {word for word in words(name) if word.isalpha()}.difference(known)
    return name if len(own) <= NAMED and _KEY.fullmatch(name) else f"{what} {mark(name)}" if name else ""


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


def field(text: str) -> str:
    """The first name of a field in a text, which says nothing of what the field holds; empty where it has none."""
    found = _FIELD.search(text[:SHORT])
    return found[0] if found else ""


def quote(text: str, own: Iterable[str], reach: int = REACH) -> str:
    """Verbatim words of a text about its error, else a field's name, else its first word, with those on either
    side that say nothing by themselves, and FREE of the call's `own`: nobody can be told to do anything by them.
    """
    head, own = text[:SHORT], {word.casefold() for word in own}
    told = next(
        filter(None, (raised[0] if (raised := _raised().search(head)) else "", complaint(head), sign(head))), ""
    )
    at = re.search(re.escape(told), head, re.IGNORECASE) if told else None
    if at is None and (name := field(text)):
        return name
    at = at or re.search(r"[^\W_]{1,24}", head)
    if at is None:
        return ""
    before = [match.span() for match in _TOKEN.finditer(head, 0, at.start())][: -reach - 1 : -1]
    after = [match.span() for match in _TOKEN.finditer(head, at.end())][:reach]
    many, left = _harmless((head[slice(*span)] for span in before), own, FREE)
    more, _ = _harmless((head[slice(*span)] for span in after), own, left)
    start, end = before[many - 1][0] if many else at.start(), after[more - 1][1] if more else at.end()
    return head[start:end]


def _harmless(tokens: Iterable[str], own: set[str], left: int) -> tuple[int, int]:
    """How many of these, one after the other, may be quoted, and how many words of the call's own may be after them."""
    many = 0
    for n, token in enumerate(tokens, 1):
        said = {word.casefold() for word in SPELT.findall(token) if not word.isdecimal()} - _plain_words()
        if len(token) > WIDEST or not token.isprintable() or not said <= own or len(said) > left:
            break
        many, left = n if SPELT.search(token) else many, left - len(said)
    return many, left


@cache
def _plain_words() -> set[str]:
    """Words that say nothing by themselves."""
    return set(table("agenther.lessons.lexicon", "plain")["words"].split())

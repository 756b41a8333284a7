"""What a tool's answer tells, field by field, each with the words of the log that show it."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from agenther.evidence import arguments
from agenther.evidence.trouble import page_title
from agenther.records import Evidence, Step
from agenther.stages.lexicon import pattern, words
from agenther.stages.values import values

MOST = 120
"""Facts of one answer."""
MOST_ENTRIES = 60
MOST_LEVELS = 8
LONGEST = 600
"""Characters of a value that is told."""
LARGE = 10
"""Digits. Whole numbers with more are stamps and ids, and no counts."""
WHOLE, PART = "the whole answer", "a part of the answer"
_ADDRESS = re.compile(r"(?:https?:)?//|www\.", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

Path = tuple[str, ...]


def is_entry(part: str) -> bool:
    """Is it the number of an entry, not the name of a field?"""
    return part.isdecimal()


@lru_cache(maxsize=20_000)
def only_letters(text: str) -> str:
    """Letters and digits, in lower case: "CF10 3NP" is CF103NP."""
    return "".join(filter(str.isalnum, text.casefold()))


@dataclass(frozen=True)
class Fact:
    """One field of an answer; the path of a listed one holds its number: items, 0, name."""

    step: int
    path: Path
    value: str
    quote: str

    @cached_property
    def key(self) -> str:
        """The name of the field, or of the list that the value stands in."""
        return next((part for part in reversed(self.path) if not is_entry(part)), "")

    @cached_property
    def is_address(self) -> bool:
        return bool(_ADDRESS.match(self.value))

    @cached_property
    def is_number(self) -> bool:
        return bool(_NUMBER.fullmatch(self.value))

    def evidence(self) -> Evidence:
        """The fact as stage 2 hands it on; `of` reads it again."""
        return Evidence(text=f"{'/'.join(self.path)}: {self.value}", step=self.step, quote=self.quote)

    @classmethod
    def of(cls, shown: Evidence) -> "Fact":
        """The fact that an evidence of stage 2 stands for."""
        path, _, value = shown.text.partition(": ")
        return cls(shown.step, tuple(filter(None, path.split("/"))), value, shown.quote)


def findings(step: Step) -> tuple[tuple[Fact, ...], bool]:
    """The facts of what came back at a step, and whether these are all that it has to tell.

    None of a page, of too long a text, and of something else than was asked for.
    """
    text = step.observation or ""
    if step.action.raw or page_title(text):
        return (), False
    read = values(text)
    if read is None or isinstance(read.root, str | int | float):
        line = str(read.root if read else text).strip()
        is_line = 0 < len(line) <= LONGEST and "\n" not in line and line[0] not in "{[<(" and line in text
        return ((Fact(step.n, (), line, line),), True) if is_line and _is_found(line, step) else ((), False)
    leaves = list(_leaves(read.root, (), MOST_LEVELS))
    if _is_of_another(step, leaves):
        return (), False
    facts = [fact for path, value in leaves[:MOST] if (fact := _fact(step, path, value))]
    fillers = {path[:-1] for path, value in leaves if path[-1] == "id" and str(value) in {"0", "-1"} and path[:-1]}
    fillers = {path for path in fillers if is_entry(path[-1])}
    kept = tuple(fact for fact in facts if not any(fact.path[: len(one)] == one for one in fillers))
    is_all = _entries(fact.path for fact in kept) == _entries(path for path, _ in leaves)
    is_all = is_all and len(leaves) <= MOST and not _goes_on(step, leaves)
    return kept, read.whole and is_all


def _entries(paths: Iterable[Path]) -> set[Path]:
    """The entries of the outermost lists."""
    at = [(path, [is_entry(part) for part in path]) for path in paths]
    return {path[: marks.index(True) + 1] for path, marks in at if True in marks}


def _leaves(root: Any, path: Path, deep: int) -> Iterator[tuple[Path, Any]]:
    if isinstance(root, dict | list) and deep:
        for key, value in root.items() if isinstance(root, dict) else enumerate(root[:MOST_ENTRIES]):
            if str(key) and "/" not in str(key) and ": " not in str(key):
                yield from _leaves(value, (*path, str(key)), deep - 1)
    elif path and root is not None and not isinstance(root, dict | list):
        yield path, root


def _fact(step: Step, path: Path, value: Any) -> Fact | None:
    if path[-1].casefold() in words("findings", "technical") or not _is_found(value, step):
        return None
    quote = quoted("" if is_entry(path[-1]) else path[-1], value, step.observation or "")
    return Fact(step.n, path, " ".join(str(value).split()), quote) if quote else None


def _is_found(value: Any, step: Step) -> bool:
    """Is it something that the answer adds, and no error, filler or address of the service itself?"""
    text = " ".join(str(value).split())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return text not in arguments(step)
    plain = text.casefold()
    is_text = len(text) <= LONGEST and text.isprintable() and any(map(str.isalnum, text))
    if not is_text or plain in words("findings", "vacant"):
        return False
    if text in arguments(step) or (isinstance(value, str) and pattern("findings", "complaints").search(text)):
        return False
    service = only_letters(step.action.name.rpartition("_for_")[2])
    is_host = "." in text and " " not in text and len(service) > len("short") and service in only_letters(text)
    return not (is_host or "rapidapi" in plain)


_NONE = frozenset("false no none null".split())


def _goes_on(step: Step, leaves: list[tuple[Path, Any]]) -> bool:
    """Does anything tell of more than the answer lists: a greater total, a further page, a limit that was reached?"""
    listed = len(_entries(path for path, _ in leaves))
    if not listed:
        return False
    for path, value in leaves:
        name, many = path[-1].casefold(), _whole(value)
        if any(map(is_entry, path)) or not value:
            continue
        leads_on = name in words("findings", "going_on") and str(value).casefold() not in _NONE
        if leads_on or (name in words("findings", "counting") and many > listed) or ("pages" in name and many > 1):
            return True
    limits = [
        _whole(value) for key, value in step.action.arguments.items() if key.casefold() in words("findings", "paging")
    ]
    return listed >= MOST_ENTRIES or any(0 < many <= listed for many in limits)


def _whole(value: Any) -> int:
    """A whole number, also one that is written as text; 0 for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LARGE else 0


def _is_of_another(step: Step, leaves: list[tuple[Path, Any]]) -> bool:
    """Does a field that is called like an input say another value, or a place bear another name?"""
    for key, value in step.action.arguments.items():
        name = only_letters(key.removeprefix("is_"))
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        if isinstance(value, str) and _is_elsewhere(value, leaves):
            return True
        shown = [(path, its) for path, its in leaves if only_letters(path[-1]) == name and str(its).strip()]
        top = min((len(path) for path, _ in shown), default=0)
        fits = [_agrees(str(value), str(its)) for path, its in shown if len(path) == top]
        is_sought = name in words("findings", "sought") or not fits
        if not is_sought and not (any(fits) if name.endswith(("name", "title")) else all(fits)):
            return True
    return False


def _is_elsewhere(asked: str, leaves: list[tuple[Path, Any]]) -> bool:
    """Of an answer with coordinates: does none of its texts hold a word of what was asked for?"""
    if not any(path[-1].casefold() in {"lat", "latitude"} for path, _ in leaves):
        return False
    asked_for = [word for word in re.findall(r"[^\W\d_]{3,}", asked.casefold()) if word not in {"and", "the"}]
    texts = [only_letters(value) for _, value in leaves if isinstance(value, str) and re.search(r"[^\W\d_]{3}", value)]
    return bool(asked_for and texts) and not all(any(word in text for text in texts) for word in asked_for)


def _agrees(said: str, shown: str) -> bool:
    """The same, or one within the other, or a code for a name, which only a table could tell."""
    one, other = only_letters(said), only_letters(shown)
    is_code = min(len(one), len(other)) <= len("usa") and not (one.isdecimal() or other.isdecimal())
    return one == other or (len(one) > len("usa") and one in other) or (is_code and len(one) != len(other))


_MARKS = ("'", '"', '\\"', "\\'", '\\\\\\"')
_ENDS = frozenset(("", ",", "}", "]", ")", " ", "\n"))


def quoted(key: str, value: Any, observation: str) -> str | None:
    """The observation's own spelling of `key: value`, escapes and all; of `value` alone without a key."""
    is_text = isinstance(value, str)
    labels = [f"{mark}{key}{mark}{between}" for mark in _MARKS for between in (": ", ":", " : ")] if key else [""]
    labels = [one for one in labels if one in observation]
    for text in _spellings(value) if is_text else (str(value), json.dumps(value)):
        for told in [f"{mark}{text}{mark}" for mark in _MARKS] if is_text else [text]:
            for label in labels:
                if _stands(label + told, observation, is_whole=not is_text):
                    return label + told
    return None


def _stands(words: str, text: str, *, is_whole: bool) -> bool:
    """Are they there? A number has to be whole: 50 is not in 500."""
    at = text.find(words)
    while is_whole and at >= 0 and text[at + len(words) : at + len(words) + 1] not in _ENDS:
        at = text.find(words, at + 1)
    return at >= 0


def _spellings(text: str) -> Iterator[str]:
    """As it is, then as JSON and Python write it, once and twice."""
    yield text
    for once in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]):
        yield from (once, json.dumps(once)[1:-1], json.dumps(once, ensure_ascii=False)[1:-1])

"""What a tool's answer tells, field by field, each with the words of the log that show it."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from agenther.evidence import arguments
from agenther.evidence.trouble import page_title
from agenther.records import Evidence, Step
from agenther.stages.lexicon import pattern, words
from agenther.stages.spelling import Spelling
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


is_entry = str.isdecimal
"""Is a part of a path the number of an entry, not the name of a field?"""


@lru_cache(maxsize=20_000)
def only_letters(text: str) -> str:
    """Letters and digits, in lower case: "CF10 3NP" is CF103NP."""
    return "".join(filter(str.isalnum, text.casefold()))


class Fact(NamedTuple):
    """One field of an answer; the path of a listed one holds its number: items, 0, name."""

    step: int
    path: Path
    value: str
    quote: str

    @property
    def key(self) -> str:
        """The name of the field, or of the list that the value stands in."""
        for part in reversed(self.path):
            if not is_entry(part):
                return part
        return ""

    @property
    def is_address(self) -> bool:
        return bool(_ADDRESS.match(self.value))

    @property
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
        told = " ".join(line.split())
        is_line = is_line and told not in arguments(step) and _is_found(line, told, step)
        return ((Fact(step.n, (), line, line),), True) if is_line else ((), False)
    leaves = list(_leaves(read.root, (), MOST_LEVELS))
    if _is_of_another(step, leaves):
        return (), False
    spelling, known = Spelling(text), frozenset(arguments(step))
    facts = [fact for path, value in leaves[:MOST] if (fact := _fact(step, path, value, spelling, known))]
    fillers = {path[:-1] for path, value in leaves if path[-1] == "id" and str(value) in {"0", "-1"} and path[:-1]}
    fillers = {path for path in fillers if is_entry(path[-1])}
    kept = tuple(fact for fact in facts if not any(fact.path[: len(one)] == one for one in fillers))
    listed = _entries(path for path, _ in leaves)
    is_all = len(leaves) <= MOST and _entries(fact.path for fact in kept) == listed
    return kept, read.whole and is_all and not _goes_on(step, leaves, len(listed))


def _entries(paths: Iterable[Path]) -> set[Path]:
    """The entries of the outermost lists."""
    return {entry for path in paths if (entry := _entry(path))}


def _entry(path: Path) -> Path:
    """That of the outermost list on the path; empty where there is none."""
    for n, part in enumerate(path, 1):
        if is_entry(part):
            return path[:n]
    return ()


def _leaves(root: Any, path: Path, deep: int) -> Iterator[tuple[Path, Any]]:
    if isinstance(root, dict | list) and deep:
        for key, value in root.items() if isinstance(root, dict) else enumerate(root[:MOST_ENTRIES]):
            if str(key) and "/" not in str(key) and ": " not in str(key):
                yield from _leaves(value, (*path, str(key)), deep - 1)
    elif path and root is not None and not isinstance(root, dict | list):
        yield path, root


def _fact(step: Step, path: Path, value: Any, spelling: Spelling, known: frozenset[str]) -> Fact | None:
    """The value as a fact, if it is one and stands in the answer as it is; `known` are the inputs."""
    text = " ".join(str(value).split())
    if path[-1].casefold() in words("findings", "technical") or text in known or not _is_found(value, text, step):
        return None
    quote = spelling.quote("" if is_entry(path[-1]) else path[-1], value)
    return Fact(step.n, path, text, quote) if quote else None


def _is_found(value: Any, text: str, step: Step) -> bool:
    """Is it something that the answer tells, and no error, filler or address of the service itself?"""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return True
    plain = text.casefold()
    is_text = len(text) <= LONGEST and text.isprintable() and any(map(str.isalnum, text))
    if not is_text or plain in words("findings", "vacant"):
        return False
    if isinstance(value, str) and pattern("findings", "complaints").search(text):
        return False
    service = only_letters(step.action.name.rpartition("_for_")[2])
    is_host = "." in text and " " not in text and len(service) > len("short") and service in only_letters(text)
    return not (is_host or "rapidapi" in plain)


_NONE = frozenset("false no none null".split())


def _goes_on(step: Step, leaves: list[tuple[Path, Any]], listed: int) -> bool:
    """Does anything tell of more than the so many that the answer lists: a total, a further page, a limit reached?"""
    if not listed:
        return False
    for path, value in leaves:
        if not value or _entry(path):
            continue
        name, many = path[-1].casefold(), _whole(value)
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

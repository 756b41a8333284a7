"""What the user knows: the arguments of a call, as a person would say them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agenther.evidence.specifics import number
from agenther.evidence.words import Words
from agenther.records import Step
from agenther.stages.english import as_written, joined, words

_SECRET = re.compile(
    r"(?:api|access|private)_?key|token|passw|secret|credential|^auth$|authori[sz]ation", re.IGNORECASE
)
_PAGING = frozenset("page limit offset size count start skip top results per".split())
_MEANT = frozenset("size start top".split())
"""Words for parts of long lists that may mean something else where the user says them: size 42."""
_REFERENCE = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z0-9]{5,8}")
"""What people are told as a booking or order number, and tell others."""
_NAME_LIKE = re.compile(r"[A-Z0-9][\w'’.&/-]*(?: (?:[A-Z0-9][\w'’.&/-]*|[Oo]f|[Tt]he|and|&|de|la|von|van))*")
_CODE = re.compile(r"[\w.:/@+-]+")
_COMMON = re.compile(r"[a-z]+(?:[ -][a-z]+)?")
MOST_INPUTS = 5
MOST_CHARACTERS = 120
"""Of a text that somebody would write into a request."""


@dataclass(frozen=True)
class Input:
    """What the user knows: one argument of a call."""

    name: tuple[str, ...]
    """The words of the parameter's name."""
    text: str
    """The value as it is written within a sentence, without quotation marks."""
    verbatim: str
    """The value, or the first of several, as the log has it."""
    said: bool
    """Is the user known to have said it?"""

    @property
    def quoted(self) -> str:
        """For words that are sought or written: always in quotation marks."""
        return f'"{self.text}"'

    @property
    def shown(self) -> str:
        """Names, codes and plain words as they are, anything else in quotation marks."""
        is_bare = _NAME_LIKE.fullmatch(self.text) or self.is_code or _COMMON.fullmatch(self.text)
        return self.text if is_bare else self.quoted

    @property
    def is_code(self) -> bool:
        """Is it one word that is no word: with a digit, all in capitals, an address?"""
        has_mark = self.text.isupper() or any(character in "@." or character.isdecimal() for character in self.text)
        return has_mark and bool(_CODE.fullmatch(self.text))

    @property
    def is_number(self) -> bool:
        return bool(re.fullmatch(r"-?\d+(?:\.\d+)?", self.text))


def inputs(step: Step, said: Words, goal: str = "") -> list[Input] | None:
    """Each argument of a call; None if some argument would not be said by a person.

    `said` is what the user is known to have said, `goal` a part of it that has names as names. Identifiers that
    only a run could know are not said by anybody else, and how many results a page has is left to the agent.
    """
    told = []
    for key, value in step.action.arguments.items():
        if value is None or value in ("", [], {}):
            continue
        name = words(key.removeprefix("is_") if isinstance(value, str | int | float) else key)
        text = _text(value)
        if name is None or name[-1].isdecimal() or text is None or _SECRET.search(key):
            return None
        is_said = _was_said(value, said)
        if name[-1] in _PAGING and (name[-1] not in _MEANT or not is_said):
            if "page" in name and not _is_first_page(name, value):
                return None
            continue
        if not is_said and _is_inner(name, value):
            return None
        if "slug" in name:
            text = as_written(text.replace("-", " "), goal)
        first = value[0] if isinstance(value, list) else value
        told.append(Input(tuple(" ".join(name).split()), text, str(first), is_said))
    return _persons(told) if len(told) <= MOST_INPUTS else None


def _persons(told: list[Input]) -> list[Input]:
    """A first and a last name are one name."""
    first = next((one for one in told if one.name == ("first", "name")), None)
    last = next((one for one in told if one.name == ("last", "name")), None)
    if first is None or last is None:
        return told
    whole = replace(first, name=("name",), text=f"{first.text} {last.text}")
    return [whole, *(one for one in told if one is not first and one is not last)]


def is_limited(step: Step) -> bool:
    """Did the agent ask for so many only? What came back then need not be all there is."""
    return any((words(key) or ("",))[-1] in _PAGING | {"num", "max"} for key in step.action.arguments)


def _is_first_page(name: Sequence[str], value: object) -> bool:
    return "page" in name and str(value) in {"0", "1"}


def _was_said(value: object, said: Words) -> bool:
    is_wording = not isinstance(value, int | float)
    if is_wording and (said.has(str(value)) or said.has(str(value).replace("-", " "))):
        return True
    return said.has_token(number(str(value).casefold()))


def _is_inner(name: Sequence[str], value: object) -> bool:
    """An identifier, or a number more precise than people are."""
    if isinstance(value, float) or (isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value)):
        return len(str(value).partition(".")[2]) > 3
    return bool(set(name) & {"id", "ids", "slug", "key"}) and not _REFERENCE.fullmatch(str(value))


def _text(value: object) -> str | None:
    """An input as a person would write it into a request; None when nobody would write it at all."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and 0 < len(value) <= 5 and all(isinstance(item, str | int | float) for item in value):
        parts = [_text(item) for item in value]
        return joined([part for part in parts if part]) if all(parts) else None
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_CHARACTERS or not value.isprintable():
        return None
    return value.strip() if '"' not in value and any(map(str.isalnum, value)) else None

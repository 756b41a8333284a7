"""One field of what a tool returned, as a fact that a person would ask for, with its quote."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agenther.stages import measures
from agenther.stages.english import is_plural, words
from agenther.stages.nouns import AMOUNTS, SAYABLE, SAYINGS, SPOKEN, TEXTS

LARGE = 10**10
"""Numbers from here on are stamps and ids."""
MOST_DECIMALS = 8
LONGEST = 100
LONGEST_QUOTE = 300
LONGEST_TEXT = 200
"""Characters of a quote, a joke or the like, which are asked for as a whole."""
_TECHNICAL = frozenset(
    "id ids uid uuid guid url uri urls link links href image images img icon logo avatar thumbnail photo slug"
    " hash token key nonce signature message msg error errors err code success ok status_code copyright credits"
    " credit request requestid requestinfo query search page pages limit offset per timestamp ts meta metadata"
    " version raw self type kind object etag cursor next previous prev html css color colour format encoding"
    " cache maxage notice disclaimer documentation docs terms license licence require requires required".split()
)
_FUNCTION_WORDS = frozenset("by of to in on at is my an no or up the and for from with per via now all".split())
_PLACES = frozenset("city town state province country county region district continent zip".split())
_FRAGMENTS = frozenset(("home", "away", "first name", "middle name", "last name"))
"""Of a pair or a name; nobody asks for the home of a match, or for half of a name."""
_VACANT = frozenset(
    "0 none null n/a na unknown - ok nan string yes no true false tbd tba tbc nil undefined unspecified unavailable"
    " anonymous".split()
)
_LACKING = re.compile(
    r"unknown\b.*|lorem ipsum\b.*|.* goes here\.?|(?:an? )?(?:test|example|placeholder)"
    r"|(?:to be|not|no)\b.*\b(?:announced|determined|confirmed|found|available|specified|provided|given|known|set"
    r"|applicable|data|information|results?)\.?"
    r"|(?:please )?(?:upgrade|subscribe|sign ?up|sign ?in|log ?in|register) (?:to|for|now|here|your|with|first)\b.*",
    re.IGNORECASE,
)
"""What stands where nothing is known, or nothing is given for free."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*")
"""A field's name; keys with spaces are data ("Guy Holding Cardboard Sign": 2)."""
_MARKED = re.compile(r"https?://|www\.|<[a-zA-Z/!]|data:|\\|[{}\[\]]|^[0-9a-f-]{16,}$|^[A-Za-z0-9+/=_-]{24,}$")
_NUMERIC = re.compile(r"[$€£¥+-]?\d[\d\s.,:%/T+Z-]*")
_SPAN = re.compile(r"P(?=[T\d])[\dTYMWDHS.]+")
"""A duration as machines write it: PT15M33S."""
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|\+00:00)?")
_SNAKE = re.compile(r"[a-z]+(?:_[a-z]+)+")
_PLAIN = re.compile(r"[\w'’.&/()@+%°-]+(?: [\w'’.&/()@+%°-]+){0,3}")
"""Up to four words without commas and the like, which need no quotation marks within a sentence."""


@dataclass(frozen=True)
class Fact:
    name: str
    """What a person calls it, for example "latitude"."""
    value: str
    """As it is written within a sentence."""
    quote: str
    """Verbatim from the observation."""

    @property
    def told(self) -> str:
        """The value, in quotation marks where it would run into the sentence about it."""
        is_text = set(self.name.split()[-1:]) & TEXTS or " and " in self.value or self.value.endswith((".", "!"))
        is_bare = _NUMERIC.fullmatch(self.value) or (_PLAIN.fullmatch(self.value) and not is_text)
        return self.value if is_bare else f'"{self.value}"'


def fact(key: Any, record: Mapping[Any, Any], observation: str, known: frozenset[str]) -> Fact | None:
    """What a field of a record tells; None for technical ones, what the user has given, and what nobody asks for.

    `known` is what the user has given, names and values, as `plain` spells them.
    """
    value = record.get(key)
    is_number = _is_number(value) or (isinstance(value, str) and measures.is_bare(value.strip()))
    base, unit = measures.parted(key) if isinstance(key, str) and is_number else (key, "")
    name = named(base, known)
    if name is None or name in _FRAGMENTS:
        return None
    text = spoken(value, LONGEST_TEXT if name.rpartition(" ")[2] in SAYINGS else LONGEST)
    if text is None or knows(known, text) or (not is_number and measures.is_of_another(name, text)):
        return None
    quote = quoted(key, value, observation)
    if is_number and not unit:
        its = measures.beside(key, name, record, measures.asked_currency(known))
        unit, quote = its.unit, _wider(quote, its.fields, record, observation)
    if is_number and measures.says_nothing(name, text, unit):
        return None
    if unit:
        return Fact(measures.named(name, unit), f"{text} {unit}", quote) if quote else None
    return Fact(_counted(name, value), text, quote) if quote else None


def _wider(quote: str | None, fields: Sequence[str], record: Mapping[Any, Any], observation: str) -> str | None:
    """A quote that also shows the fields beside it, where they stand close by."""
    others = [other for field in fields if (other := quoted(field, record[field], observation))]
    if quote is None or not others:
        return quote
    ends = [(observation.find(text), observation.find(text) + len(text)) for text in (quote, *others)]
    wide = observation[min(start for start, _ in ends) : max(end for _, end in ends)]
    return wide if len(wide) <= LONGEST_QUOTE else quote


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counted(name: str, value: Any) -> str:
    """How many there are: views of 76929 are a number of views."""
    is_count = isinstance(value, int) and is_plural(name.rpartition(" ")[2]) and not set(name.split()) & AMOUNTS
    return f"number of {name}" if is_count else name


def spoken(value: Any, longest: int = LONGEST) -> str | None:
    """A value as it is told; None for what nobody asks for: flags, stamps, addresses, markup, nothing."""
    if _is_number(value):
        if not 0 < abs(value) < LARGE:  # nor NaN
            return None
        text = str(int(value)) if value == int(value) else str(value)
        return text if len(text.partition(".")[2]) <= MOST_DECIMALS else None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable() or '"' in value:
        return None
    text = value.strip()
    if _MARKED.search(text) or text.casefold() in _VACANT or not any(map(str.isalnum, text)):
        return None
    if _LACKING.fullmatch(text) or _SPAN.fullmatch(text):
        return None
    day = _MIDNIGHT.fullmatch(text)
    return day[1] if day else text.replace("_", " ") if _SNAKE.fullmatch(text) else text


def plain(text: str) -> str:
    """Letters and digits only, lower case: "CF10 3NP" is the postcode CF103NP again."""
    return "".join(filter(str.isalnum, text.casefold()))


def knows(known: frozenset[str], text: str) -> bool:
    """Is it told already, or a part of something told?"""
    value = plain(text)
    return value in known or (len(value) > 2 and any(value in told for told in known))


def named(key: Any, known: frozenset[str]) -> str | None:
    """What a person calls a field; None for technical fields and for what the user has given."""
    return _name(key) if isinstance(key, str) and plain(key) not in known else None


@lru_cache(maxsize=20_000)
def _name(key: str) -> str | None:
    """What a person calls a field. The fields of one answer come back in the next."""
    found = words(key) if _FIELD.fullmatch(key) else None
    if found is None or len(found) > 4 or not _TECHNICAL.isdisjoint((*found, plain(key))):
        return None
    meaningful = [word for word in found if len(word) > 2 and not word.isdecimal() and word not in _FUNCTION_WORDS]
    if not meaningful or found[-1].split()[-1] not in SAYABLE | TEXTS or set(found[-2:-1]) & _PLACES:
        return None
    name = " ".join(found)
    return SPOKEN.get(name, name)


def quoted(key: str, value: Any, observation: str) -> str | None:
    """The observation's own spelling of `key: value`, escapes and all; of `value` alone without a key."""
    if isinstance(value, str) and not value.isascii():
        once = json.dumps(value)[1:-1]
        spellings = {value, once, json.dumps(once)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    else:
        spellings = {str(value)}
    texts = "|".join(re.escape(spelling) for spelling in sorted(spellings))
    label = rf"""(?<!\\)\\*['"]{re.escape(key)}\\*['"]\s*:\s*""" if key else ""
    pattern = rf"""{label}(?:(?<!\\)\\*['"])?(?:{texts})(?:\\*['"]|(?![\w.]))"""
    match = re.search(pattern, observation)
    return match.group() if match else None

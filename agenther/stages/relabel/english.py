"""From names to words, and from values and lists to sentences."""

import re
from collections.abc import Sequence
from functools import lru_cache

from agenther.stages.lexicon import named, words

_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=\d)")
_NUMERIC = re.compile(r"[$€£¥+-]?\d[\d\s.,:%/T+Z-]*")
_PLAIN = re.compile(r"[\w'’.&/()@+%°#-]+(?: [\w'’.&/()@+%°#-]+){0,5}")
"""A few words without commas and the like, which need no quotation marks within a sentence."""


@lru_cache(maxsize=20_000)
def spelt(name: str) -> tuple[str, ...]:
    """The words of an identifier or a text, in lower case: getUserDetails has three."""
    return tuple(re.findall(r"[^\W_]+", _CASE.sub(" ", name).casefold()))


@lru_cache(maxsize=20_000)
def parts(name: str) -> tuple[str, ...]:
    """The same, each word in one spelling of its several."""
    return tuple(map(meant, spelt(name)))


@lru_cache(maxsize=20_000)
def meant(word: str) -> str:
    """One spelling of a word: singular, and one name of those that mean the same."""
    one, groups = singular(word), named("requests", "groups")
    return groups.get(word) or groups.get(one, one)


def is_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and noun not in words("requests", "alike")


@lru_cache(maxsize=20_000)
def singular(noun: str) -> str:
    """Good enough to tell that two words are the same, and to speak of one of them."""
    if not is_plural(noun) or len(noun) <= len("gas"):
        return noun
    if noun.endswith("ies") and len(noun) > len("ties") and noun != "movies":
        return f"{noun[:-3]}y"
    return noun[:-2] if noun.endswith(("sses", "xes", "ches", "shes")) else noun[:-1]


def plural(noun: str) -> str:
    if is_plural(noun) or noun in words("requests", "alike"):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def joined(items: Sequence[str]) -> str:
    """Items as prose lists them: commas, and one "and" before the last."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if items[1:] else "".join(items)


def told(value: str) -> str:
    """A value, in quotation marks where it would run into the sentence about it."""
    is_bare = _NUMERIC.fullmatch(value) or (
        _PLAIN.fullmatch(value) and not value.endswith(".") and " and " not in value
    )
    return value if is_bare or '"' in value else f'"{value}"'


_YES = {"true": "yes", "false": "no"}


def plain(value: str) -> str:
    """A value that is written like a name, in words: basic_economy; and yes or no."""
    if value.casefold() in _YES:
        return _YES[value.casefold()]
    return value.replace("_", " ") if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", value) else value


def verb_for(noun: str) -> str:
    """The form of "to be" that goes with a noun."""
    return "are" if is_plural(noun.partition(" of ")[0]) else "is"


def telling(facts: Sequence[tuple[str, str]]) -> str:
    """The latitude is 51.5 and the longitude is -0.12."""
    text = joined([f"the {name} {verb_for(name)} {told(plain(value))}" for name, value in facts])
    return sentence(text)


def sentence(text: str) -> str:
    """With a capital first letter and a full stop."""
    text = text.strip()
    is_ended = text.rstrip("\"'").endswith((".", "!", "?"))
    return f"{text[:1].upper()}{text[1:]}{'' if is_ended else '.'}"

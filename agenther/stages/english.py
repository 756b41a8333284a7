"""From identifiers to words that a person would use, and from lists to sentences."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from math import log

_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])")
_SPELT_OUT = {
    "q": "query",
    "lat": "latitude",
    "lon": "longitude",
    "lng": "longitude",
    "num": "number",
    "qty": "quantity",
    "desc": "description",
    "dob": "date of birth",
    "addr": "address",
    "avg": "average",
    "max": "maximum",
    "min": "minimum",
    "temp": "temperature",
    "zipcode": "zip code",
    "checkin": "check in",
    "checkout": "check out",
    "firstname": "first name",
    "pct": "percentage",
    "lastname": "last name",
    "fullname": "full name",
    "datetime": "date and time",
    "lang": "language",
    "startdate": "start date",
    "enddate": "end date",
    "countrycode": "country code",
    "postalcode": "postal code",
}  # fmt: skip - a table reads better by pairs
MOST_GLUED = 4
LONGEST_GLUED = 30
_ENDINGS = ("id", "ids", "name", "date", "code", "type", "number", "list", "details", "url", "key", "string", "text")
"""Last words that API authors glue on."""
COMMON = 3_000
"""Uses in the dictionary's corpus; rarer words are not looked for inside longer ones."""
ACRONYMS = frozenset(
    "sku gps iban isbn bmi gdp eta etf nft vin gpu cpu faq seo sms tv dvd id csv pdf html url ip isp dns ssl api"
    " iso ceo".split()
)
_NEW_WORDS = ACRONYMS | frozenset(
    "geocode autocomplete username email wifi metadata hashtag emoji podcast crypto blockchain"
    " cryptocurrency runtime timezone geolocation".split()
)
"""Words of our time that the dictionary does not have."""


@cache
def _dictionary() -> Mapping[str, int]:
    """English words with how often they are used; loaded once, when the first identifier is read (0.1 s)."""
    from spellchecker import SpellChecker  # noqa: PLC0415 - only rules need it

    return SpellChecker(language="en", distance=1).word_frequency.dictionary


@lru_cache(maxsize=20_000)
def words(identifier: str) -> tuple[str, ...] | None:
    """The words of an identifier, lower case: "getUserDetails" and "get_user_details" give three.

    None when they are not all English words: hashes, abbreviations, names.
    """
    found: list[str] = []
    for piece in re.split(r"[\W_]+", _CASE.sub(" ", identifier.strip()).lower()):
        parts = _parts(_SPELT_OUT.get(piece, piece)) if piece else []
        if parts is None:
            return None
        found += parts
    return tuple(found) or None


@cache
def _parts(word: str) -> list[str] | None:
    """A word by itself, or the common words that are glued together in it; None if it is neither."""
    if _is_word(word):
        return [word]
    if len(word) > LONGEST_GLUED:
        return None
    for ending in _ENDINGS:
        if word.endswith(ending) and _is_common(word.removesuffix(ending)):
            return [word.removesuffix(ending), ending]
    glued = [split for split in _splits(word, MOST_GLUED) if split[-1] not in _LITTLE]
    return min(glued, key=lambda split: (len(split), -sum(map(_familiarity, split))), default=None)


def _splits(word: str, most: int) -> list[list[str]]:
    """Every way to take a word apart into at most `most` common words."""
    whole = [[word]] if _is_common(word) or word in _LITTLE else []
    if most == 1:
        return whole
    heads = (at for at in range(2, len(word) - 1) if _is_common(word[:at]) or word[:at] in _LITTLE)
    return whole + [[word[:at], *rest] for at in heads for rest in _splits(word[at:], most - 1)]


def _familiarity(word: str) -> float:
    return log(_dictionary().get(word, 1))


def _is_common(word: str) -> bool:
    """Is it long and frequent enough to be told apart inside a longer word?"""
    return word in _NEW_WORDS or (len(word) > 2 and _dictionary().get(word, 0) >= COMMON)


def names(identifier: str) -> list[str] | None:
    """The words of a name that somebody gave to a product, which need not be English."""
    pieces = [piece for piece in re.split(r"[\W_]+", identifier) if piece]
    readable = all(piece.isdecimal() or (piece.isalpha() and len(piece) <= 20) for piece in pieces)
    return pieces if pieces and readable else None


def _is_word(word: str) -> bool:
    if word.isdecimal():
        return len(word) <= 4
    if " " in word or word in _NEW_WORDS:
        return True
    return word in _dictionary() and (len(word) > 2 or word in _LITTLE)


_LITTLE = frozenset("by of to in on at is my an no or up".split())


def joined(items: Sequence[str]) -> str:
    """Items as prose lists them: commas, and one "and" before the last."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def is_plural(noun: str) -> bool:
    return noun.endswith("s") and noun not in _ENDS_IN_S and not noun.endswith(("ss", "us", "is", "news"))


_ENDS_IN_S = frozenset("news series species gps mathematics physics athletics gas atlas canvas lens bias".split())


_ALIKE = frozenset("anime manga sushi aircraft spacecraft sheep deer salmon offspring".split())
"""What is called the same whether it is one or many."""


def plural(noun: str) -> str:
    if is_plural(noun) or noun in _ENDS_IN_S or noun in _ALIKE:
        return noun
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def singular(noun: str) -> str:
    """What `plural` makes a plural of."""
    if not is_plural(noun):
        return noun
    if noun.endswith("ies") and len(noun) > 4 and noun != "movies":
        return f"{noun[:-3]}y"
    is_longer = noun.endswith(("sses", "xes", "ches", "shes", "zzes")) or (
        noun.endswith("uses") and noun[:-1] not in _dictionary()
    )
    return noun[:-2] if is_longer else noun[:-1]


def is_participle(word: str) -> bool:
    """Is it of the form of rated and published, and not of breed and speed?"""
    return word.endswith("ed") and not word.endswith("eed") and len(word) > 4


def verb_for(noun: str) -> str:
    """The form of "to be" that goes with a noun."""
    return "are" if is_plural(noun.partition(" of ")[0]) else "is"


def a(noun: str) -> str:
    """A noun with "a" or "an", by its first letter or, for what is spelt out, by the letter's name."""
    vowels = "AEFHILMNORSX" if noun[:2].isupper() else "aeioAEIO"
    return f"an {noun}" if noun[0] in vowels else f"a {noun}"


def cased(text: str) -> str:
    """With the abbreviations in capitals: "country iso code" is the country ISO code."""
    return " ".join(word.upper() if word in ACRONYMS else word for word in text.split(" "))


def titled(text: Sequence[str]) -> str:
    """A name of several words: "jet set and radio" is Jet Set and Radio."""
    return " ".join(word if n and word in _SMALL else _capitals(word) for n, word in enumerate(text))


def _capitals(word: str) -> str:
    """A name's word; what has no vowel is spelt out: KFC."""
    return word.upper() if word in ACRONYMS or not set(word) & set("aeiouy") else word.capitalize()


_SMALL = frozenset("and of the for in on by to or with".split())


def as_written(text: str, example: str) -> str:
    """`text` with each word in the case in which it stands inside a sentence of `example`: names as names."""
    written = _written(example)
    return re.sub(r"\w+", lambda found: written.get(found.group().casefold(), found.group()), text)


@lru_cache(maxsize=64)
def _written(text: str) -> Mapping[str, str]:
    """The capitalised words inside the sentences of a text, by what they are in lower case."""
    return {word.casefold(): word for word in re.findall(r"(?<=[a-z,;:] )[A-Z][\w'’]*", text)}


def sentence(text: str) -> str:
    """With a capital first letter and a full stop."""
    text = text.strip()
    is_ended = text.rstrip('"').endswith((".", "!", "?"))
    return f"{text[:1].upper()}{text[1:]}{'' if is_ended else '.'}"

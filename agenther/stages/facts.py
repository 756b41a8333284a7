"""What a tool's answer tells that a person would ask for: a few named values, each with its quote."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from types import UnionType
from typing import Any

from agenther.stages.english import singular, words
from agenther.stages.fields import LONGEST_TEXT, Fact, fact, knows, named, plain, quoted, spoken
from agenther.stages.measures import in_words, number_of
from agenther.stages.nouns import IDENTIFYING, ORDINARY, REPORTS, VAGUE
from agenther.stages.parts import is_part
from agenther.stages.privacy import is_personal, is_secret
from agenther.stages.values import Values, values

MOST = 3
"""Facts that one request asks for."""
SHORT_LIST = 8
"""A list up to so long is asked for as a whole."""
MAP = 12
"""An object with so many fields, all of one type, maps names to values; its keys are data."""
_WRAPPERS = frozenset(
    "data result results response items content payload body output value values records list".split(),
)
_PLACES = frozenset("city town state province country county region district continent location place".split())
_WEATHER = frozenset(("weather", "forecast"))


class Shape(Enum):
    """What the facts are."""

    RECORD = "record"
    """Of the one thing."""
    NAMED = "named"
    """Of the one of a list that bears the name told."""
    ALL = "all"
    """The names of all of a list."""
    SOME = "some"
    """The names of a few of a list."""
    FIRST = "first"
    """Of the first of a list."""


@dataclass(frozen=True)
class Found:
    """Facts of one answer."""

    shape: Shape
    facts: tuple[Fact, ...]
    sure: bool
    """False when the answer was cut off, so that more of it may exist."""
    listed: tuple[str, ...] = ()
    """What a record calls the list in it, of which the facts are: the items of an order."""
    called: str = ""
    """The name told that the one of a list bears, as `plain` spells it."""


@dataclass(frozen=True)
class Call:
    """What facts are looked for in."""

    observation: str
    known: frozenset[str]
    """Names and values of the inputs, as `plain` spells them: a person does not ask for what they have told."""
    wanted: frozenset[str] = frozenset()
    """Words of the original request: of many facts, those that it speaks of come first."""
    about: frozenset[str] = frozenset()
    """Nouns that the tool's name speaks of: a flight number tells flights apart."""
    is_limited: bool = False
    """Was a part of the answer asked for only?"""
    has_inputs: bool = True
    is_of_one: bool = False
    """Does the tool's name promise a single thing? Then a list of one is that thing."""
    is_by_id: bool = False
    """Was one asked for by its number? Then what was cut behind it is no other."""

    def fact(self, key: Any, record: dict[Any, Any]) -> Fact | None:
        """A field of a record, as people read it where the record has that too; None if nobody asks for it."""
        is_number = isinstance(key, str) and isinstance(record.get(key), int | float)
        for other in in_words(key) if is_number else ():
            if isinstance(record.get(other), str) and (text := spoken(record[other])):
                name, quote = named(key, self.known), quoted(other, record[other], self.observation)
                return Fact(name, text, quote) if name and quote and not knows(self.known, text) else None
        return fact(key, record, self.observation, self.known)


def facts(call: Call) -> Found | None:
    """What the answer tells beyond the inputs; None if nothing worth asking."""
    read = values(call.observation)
    if read is None:
        return None
    root = _unwrapped(read.root, dict if call.is_of_one else dict | list, call)
    if isinstance(root, dict):
        return _of_one(Shape.RECORD, root, call, read) or _of_list_within(root, call, read)
    if isinstance(root, list):
        return _of_list(root, call, read)
    return None


def _unwrapped(root: Any, kind: type | UnionType, call: Call) -> Any:
    """Behind wrappers of a kind such as {"data": {...}} and a single field that is called as what it is looked up."""
    for _ in range(4):
        if not isinstance(root, dict):
            return root
        inner = [value for key, value in root.items() if str(key).casefold() in _WRAPPERS and isinstance(value, kind)]
        if len(inner) == 1:
            root = inner[0]
        elif len(root) == 1 and isinstance(next(iter(root.values())), dict) and _is_it(next(iter(root)), call):
            root = next(iter(root.values()))
        else:
            return root
    return root


def _is_it(key: Any, call: Call) -> bool:
    """Does a wrapper's name say what was looked up, and no other thing: the user of user details?"""
    if not isinstance(key, str) or plain(key) in call.known:
        return isinstance(key, str)
    nouns = {singular(word) for word in words(key) or (key,)}
    return nouns <= call.about | _WRAPPERS | REPORTS | ORDINARY


def _of_list_within(root: dict[Any, Any], call: Call, read: Values) -> Found | None:
    """The one list of an object, if it has just one; of a single thing, the first list with names."""
    lists = [(key, value) for key, value in root.items() if isinstance(value, list) and value]
    lists = [(key, value) for key, value in lists if isinstance(value[0], dict)]
    for key, items in lists if len(lists) == 1 or call.is_of_one else ():
        is_it = call.is_of_one and len(lists) == len(items) == 1
        found = _of_list(items, replace(call, is_of_one=is_it), read)
        if found and (len(lists) == 1 or found.shape in {Shape.ALL, Shape.SOME}):
            named = words(key) if isinstance(key, str) else None
            return replace(found, listed=tuple(named or ()))
    return None


def _of_list(items: list[Any], call: Call, read: Values) -> Found | None:
    """Names of the listed, or facts of one of them; what was cut is left out."""
    entries = items if read.whole or len(items) == 1 else items[:-1]
    is_listed = read.whole or len(entries) > 1
    is_more = is_part(read.root, items)
    call = replace(call, is_limited=call.is_limited or is_more)
    if entries and all(isinstance(item, str) for item in entries):
        return _listing(list(_texts(entries, call)), len(entries), call, read) if is_listed else None
    records = [item for item in entries if isinstance(item, dict)]
    if len(records) < len(entries) or not records:
        return None
    is_single = len(items) == 1 and ((read.whole and not is_more) or call.is_by_id)
    called = [(plain(record[key]), record) for record in records for key in record if _is_told(key, record[key], call)]
    if len(called) == 1 and not (is_single and call.is_of_one):
        found = _of_one(Shape.NAMED, called[0][1], call, read)
        return replace(found, called=called[0][0]) if found else None
    if names := _names(records, call) if is_listed and not (is_single and call.is_of_one) else []:
        return _listing(names, len(records), call, read)
    return _of_one(Shape.RECORD if is_single else Shape.FIRST, records[0], call, read)


def _of_one(shape: Shape, record: dict[Any, Any], call: Call, read: Values) -> Found | None:
    is_one = shape is not Shape.FIRST
    found = tuple(one for one in _telling(record, call) if is_one or not is_personal(one.name, call.about))
    is_apart = call.has_inputs and any(one.name.split()[-1] in IDENTIFYING for one in found)
    if not found or not (is_one or is_apart):
        return None  # nobody asks for something of an item that is not told apart from the others
    return Found(shape, found, read.whole)


def _names(records: list[dict[Any, Any]], call: Call) -> list[Fact]:
    """What tells the records apart, one for each; the name if they have one."""
    keys = sorted(filter(_is_name, records[0]), key=len) + [key for key in records[0] if _tells_apart(key, call)]
    for key in keys:
        names = [one for record in records if (one := call.fact(key, record))]
        if len(names) == len(records) == len({one.value for one in names}):
            return names
    return []


def _is_name(key: Any) -> bool:
    """Is it the field of a name or a title, bare or of a common sort?"""
    found = (words(key) if isinstance(key, str) else None) or ("",)
    return found[-1] in {"name", "title"} and set(found[:-1]) <= ORDINARY


def _tells_apart(key: Any, call: Call) -> bool:
    """Does the field name or number what the tool's name speaks of: the flight_number of flights?"""
    found = words(key) if isinstance(key, str) else None
    if not found or not (found[-1] in IDENTIFYING or singular(found[-1]) in call.about):
        return False
    nouns = found[:-1] if found[-1] in {"name", "title", "number"} else found
    return bool(nouns) and {singular(noun) for noun in nouns} <= call.about


def _is_told(key: Any, value: Any, call: Call) -> bool:
    """Is it the name that the user has told?"""
    return isinstance(value, str) and plain(value) in call.known and _is_name(key)


def _texts(items: list[str], call: Call) -> Iterator[Fact]:
    """The entries of a plain list that can be told."""
    for item in dict.fromkeys(items):
        text = spoken(item, LONGEST_TEXT)
        quote = None if text is None or knows(call.known, text) else quoted("", item, call.observation)
        if text and quote:
            yield Fact("", text, quote)


def _listing(found: list[Fact], length: int, call: Call, read: Values) -> Found | None:
    """All of a short list that is there as a whole; any few of a longer one."""
    if read.whole and not call.is_limited and len(found) == length <= SHORT_LIST:
        return Found(Shape.ALL, tuple(found), sure=True)
    return Found(Shape.SOME, tuple(found[:MOST]), read.whole) if len(found) > 1 else None


def _telling(record: dict[Any, Any], call: Call) -> list[Fact]:
    """The most telling fields of a record, in its own order."""
    if len(record) >= MAP and len({type(value) for value in record.values()}) == 1:
        return []
    found: dict[str, Fact] = {}
    for key in record:
        is_again = isinstance(key, str) and number_of(key) in record
        if not is_again and (one := call.fact(key, record)) and one.name not in found:
            found[one.name] = one
    telling = [one for one in found.values() if one.name.rpartition(" ")[2] not in VAGUE - call.about]
    telling = [one for one in telling if not is_secret(one.name, call.about) and not _is_place_of_weather(one, call)]
    telling = [one for one in telling if not is_personal(one.name, call.about)] or telling
    ranked = sorted(telling, key=lambda one: not set(one.name.split()) & call.wanted)[:MOST]
    return [one for one in telling if one in ranked]


def _is_place_of_weather(one: Fact, call: Call) -> bool:
    return bool(call.about & _WEATHER) and bool(set(one.name.split()) & _PLACES)

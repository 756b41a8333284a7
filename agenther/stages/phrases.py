"""What a tool's name says: the thing that it looks up or changes, and whose service it is.

What does not read as a request gives None: rather no request than an unnatural one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agenther.evidence.verbs import CHANGES, DEEDS, DOINGS, LOOKS, NAMES_TOO
from agenther.stages.english import as_written, is_participle, is_plural, names, plural, titled, words
from agenther.stages.inputs import Input
from agenther.stages.nouns import REPORTS, SAYINGS
from agenther.stages.roles import Role, role
from agenther.stages.services import service_of

_LOOKED_AT = NAMES_TOO & LOOKS
_KEYED = frozenset("by from for with given using via".split())
_BELONGING = frozenset("in of at on".split())
_FIRST_ONLY = frozenset("all get fetch retrieve find lookup out that this it".split())
_UNITS = frozenset(
    "pounds kilograms meters metres feet inches miles imperial metric celsius fahrenheit percent".split()
)
_RECORDS = frozenset("rate rates review reviews price prices history policy policies details info status".split())
"""What is looked up even behind a word that may be a verb: the exchange rate, the book reviews."""
_NEEDS_INPUT = frozenset(
    "search calculate compute convert decode validate verify detect analyze analyse translate estimate compare define"
    " identify summarize summarise".split(),
)
_SEEKING = frozenset("find list browse discover explore".split())
_VAGUE = frozenset(
    "options option autocomplete now index default root data info main home request endpoint api function"
    " example result results query search list item items object resource value values details random version"
    " status call method".split(),
)
CLIPPED = 64
"""Characters of a tool's name that some loggers keep, counted from its end."""
_NOT_A_REQUEST = frozenset(
    "think plan transfer finish respond reason reflect noop sleep wait log login auth test ping autocomplete default"
    " endpoint json bulk".split()
)
_ACTS = DEEDS | DOINGS
_ONLY_ACTS = (_ACTS | frozenset(CHANGES)) - NAMES_TOO
_ENDINGS_OF_VERBS = ("ify", "ize", "yze")
_NO_VERBS = frozenset("size prize maize".split())
_LINKS = frozenset("by in of for from to on at with per via is are and or".split())
_ALL = frozenset("all any every some".split())
_NEVER_THINGS = frozenset(
    "availability converter checker decoder encoder lookup finder generator calculator validator parser"
    " scraper translator formatter detector analyzer analyser solver downloader enrichment verification"
    " validation detection".split()
)
"""They are what a service does, or is; nobody asks for the converter of an amount."""


@dataclass(frozen=True)
class Phrase:
    """What a tool's name says."""

    thing: tuple[str, ...]
    """What it brings or changes: direct flights, user details."""
    service: str = ""
    """Name of the service that offers the tool; empty if the tool's name does not tell or nobody has to know."""
    verb: str = ""
    """Of a change, "cancel"; empty for a lookup."""
    seeks: bool = False
    """Is it a search, whose things are several even where its name has only one?"""

    @property
    def is_of_one(self) -> bool:
        """Is a single thing promised?"""
        return not self.seeks and (self.thing[-1] in REPORTS or not is_plural(self.thing[-1]))

    @property
    def according(self) -> str:
        """The service behind a question, where it has to be told."""
        link = " on" if self.thing == RESULTS else f", according to{' the' * self.service.isupper()}"
        return f"{link} {self.service}" if self.service else ""

    @property
    def source(self) -> str:
        """The service behind what it gives."""
        return f" from {self.service}" if self.service else ""

    @property
    def done(self) -> str:
        """The participle of a change; empty for a lookup."""
        return CHANGES.get(self.verb, "")


def phrase(name: str, told: Sequence[Input], goal: str = "") -> Phrase | None:
    """What a tool's name says; None if it does not read as a request.

    `goal` is the original request: its user writes names as names, and may know the service by its name.
    """
    found = _phrase(name, told)
    if found is None:
        return None
    by_name = as_written(found.service, goal) if found.thing == RESULTS else ""
    service = by_name or service_of(found.service, found.thing, told, goal)
    return replace(found, thing=_as_named(found.thing, goal), service=service)


def _as_named(thing: tuple[str, ...], goal: str) -> tuple[str, ...]:
    """With names as the user writes them, Trump articles; who writes all of it in capitals names the tool."""
    written = as_written(" ".join(thing), goal).split()
    return thing if written[-1] != thing[-1] else tuple(written)


def changes(name: str) -> bool:
    """Does a tool of that name change something?"""
    parts = words(name.partition("_for_")[0]) or ("",)
    return parts[0] in CHANGES and parts[-1] not in _RECORDS


RESULTS = ("results",)
"""What a search for mere words brings."""


def _phrase(name: str, told: Sequence[Input]) -> Phrase | None:
    if len(name) >= CLIPPED:
        return None
    api, _, service = name.rpartition("_for_") if "_for_" in name else (name, "", "")
    parts, brand = _parted(api), _brand(service)
    if parts is None or brand is None or set(parts) & _NOT_A_REQUEST:
        return None
    if "search" in {parts[0], parts[-1]} and parts[0] not in LOOKS:
        return _search(parts[1:] if parts[0] == "search" else parts[:-1], told, brand)
    is_noun = parts[0] in _LOOKED_AT and set(parts[1:2]) & REPORTS
    has_verb = (parts[0] in LOOKS and not is_noun) or (parts[0] in CHANGES and parts[-1] not in _RECORDS)
    verb, words_after = (parts[0], parts[1:]) if has_verb else ("look", parts)
    thing = _without_inputs(words_after, told)
    if _is_act(parts[0], parts[-1]) or any(map(_is_verb, parts[1:])) or not _is_thing(thing):
        return None
    if verb in CHANGES:
        return Phrase(tuple(thing), brand, verb) if told else None
    return _lookup(verb, thing, told, brand)


def _is_act(first: str, last: str) -> bool:
    """Does what is called so act otherwise than by a lookup, or a change that an answer confirms in the same words?"""
    if first in LOOKS or first in CHANGES:
        return False
    return _is_verb(first) or (first in _ACTS and last not in _RECORDS | REPORTS)


def _is_verb(word: str) -> bool:
    """Is it a verb of an act, and no noun?"""
    return word in _ONLY_ACTS or (word not in LOOKS | _NO_VERBS and word.endswith(_ENDINGS_OF_VERBS))


def _lookup(verb: str, thing: Sequence[str], told: Sequence[Input], brand: str) -> Phrase | None:
    is_all = thing[-1] == "list" or thing[0] in _ALL
    thing = thing[1:] if thing[0] in _ALL else thing
    thing = thing[:-1] if thing and thing[-1] == "list" else thing
    if is_all and thing and not set(thing) & _LINKS:
        thing = [*thing[:-1], plural(thing[-1])]
    if not _is_thing(thing):
        return None
    can_be_asked = is_plural(thing[-1]) or thing[0] == "random" or thing[-1] in SAYINGS
    if not told and (verb in _NEEDS_INPUT or not can_be_asked):
        return None
    return Phrase(tuple(thing), brand, seeks=verb in _SEEKING)


def _search(thing: Sequence[str], told: Sequence[Input], brand: str) -> Phrase | None:
    """A search for things, or for the words themselves that were told; never for nothing."""
    if set(thing) <= {"web", "google", "internet"}:
        return Phrase(RESULTS, brand, seeks=True) if any(role(one) is Role.QUERY for one in told) else None
    thing = _without_inputs(thing, told)
    if not told or not _is_thing(thing):
        return None
    return Phrase((*thing[:-1], plural(thing[-1])), brand, seeks=True)


def _is_thing(thing: Sequence[str]) -> bool:
    """Do these words name something that can be looked up or changed?"""
    if not thing or set(thing) <= _VAGUE or set(thing[1:]) & _FIRST_ONLY or thing[-1] in _UNITS:
        return False
    if thing[-1] in _NEVER_THINGS or (len(thing) > 1 and thing[-1] in LOOKS - _LOOKED_AT):
        return False
    return (
        thing[0] not in _LINKS
        and thing[-1] not in _LINKS
        and not thing[-1].endswith(("ly", "ous"))
        and not is_participle(thing[-1])
    )


def _without_inputs(thing: Sequence[str], told: Sequence[Input]) -> Sequence[str]:
    """The place by id, with an id told, is the place; by what is not told, it is nothing to ask for."""
    spoken = {part for one in told for part in one.name} | {"specific", "given", "id", "name", "code"}
    for at, word in enumerate(thing):
        if at and word in _KEYED | _BELONGING:
            if set(thing[at + 1 :]) <= spoken:
                return thing[:at]
            if word in _KEYED:
                return []
    return thing


def _brand(service: str) -> str | None:
    """The service's name as one writes it; "" if there is none, None if it does not read as a name."""
    if not service:
        return ""
    parts = names(re.sub(r"(?:_v?\d+)+$|(?<=[a-z]{4})api$", "", service))
    while parts and parts[-1].casefold() in {"api", "apis", "service"}:
        parts = parts[:-1]
    return titled(parts) if parts and len(parts) <= 5 else None


def _parted(api: str) -> tuple[str, ...] | None:
    """Words of an API's name without version numbers and articles."""
    parts = words(re.sub(r"(?:^|_)(?:v\d+|an?|the)(?=_|$)", "", api))
    if not parts or any(part.isdecimal() for part in parts):
        return None
    if parts[:2] == ("list", "of"):
        return parts[2:] or None
    return (parts[0], *parts[2:]) if parts[:2] == ("look", "up") else parts

"""What a call did, in typed slots: the thing that its tool's name speaks of, and its inputs by what they are.

A slot is typed by the tool's own schema, and its name by the words of the request or of the lexicon. What is neither
gives no call: an endpoint's name is no English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agenther.stages.lexicon import named, words
from agenther.stages.relabel.answers import Answer
from agenther.stages.relabel.english import meant, parts, singular, spelt, told
from agenther.text import languages
from agenther.text.names import bare

_SAID = re.compile(r"[^\"\n{}\[\]<>]{1,80}")
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w'’]*")
MOST_WORDS = 3
_LINKS = frozenset("by with from in for using of on".split())
_NUMBERING = frozenset("id number no code name key".split())
_FIELDS = frozenset(("status", "id"))
"""What a tool's name asks for itself: the status of a flight."""


@dataclass(frozen=True)
class Slot:
    """One input."""

    name: str
    value: str

    @property
    def lead(self) -> str:
        """The thing that the parameter numbers or names: the user of user_id."""
        first, _, last = self.name.rpartition(" ")
        return first if last in _NUMBERING else self.name

    @property
    def is_code(self) -> bool:
        return self.value.isupper() or any(mark in "_#" or mark.isdecimal() for mark in self.value)

    @property
    def way(self) -> str:
        """The word that leads it in, where it is a circumstance: from, to, on."""
        return named("tools", "where").get(self.name, "")

    @property
    def key(self) -> str:
        """What the thing that bears it is told apart by: its phone number."""
        return named("tools", "keys").get(self.name, "")

    @property
    def said(self) -> str:
        language = languages.named(self.value) if self.name in {"language", "lang"} else None
        return f'"{self.value}"' if self.way == "for" else language or told(self.value)


@dataclass(frozen=True)
class Call:
    """What a tool's name says, and its inputs."""

    answer: Answer
    verb: str
    thing: tuple[str, ...]
    """The words of what is looked up, without the report on it."""
    field: str
    """What its name asks of it, where it does: the status of a flight, the id of a user."""
    slots: tuple[Slot, ...]

    @property
    def noun(self) -> str:
        return " ".join([*self.thing[:-1], singular(self.thing[-1])])

    @property
    def is_person(self) -> bool:
        return singular(self.thing[-1]) in words("tools", "persons")


def call(answer: Answer, request: str) -> Call | None:
    """The call in typed slots; None where a word of the tool's name or a parameter is not known."""
    name = list(spelt(bare(answer.step.action.name).partition("_for_")[0]))
    verb = name.pop(0) if name and name[0] in words("tools", "looks") else "get"
    end = next((n for n, word in enumerate(name) if word in _LINKS), len(name))
    thing = [word for word in name[:end] if not re.fullmatch(r"v?\d+|v|api|specific", word)]
    asked = _FIELDS | (words("tools", "fields") if len(thing) > 1 else frozenset())
    report = thing.pop() if thing and thing[-1] in words("tools", "reports") | asked else ""
    slots = _slots(answer)
    told_of = frozenset(parts(request)) - words("tools", "like") if thing else frozenset()
    if not thing and slots and report not in asked:
        thing = slots[0].lead.split()  # the details of what is known
    if slots is None or not 0 < len(thing) <= MOST_WORDS or not _are_known(thing, told_of):
        return None
    written = {
        word.casefold(): word for word in _NAME.findall(request) if not _are_known([word.casefold()], frozenset())
    }
    return Call(
        answer, verb, tuple(written.get(word, word) for word in thing), report if report in asked else "", slots
    )


def _are_known(thing: Sequence[str], request: frozenset[str]) -> bool:
    """Are these words for things, or words of the request?"""
    known, things = request | words("tools", "kinds"), words("tools", "things")
    is_thing = singular(thing[-1]) in things or meant(thing[-1]) in request
    return is_thing and all(word in things or {word, meant(word)} & known for word in thing[:-1])


def _slots(answer: Answer) -> tuple[Slot, ...] | None:
    """The inputs, a first and a last name as one; None if one is no text that a person would say."""
    found: dict[str, str] = {}
    for key, given in answer.step.action.arguments.items():
        value = given[0] if isinstance(given, list) and len(given) == 1 else given
        name, schema = " ".join(spelt(key.removeprefix("is_"))), answer.fields.get(key, {})
        if value in (None, "") or (name in words("findings", "paging") and str(value) in {"0", "1"}):
            continue
        options = schema.get("enum")
        is_known = key in answer.fields or not answer.fields
        is_text = not isinstance(value, bool | list | dict) and _SAID.fullmatch(str(value))
        if not is_known or not is_text or (isinstance(options, list) and value not in options):
            return None
        found[name] = str(value)
    if {"first name", "last name"} <= found.keys():
        found = {"name": f"{found.pop('first name')} {found.pop('last name')}", **found}
    return tuple(Slot(name, value) for name, value in found.items())


def subject(one: Call) -> tuple[str, tuple[Slot, ...]] | None:
    """The thing by its key, and what else is known: order #W1, the customer with phone number 555-123-2002."""
    for slot in one.slots:
        rest = tuple(other for other in one.slots if other is not slot)
        if key := slot.key or (slot.name if slot.name.endswith(" code") else ""):
            is_it = meant(one.thing[-1]) in map(meant, key.split())
            return (f"{one.noun} {slot.value}" if is_it else f"the {one.noun} with {key} {slot.value}"), rest
        if slot.name == "id" or slot.lead in {one.noun, singular(one.thing[-1])}:
            noun = slot.name if slot.name.endswith(" number") else one.noun
            return (f"{noun} {slot.value}" if slot.is_code else f"the {noun} {told(slot.value)}"), rest
    return None


def where(slots: Sequence[Slot]) -> str | None:
    """From JFK to SEA on 2024-05-20; None if one of them is no circumstance."""
    order = [*named("tools", "where").values()]
    known = sorted(slots, key=lambda slot: order.index(slot.way) if slot.way else 0)
    return "".join(f" {slot.way} {slot.said}" for slot in known) if all(slot.way for slot in slots) else None

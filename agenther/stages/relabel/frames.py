"""A few frames for what one call did, where the request's own words do not tell it.

    What are the origin, destination and cabin | of reservation H8Q05L?     one thing by its key
    Which items | are listed for order #W2702727?                           what it lists
    Which direct flights | are there from JFK to SEA on 2024-05-20?         a list by its filters
    What is the title | of the first news article for "sports" in Spanish?  the first of a search
    Give me a love quote.                                                   a text
    Cancel order o7.                                                        a change

A slot whose type is not known gives no goal, a list without a filter none, and there is no English but this.
"""

import re
from collections.abc import Callable, Sequence

from agenther.records import Evidence
from agenther.stages.findings import Fact, only_letters
from agenther.stages.lexicon import words
from agenther.stages.relabel.answers import Answer, Goal
from agenther.stages.relabel.english import (
    is_plural,
    joined,
    plural,
    sentence,
    singular,
    spelt,
    telling,
    told,
    verb_for,
)
from agenther.stages.relabel.slots import Call, call, subject, where
from agenther.text.verbs import CHANGES

MOST_FACTS = 3
MOST_LISTED = 8
LONGEST = 100
_UNASKED = frozenset("true false yes no 0 success none".split())
_ENVELOPES = frozenset(("", "data", "result", "results", "items", "response"))
_OTHERWISE = frozenset("update modify edit change set create add post send".split())
"""Changes that say nothing without what is different now."""
_UNDONE = re.compile(
    r"\b(?:requested|pending|queued|draft|awaiting|in progress|will be|not|no|nothing)\b", re.IGNORECASE
)


def framed(answer: Answer, request: str) -> Goal | None:
    """The first frame that fits the call; None if it has no natural wording."""
    one = call(answer, request)
    frames = CHANGED if one and one.verb in CHANGES else FRAMES
    return next((made for frame in frames if (made := frame(one))), None) if one else None


def _goal(one: Call, text: str, answer: str, facts: Sequence[Fact], kind: str = "lookup") -> Goal:
    claims = (
        Evidence(text=f"{fact.key or 'answer'}: {fact.value}", step=fact.step, quote=fact.quote) for fact in facts
    )
    return Goal(text, answer, tuple(claims), (one.answer,), kind)


def _one(one: Call) -> Goal | None:
    """One thing by its key."""
    found, facts = subject(one), _fields(one)
    lists = {path[-1].casefold() if path else "" for path in one.answer.lists}
    is_envelope = bool(lists & _ENVELOPES) or singular(one.thing[-1]) in map(singular, lists)
    if found is None or not facts or is_envelope or len(found[1]) > 1 or (rest := where(found[1])) is None:
        return None
    pairs = [(_name(fact) or one.field, _plain(fact.value)) for fact in facts]
    names = [name for name, _ in pairs]
    be = "are" if len(names) > 1 else verb_for(names[0])
    return _goal(one, f"What {be} the {joined(names)} of {found[0]}{rest}?", telling(pairs), facts)


def _plain(value: str) -> str:
    return value.replace("_", " ") if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", value) else value


def _fields(one: Call) -> list[Fact]:
    """What people ask of it: a bare answer where the tool's name says what it is, else a few of its fields."""
    facts = one.answer.record
    if one.field:
        its = [fact for fact in facts if one.field in spelt(fact.key)] or [fact for fact in facts if not fact.path]
        return its if len(its) == 1 and _is_told(its[0], one.field) else []
    wanted = [fact for fact in facts if _is_asked_for(fact, one)]
    top = min((len(fact.path) for fact in wanted), default=0)
    first = {_name(fact): fact for fact in reversed(wanted) if len(fact.path) == top <= len(("record", "field"))}
    vague = words("tools", "vague")
    found = [fact for fact in facts if fact in first.values()]
    if all(spelt(fact.key)[-1] in {"type", "number"} for fact in found):
        return []
    best = sorted(found, key=lambda fact: spelt(fact.key)[-1] in vague)[:MOST_FACTS]
    return [fact for fact in facts if fact in best]


def _is_told(fact: Fact, field: str) -> bool:
    """May the value be told as the field: no sentence, no amount without its unit?"""
    is_bare = fact.is_number and field in words("requests", "measured") | words("tools", "money")
    return not (is_bare or (not fact.path and " " in fact.value) or len(fact.value) > LONGEST)


def _is_asked_for(fact: Fact, one: Call) -> bool:
    key = spelt(fact.key)
    is_name = (
        bool(key) and len(key) <= MOST_FACTS and key[-1] in words("tools", "fields") and not {"first", "last"} & {*key}
    )
    if not is_name or fact.is_address or len(fact.value) > LONGEST or fact.value.casefold() in _UNASKED:
        return False
    is_private = singular(one.thing[-1]) in words("tools", "persons") and {*key} & words("tools", "personal")
    is_bare = fact.is_number and {*key} & (words("requests", "measured") | words("tools", "money") | {"status"})
    is_stamp = re.fullmatch(r"\d{8,}|.*\d\dT\d\d:.*", fact.value)
    is_echo = only_letters(fact.value) in {only_letters(slot.value) for slot in one.slots}
    is_mistyped = key[-1] == "year" and not re.fullmatch(r"\d{4}", fact.value)
    is_abbreviated = any(not set(word) & set("aeiouy") for word in key)
    return not (is_mistyped or is_abbreviated or is_private or is_bare or is_stamp or is_echo)


def _name(fact: Fact) -> str:
    name = " ".join(spelt(fact.key))
    return f"number of {name}" if is_plural(name) and fact.value.isdecimal() else name


def _found(one: Call) -> Goal | None:
    """A number that is found by what is known: the user ID for the name Ann Li and ZIP code 75284."""
    facts = _fields(one)
    known = [f"{slot.key or 'the name'} {slot.value}" for slot in one.slots if slot.key or slot.name == "name"]
    if one.field != "id" or len(facts) != 1 or not known or len(known) < len(one.slots):
        return None
    goal = f"What is the {one.noun} ID for {joined(known)}?"
    return _goal(one, goal, f"The {one.noun} ID is {facts[0].value}.", facts)


def _items(one: Call) -> Goal | None:
    """What a single thing lists by name."""
    found, things = subject(one), words("tools", "things")
    lists = [path for path in one.answer.lists if path and is_plural(path[-1]) and singular(path[-1]) in things]
    if found is None or found[1] or len(lists) != 1 or not one.answer.whole:
        return None
    facts = _names(one, lists[0], ("name", "title"))
    several = " ".join(spelt(lists[0][-1]))
    return (
        _goal(one, f"Which {several} are listed for {found[0]}?", _all(several, facts), facts)
        if _are_few(facts)
        else None
    )


def _are_few(facts: Sequence[Fact]) -> bool:
    return 0 < len(facts) <= MOST_LISTED and len({fact.value for fact in facts}) == len(facts)


def _all(several: str, facts: Sequence[Fact]) -> str:
    *kinds, noun = several.split()
    first = f"the {several} are" if len(facts) > 1 else f"the only {' '.join([*kinds, singular(noun)])} is"
    return sentence(f"{first} {joined([told(fact.value) for fact in facts])}")


def _list(one: Call) -> Goal | None:
    """All of a short list that filters narrow down, or the first of a longer one."""
    noun = "news article" if one.thing[-1] == "news" else one.noun
    rest, path = where(one.slots), next(iter(one.answer.lists), ())
    last = singular(one.thing[-1])
    keys = ("name", "title", *(f"{last}_{what}" for what in ("name", "title", "number")))
    facts = _names(one, path, keys) if len(one.answer.lists) == 1 else ()
    is_several = one.thing[-1] != last or noun != one.noun or one.verb in {"search", "list"}
    if not rest or not facts or not is_several:
        return None
    if one.answer.whole and _are_few(facts):
        verb = "come up" if ' for "' in rest else "are there"
        return _goal(one, f"Which {plural(noun)} {verb}{rest}?", _all(plural(noun), facts), facts)
    if last not in words("tools", "sought"):
        return None
    what = f"the {_name(facts[0])} of the first {noun}"
    return _goal(one, f"What is {what}{rest}?", sentence(f"{what} is {told(facts[0].value)}"), facts[:1])


def _names(one: Call, path: tuple[str, ...], keys: Sequence[str]) -> tuple[Fact, ...]:
    """What tells the listed apart, one for each."""
    entries = list(one.answer.lists.get(path, {}).values())
    for key in keys:
        deep = len(path) + len(("entry", "field"))
        found = [fact for its in entries for fact in its if fact.key == key and len(fact.path) == deep]
        if len(found) == len(entries):
            return tuple(found if one.answer.whole else found[:-1])
    return ()


def _text(one: Call) -> Goal | None:
    """A quote, a joke: given as it is."""
    noun = singular(one.thing[-1])
    texts = [fact for fact in one.answer.facts if fact.key in {"", noun, "text", "value", "content"}]
    if noun not in words("tools", "sayings") or len(texts) != 1 or one.slots:
        return None
    what = f"a{'n' * (one.noun[0] in 'aeiou')} {one.noun}"
    return _goal(one, f"Give me {what}.", f'Here is {what}: "{texts[0].value}"', (texts[0],))


def _change(one: Call) -> Goal | None:
    """A change of one thing, if what came back says that it was made."""
    found, done = subject(one), CHANGES[one.verb]
    shown = [fact for fact in one.answer.facts if re.search(rf"\b{done}\b", fact.value, re.IGNORECASE)]
    if found is None or found[1] or not shown or _UNDONE.search(shown[0].value) or one.verb in _OTHERWISE:
        return None
    return _goal(one, sentence(f"{one.verb} {found[0]}"), sentence(f"{found[0]} was {done}"), (shown[0],), "change")


FRAMES: tuple[Callable[[Call], Goal | None], ...] = (_found, _one, _items, _list, _text)
CHANGED = (_change,)

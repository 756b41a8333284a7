"""A few frames for what one call did, where the request's own words do not tell it.

    What are the details | of reservation H8Q05L?                           one thing by its key
    What are the latitude and longitude | of postcode CF103NP?              where it tells no more than that
    Which items | are listed for order #W2702727?                           what it lists
    Which direct flights | are there from JFK to SEA on 2024-05-20?         a list by its filters
    Find some | news articles for "sports" in Spanish.                      a list that goes on
    Give me a love quote.                                                   a text

A slot whose type is not known gives no goal, a list without a filter none, and there is no English but this.
"""

import re
from collections.abc import Callable, Iterable

from agenther.records import Evidence
from agenther.stages.findings import Fact, only_letters
from agenther.stages.lexicon import words
from agenther.stages.relabel.answers import Answer, Goal
from agenther.stages.relabel.demands import Met, names, record
from agenther.stages.relabel.english import (
    is_plural,
    joined,
    meant,
    parts,
    plain,
    plural,
    singular,
    spelt,
    telling,
    verb_for,
)
from agenther.stages.relabel.slots import Call, call, subject, where
from agenther.stages.relabel.telling import LONGEST_ANSWER, answer_of

MOST_FIELDS = 2
"""That are asked for by name; of what tells more, the details are."""
LONGEST = 100


def framed(answer: Answer, request: str) -> Goal | None:
    """The first frame that fits the call; None if it has no natural wording."""
    one = call(answer, request)
    return next((made for frame in FRAMES if (made := frame(one))), None) if one else None


def _goal(one: Call, text: str, answer: str, facts: Iterable[Fact]) -> Goal | None:
    claims = (
        Evidence(text=f"{fact.key or 'answer'}: {fact.value}", step=fact.step, quote=fact.quote) for fact in facts
    )
    return Goal(text, answer, tuple(claims), (one.answer,)) if len(answer) <= LONGEST_ANSWER else None


def _found(one: Call) -> Goal | None:
    """A number that is found by what is known: the user ID for the name Ann Li and ZIP code 75284."""
    facts = _asked(one)
    known = [f"{slot.key or 'the name'} {slot.value}" for slot in one.slots if slot.key or slot.name == "name"]
    if one.field != "id" or len(facts) != 1 or not known or len(known) < len(one.slots):
        return None
    goal = f"What is the {one.noun} ID for {joined(known)}?"
    return _goal(one, goal, f"The {one.noun} ID is {facts[0].value}.", facts)


def _items(one: Call) -> Goal | None:
    """What a single thing lists by name; what it numbers are its details."""
    found, things = subject(one), words("tools", "things")
    lists = [path for path in one.answer.lists if path and is_plural(path[-1]) and singular(path[-1]) in things]
    if found is None or found[1] or len(lists) != 1 or not one.answer.whole:
        return None
    several = " ".join(spelt(lists[0][-1]))
    if any(spelt(fact.key)[-1:] == ("number",) for fact in names(meant(several), one.answer, lists[0]).values()):
        return None
    return _listed(one, f"Which {several} are listed for {found[0]}?", several, lists[0])


def _listed(one: Call, text: str, several: str, path: tuple[str, ...]) -> Goal | None:
    its = names(meant(several.rsplit(maxsplit=1)[-1]), one.answer, path)
    if not its:
        return None
    met = Met(listed=several, entries={n: [("", fact)] for n, fact in its.items()})
    return _goal(one, text, answer_of(met, "", is_whole=one.answer.is_all), its.values())


def _one(one: Call) -> Goal | None:
    """One thing by its key: what its tool's name asks, the field or two that it tells, else all of it."""
    found, lists = subject(one), {path[-1].casefold() if path else "" for path in one.answer.lists}
    if found is None or len(found[1]) > 1 or (rest := where(found[1])) is None:
        return None
    if facts := _asked(one) if one.field else _fields(one):
        pairs = [(" ".join(spelt(fact.key)) or one.field, plain(fact.value)) for fact in facts]
        asked = [name for name, _ in pairs]
        be = "are" if len(asked) > 1 else verb_for(asked[0])
        return _goal(one, f"What {be} the {joined(asked)} of {found[0]}{rest}?", telling(pairs), facts)
    its, is_listed = Met(), singular(one.thing[-1]) in map(singular, lists)
    if one.field or is_listed or one.is_person or not one.answer.whole or not record(one.answer, its):
        return None
    told_of = [fact for _, fact in its.pairs]
    return _goal(one, f"What are the details of {found[0]}{rest}?", answer_of(its, ""), told_of)


def _asked(one: Call) -> list[Fact]:
    """What the tool's name asks for, if that may be told so: no sentence, no amount without its unit."""
    facts = [fact for fact in one.answer.record if one.field in spelt(fact.key) or not fact.path]
    bare = words("requests", "measured") | words("tools", "money")
    is_told = len(facts) == 1 and len(facts[0].value) <= LONGEST and not (facts[0].is_number and one.field in bare)
    return facts if is_told and (facts[0].path or " " not in facts[0].value) else []


def _fields(one: Call) -> list[Fact]:
    """All that it tells beyond what is known and what is nobody's business, if people ask for just that."""
    known, private = {only_letters(slot.value) for slot in one.slots}, words("tools", "personal")
    own = [fact for fact in one.answer.record if only_letters(fact.value) not in known and not fact.is_address]
    its = [fact for fact in own if not (one.is_person and private & {*spelt(fact.key)})]
    return its if len(its) <= MOST_FIELDS and all(_is_asked_for(fact, one) for fact in its) else []


def _is_asked_for(fact: Fact, one: Call) -> bool:
    """Is the field called by words, and does its value say something by itself?"""
    key = spelt(fact.key)
    known = words("tools", "fields") | words("tools", "things")
    is_word = bool(key) and all(word in known or meant(word) in one.answer.topic for word in key)
    is_bare = fact.is_number and {*key} & (words("requests", "measured") | words("tools", "money") | {"status"})
    is_stamp = re.fullmatch(r"\d{8,}|.*\d\dT\d\d:.*|true|false|success", fact.value, re.IGNORECASE)
    return is_word and not (is_bare or is_stamp or is_plural(key[-1]) or len(fact.value) > LONGEST)


def _list(one: Call) -> Goal | None:
    """All of a list that filters narrow down, or some of one that goes on."""
    noun = "news article" if one.thing[-1] == "news" else one.noun
    rest, is_several = where(one.slots), is_plural(one.thing[-1]) or noun != one.noun or one.verb in {"search", "list"}
    own = [path for path in one.answer.lists if path and meant(one.thing[-1]) in parts(path[-1])]
    lists = own or [*one.answer.lists]
    if not rest or not is_several or len(lists) != 1:
        return None
    path, several = lists[0], plural(noun)
    if one.answer.is_all:
        return _listed(one, f"Which {several} are there{rest}?", several, path)
    return _listed(one, f"Find some {several}{rest}.", several, path)


def _text(one: Call) -> Goal | None:
    """A quote, a joke: given as it is."""
    noun = singular(one.thing[-1])
    texts = [fact for fact in one.answer.facts if fact.key in {"", noun, "text", "value", "content"}]
    if noun not in words("tools", "sayings") or len(texts) != 1 or one.slots:
        return None
    what = f"a{'n' * (one.noun[0] in 'aeiou')} {one.noun}"
    return _goal(one, f"Give me {what}.", f'Here is {what}: "{texts[0].value}"', texts)


FRAMES: tuple[Callable[[Call], Goal | None], ...] = (_found, _items, _one, _list, _text)

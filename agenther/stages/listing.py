"""What a call lists, in words: all of a short list, a few of a longer one, or the first of a search."""

from collections.abc import Sequence
from dataclasses import replace

from agenther.stages.english import cased, is_plural, joined, plural, singular, verb_for
from agenther.stages.facts import MOST, Found, Shape
from agenther.stages.fields import Fact
from agenther.stages.inputs import Input
from agenther.stages.nouns import IDENTIFYING, REPORTS, SETS
from agenther.stages.phrases import RESULTS, Phrase
from agenther.stages.places import found_in
from agenther.stages.requests import Request
from agenther.stages.roles import Role, lead, linked, role
from agenther.stages.subjects import MOST_WORDS, identified, of_subject, reported

_COUNTS = {2: "two", 3: "three"}
_FOODS = frozenset(
    "chicken beef pork lamb fish seafood meat rice bread pasta cheese fruit food coffee tea beer wine".split()
)
"""What is counted by kinds."""
_UNCOUNTED = frozenset(
    "parking housing traffic equipment furniture luggage baggage advice software hardware homework research evidence"
    " lodging accommodation transport jewellery jewelry clothing shopping banking weather money music".split()
)
"""What cannot be counted."""
_RANKINGS = frozenset("standing ranking leaderboard".split())
_SOUGHT = frozenset(
    "video channel playlist movie song album artist image photo book article podcast episode place product recipe event"
    " job".split()
)
"""Types of results that one may ask for by themselves."""
MOST_OF_FIRST = 2
"""Facts that are asked for of the first of many."""


def _things(phrase: Phrase, told: Sequence[Input], key: str = "") -> tuple[str, str] | None:
    """What is listed, one and several; by the field's noun that names it: trains, where train times name the train."""
    thing = [*phrase.thing]
    if len(thing) > 1 and any(lead(one) == thing[0] for one in told):
        thing = thing[1:]  # the videos of a channel, of the channel UC1
    at = next((n for n, word in enumerate(thing) if n and word in {"on", "of", "for", "in", "by", "from"}), len(thing))
    thing, behind = thing[:at], "".join(f" {word}" for word in thing[at:])
    alike = [singular(word.casefold()) for word in thing]
    noun = next((word for word in reversed(key.split()) if word in alike), "")
    if noun:
        thing, behind = thing[: alike.index(noun) + 1], ""
    elif phrase.thing != RESULTS and thing[-1] in REPORTS | SETS:
        return None
    if not (noun or is_plural(thing[-1]) or thing[-1] == "news" or phrase.seeks):
        return None
    before = "".join(f"{word} " for word in thing[:-1])
    one = "news article" if thing[-1] == "news" else singular(thing[-1])
    if one in _UNCOUNTED or (one in _RANKINGS and key):
        return None
    if one in _FOODS:
        return f"kind of {before}{one}{behind}", f"kinds of {before}{one}{behind}"
    return f"{before}{one}{behind}", f"{before}{plural(one)}{behind}"


def of_list(phrase: Phrase, told: Sequence[Input], found: Found) -> Request | None:
    """All of a short list that inputs narrow down, or a few of any: by their names, or in their own words."""
    things = _things(phrase, told, found.facts[0].name)
    if things is None:
        return _parts(phrase, told, found)
    if found.shape is Shape.ALL and told:
        return _all(things, told, found.facts, phrase)
    return _few(things, told, found.facts[:MOST], phrase) if len(found.facts) > 1 else None


def _parts(phrase: Phrase, told: Sequence[Input], found: Found) -> Request | None:
    """What a single thing has: the items of order o7."""
    thing = [*phrase.thing]
    whole = reported(thing, told) if thing[-1] in REPORTS else identified(thing, told)
    if whole is None or whole[1] or found.shape is not Shape.ALL or found.facts[0].name != "name":
        return None
    listed = " ".join(found.listed)
    if not listed or not is_plural(found.listed[-1]) or found.listed[-1] in REPORTS | SETS:
        return None
    return _of_all(f"{listed} are listed for {whole[0]}", (singular(listed), listed), found.facts, phrase)


def _of_all(asked: str, things: tuple[str, str], facts: Sequence[Fact], phrase: Phrase) -> Request:
    first = f"the {things[1]} are" if len(facts) > 1 else f"the only {things[0]} is"
    answer = f"{first} {joined([fact.told for fact in facts])}"
    return Request("Which", asked, answer, tuple(facts), source=phrase.according)


def _all(things: tuple[str, str], told: Sequence[Input], facts: Sequence[Fact], phrase: Phrase) -> Request:
    several = things[1]
    sought = [one for one in told if phrase.seeks and role(one) is Role.QUERY][:1]
    rest = [one for one in told if one not in sought]
    if sought:
        asked = f"{several} come up for {sought[0].quoted}{linked(rest, 'with')}"
    else:
        asked = f"{several} are there{found_in(told, 'for')}"
    return _of_all(asked, things, facts, phrase)


def _few(things: tuple[str, str], told: Sequence[Input], facts: Sequence[Fact], phrase: Phrase) -> Request:
    key, several = facts[0].name, things[1]
    titles = f"the {plural(key)} of " if key.endswith("title") else ""
    are_long = not key and any(len(fact.value.split()) > MOST_WORDS for fact in facts)
    count = _COUNTS[len(facts)]
    return Request(
        "Give me" if titles or are_long else "Name",
        f"{titles}{count} {several}{_narrowed(told)}",
        f"{count} of the {several} are {joined([fact.told for fact in facts])}",
        tuple(facts),
        source=phrase.according if told else phrase.source,
    )


def of_first(phrase: Phrase, told: Sequence[Input], found: Found) -> Request | None:
    """Facts of the first of many, as a search puts them."""
    kind = next((one for one in told if phrase.thing == RESULTS and one.name == ("type",)), None)
    thing = singular(kind.text.casefold()) if kind else ""
    thing, told = (thing, [one for one in told if one is not kind]) if thing in _SOUGHT else ("", told)
    things = (thing, plural(thing)) if thing else _things(phrase, told)
    if things is None:
        return None
    if singular(phrase.thing[-1]) in _RANKINGS:
        return _leading(phrase, told, found)
    item = f"the first {things[0]}"
    facts = _of_first(found.facts)
    request = of_subject((f"{item}{_narrowed(told)}", []), facts, phrase)
    if request is None:
        return None
    only = facts[0]
    one = f"the {cased(only.name)} of {item} {verb_for(only.name)} {only.told}"
    return replace(request, answer=one if len(facts) == 1 else f"for {item}, {request.answer}", about="")


def _of_first(facts: Sequence[Fact]) -> Sequence[Fact]:
    """What tells it from the others, and one thing more."""
    naming = [fact for fact in facts if fact.name.split()[-1] in IDENTIFYING][:1]
    kept = [*naming, *(fact for fact in facts if fact not in naming)][:MOST_OF_FIRST]
    return [fact for fact in facts if fact in kept]


def _leading(phrase: Phrase, told: Sequence[Input], found: Found) -> Request | None:
    """Who is first in a ranking."""
    who = next((fact for fact in found.facts if fact.name.split()[-1] in IDENTIFYING), None)
    what = who.name.removesuffix("name").removesuffix("title").strip() if who else ""
    is_other = any(fact.name in {"position", "rank"} and fact.value != "1" for fact in found.facts)
    if who is None or not what or is_other or not told:
        return None
    ranking = " ".join(word for word in phrase.thing if word not in map(lead, told))
    asked = f"{what} is first in the {ranking}{linked(told, 'of')}"
    return Request("Which", asked, f"the first {what} is {who.told}", (who,), source=phrase.according)


def _narrowed(told: Sequence[Input]) -> str:
    """For this or that, or for words with this or that."""
    return found_in(told, "with" if any(role(one) is Role.QUERY for one in told) else "for")

"""What one call did, in words: the tool's name gives the thing, the inputs tell it from others, facts are asked for.

    What are the origin, destination and cabin | of reservation H8Q05L?      one thing
    Which direct flights | are there from JFK to SEA on 2024-05-20?          all of a list
    Name three main characters | from New Girl.                             a few of one
    What is the title | of the first result for "kayak"?                    the first of one

What cannot be said in one of these ways is not asked for.
"""

from collections.abc import Sequence

from agenther.stages.english import a, cased, is_plural, joined, singular
from agenther.stages.facts import Found, Shape
from agenther.stages.fields import Fact
from agenther.stages.inputs import Input
from agenther.stages.listing import of_first, of_list
from agenther.stages.measures import is_bare, is_measure, is_percentage, needs_unit
from agenther.stages.nouns import REPORTS, SAYABLE, SAYINGS, SETS
from agenther.stages.phrases import Phrase
from agenther.stages.requests import Request
from agenther.stages.roles import Role, labelled, lead, linked, role
from agenther.stages.subjects import MOST_WORDS, Subject, described, identified, named, of_subject, reported, telling


def lookup(phrase: Phrase, told: Sequence[Input], found: Found) -> Request | None:
    """What is found, as a question or an order."""
    nouns = {singular(word) for word in phrase.thing}
    told = [one for one in told if one.name[-1] != "type" or singular(one.text.casefold()) not in nouns]
    if found.shape in {Shape.ALL, Shape.SOME}:
        return of_list(phrase, told, found)
    if found.shape is Shape.FIRST:
        return of_first(phrase, told, found)
    thing = [*phrase.thing]
    if found.shape is Shape.NAMED:
        return of_subject(named([*thing[:-1], singular(thing[-1])], told, found.called), found.facts, phrase)
    ways = (_text, _itself, _of_one)
    return next((made for way in ways if (made := way(thing, told, found, phrase))), None)


def change(phrase: Phrase, told: Sequence[Input]) -> Request | None:
    """What was changed, as an order: cancel order o7, change the cabin of order o7 to first."""
    thing = [*phrase.thing]
    subject = identified(thing, told)
    if phrase.verb in _OTHERWISE:
        return _changed(subject, phrase)
    noun = " ".join(thing)
    if subject:
        what, rest = subject
    elif phrase.verb in _NEW:
        what, rest = (noun if is_plural(thing[-1]) else a(noun)), told
    else:
        return None
    done = f"{what if subject else f'the {noun}'} {'were' if is_plural(thing[-1]) else 'was'} {phrase.done}"
    return Request(phrase.verb.capitalize(), f"{what}{linked(rest, 'with')}", done, source=phrase.according)


def _changed(subject: Subject | None, phrase: Phrase) -> Request | None:
    """One thing about something is different now."""
    if subject is None or len(subject[1]) != 1:
        return None
    (value,) = subject[1]
    is_count = value.is_number and is_plural(value.name[-1])
    what = f"the {'number of ' if is_count else ''}{cased(' '.join(value.name))} of {subject[0]}"
    were = "were" if is_plural(value.name[-1]) and not is_count else "was"
    return Request("Change", f"{what} to {value.shown}", f"{what} {were} changed", source=phrase.according)


_OTHERWISE = frozenset("update modify edit change set".split())
"""Changes of something that stays."""
_OF_PLACES = frozenset(
    "capital population gdp area currency language flag president mayor density motto religion elevation timezone"
    " governor anthem".split()
)
"""What a place has, not what is in it."""
MOST_CHARACTERS = 60
"""Of a bare line that is told as a thing."""
_NEW = frozenset("create add book send post submit save schedule".split())
"""Changes that bring something new."""


def _text(thing: list[str], told: Sequence[Input], found: Found, phrase: Phrase) -> Request | None:
    """A quote, a joke: given as it is."""
    noun = singular(thing[-1])
    texts = [fact for fact in found.facts if fact.name.split()[-1:] in ([], [noun], ["text"])]
    if noun not in SAYINGS or not texts:
        return None
    what = a(" ".join([*thing[:-1], noun]))
    given = f'here is {what}: "{texts[0].value}"'
    source = phrase.according if told else phrase.source
    return Request("Give me", f"{what}{linked(told, 'about')}", given, (texts[0],), source=source)


def _itself(thing: list[str], told: Sequence[Input], found: Found, phrase: Phrase) -> Request | None:
    """A fact that is the thing itself, the rate of a historical rate, is all that is asked for."""
    if thing[-1] in REPORTS and thing[-1] != "status" and len(thing) > 1:
        thing = thing[:-1]
    words = {word.casefold() for word in thing}
    alike = [fact for fact in found.facts if set(fact.name.split()) <= words]
    if not told or len(alike) != 1 or alike[0].name.split()[-1:] not in ([], [thing[-1].casefold()]):
        return None
    if not _can_be(alike[0], thing) or (is_bare(alike[0].value) and is_percentage(" ".join(thing))):
        return None
    noun, of = cased(" ".join(thing)), [one for one in told if role(one) is Role.QUERY][:1]
    owner = next((one for one in told if len(thing) > 1 and lead(one) == thing[0]), None)
    place = next((one for one in told if thing[-1] in _OF_PLACES and role(one) is Role.PLACE), None)
    if owner and not of:
        noun, of = cased(" ".join(thing[1:])), [owner]
    rest = linked([one for one in told if one not in of and one is not place], "for")
    whose = "".join(f" of {one.quoted if role(one) is Role.QUERY else labelled(one)}" for one in of)
    whose += linked([place], "for").replace(" in ", " of ", 1) if place else ""
    answer = f"the {noun} is {alike[0].told}"
    return Request("What is", f"the {noun}{whose}{rest}", answer, (alike[0],), source=phrase.according)


def _can_be(fact: Fact, thing: list[str]) -> bool:
    """May a bare value be told as the thing?"""
    if is_plural(thing[-1]) or thing[0] == "random":
        return False
    if fact.name:
        return True
    is_measure = needs_unit(thing[-1]) and fact.value[-1].isdecimal()
    is_sentence = len(fact.value) > MOST_CHARACTERS or fact.value.endswith(".")
    return thing[-1] in SAYABLE | {"id"} and not is_measure and not is_sentence


def _of_one(thing: list[str], told: Sequence[Input], found: Found, phrase: Phrase) -> Request | None:
    """Facts of a thing; of what it reports on, where it is a mere report: user details tell of the user."""
    if thing[-1] in SETS:
        return _of_set(thing, told, found, phrase)
    if thing[-1] == "weather" and told:
        return _of_weather(thing, told, found, phrase)
    if thing[-1] in REPORTS or (thing[-1] == "result" and len(thing) > 1):
        return of_subject(reported(thing, told), found.facts, phrase)
    if is_plural(thing[-1]) or len(thing) > MOST_WORDS or not told:
        return None
    subject = identified(thing, told) or (None if needs_unit(thing[-1]) else described(thing, told))
    others = [fact for fact in found.facts if fact.name.rpartition(" ")[2] not in thing]
    if thing[0] == "random" or not others:
        return None  # nothing is asked of any one of many, nor the time of a time
    return of_subject(subject, others, phrase)


def _of_weather(thing: list[str], told: Sequence[Input], found: Found, phrase: Phrase) -> Request | None:
    """The current temperature in Oslo; what could be of anything is of the weather in Oslo."""
    if all(is_measure(fact.name) for fact in found.facts):
        return of_subject((linked(told, "for"), []), found.facts, phrase, modifiers=thing[:-1])
    return of_subject((f"the {' '.join(thing)}{linked(told, 'for')}", []), found.facts, phrase)


def _of_set(thing: list[str], told: Sequence[Input], found: Found, phrase: Phrase) -> Request | None:
    """Several values that belong together: the sun times, sunrise and sunset."""
    if len(found.facts) < 2 or not told:
        return None
    asked = f"the {' '.join(thing)}{linked(told, 'for')}: the {joined([cased(fact.name) for fact in found.facts])}"
    return Request("Give me", asked, telling(found.facts), found.facts, source=phrase.according)

"""What facts are asked of: one thing, told from others by what the user knows of it.

Reservation H8Q05L, the team Lions, the reader with card R-4471. Where and when do not tell one from the others.
"""

from collections.abc import Sequence

from agenther.stages.english import cased, joined, singular, verb_for
from agenther.stages.fields import Fact, plain
from agenther.stages.inputs import Input
from agenther.stages.nouns import PEOPLE
from agenther.stages.phrases import Phrase
from agenther.stages.requests import Request
from agenther.stages.roles import NUMBERED, Role, labelled, lead, linked, role

MOST_WORDS = 3
"""Of a thing's name; a longer one is a tool's."""
Subject = tuple[str, Sequence[Input]]
"""The thing with what tells it from others, and what else is known."""
_EVIDENT = frozenset(("food", "ingredient"))
"""What nobody says before the name of one."""
_CIRCUMSTANCES = frozenset((Role.FROM, Role.TO, Role.PLACE, Role.DATE))
"""Where and when; they do not tell one thing from the others."""


def reported(thing: list[str], told: Sequence[Input]) -> Subject | None:
    """What a report is about; where and when do not tell one from the others."""
    about = [*thing[:-2], *map(singular, thing[-2:-1])]
    if not about:
        return _bare(told)
    is_told_apart = _properties(told) and thing[-1] != "status"
    return identified(about, told) or (described(about, told) if is_told_apart else None)


def identified(thing: list[str], told: Sequence[Input]) -> Subject | None:
    """The thing by its number or its name: reservation H8Q05L, the team Lions, loan L-9021."""
    noun = " ".join([*thing[:-1], singular(thing[-1])])
    for one in told:
        is_bare_id = one.name == ("id",)
        if not is_bare_id and lead(one) not in {singular(thing[-1]), noun, ""}:
            continue
        rest = [other for other in told if other is not one]
        if role(one) is Role.PLACE:
            return one.shown, rest
        if role(one) is Role.QUERY:
            return f"the {cased(noun)} {one.quoted}", rest
        if role(one) is Role.NAME or (lead(one) and not one.is_code and one.name[-1] not in NUMBERED):
            return by_name(noun, one), rest
        if lead(one) or is_bare_id:
            return f"{cased(noun)} {one.text}", rest
    return None


def by_name(noun: str, one: Input) -> str:
    """The team Lions; Hotel Adler and the living room, whose names say what they are; banana, which is a food."""
    if one.name[-1] == "title":
        return f"the {cased(noun)} {one.quoted}"
    if noun in _EVIDENT:
        return one.shown
    says_it = singular(noun.rpartition(" ")[2]) in map(singular, one.text.casefold().split())
    if says_it and len(one.text.split()) > 1:
        return one.shown if one.text[0].isupper() or one.text[-1].isdecimal() else f"the {one.text}"
    return f"the {cased(noun)} {one.shown}"


def _properties(told: Sequence[Input]) -> list[Input]:
    return [one for one in told if role(one) not in _CIRCUMSTANCES]


def described(thing: list[str], told: Sequence[Input]) -> Subject | None:
    """The thing by what it has: the reader with card R-4471. Two properties make a description, not a request."""
    return (f"the {cased(' '.join(thing))}", told) if told and len(_properties(told)) < 2 else None


def named(thing: list[str], told: Sequence[Input], called: str) -> Subject | None:
    """The thing by a name that was sought."""
    one = next((one for one in told if plain(one.text) == called), None)
    if one is None:
        return None
    is_title = role(one) is Role.QUERY or one.name[-1] == "title"
    return f"the {' '.join(thing)} {one.quoted if is_title else one.shown}", [it for it in told if it is not one]


def _bare(told: Sequence[Input]) -> Subject | None:
    """What is known as the thing: postcode CF103NP, Oldport."""
    known = [one for one in told if role(one) is not Role.DATE]
    if not known:
        return None
    first = known[0]
    is_shown = lead(first) in _EVIDENT or role(first) not in {Role.ID, Role.OTHER}
    what = first.shown if is_shown else labelled(first)
    return what, [one for one in told if one is not first]


def of_subject(
    subject: Subject | None, facts: Sequence[Fact], phrase: Phrase, modifiers: Sequence[str] = ()
) -> Request | None:
    """A question for facts of one thing."""
    if subject is None or not all(fact.name for fact in facts):
        return None
    what, rest = subject
    link = "with" if all(role(one) is Role.ID or (one.is_code and not one.is_number) for one in rest) else "for"
    of = what if what.startswith(" ") else f" of {what}{linked(rest, link)}"
    names = joined([cased(fact.name) for fact in facts])
    who = "Who" if len(facts) == 1 and facts[0].name in PEOPLE else "What"
    be = verb_for(facts[0].name) if len(facts) == 1 else "are"
    asked = " ".join(["the", *modifiers, names]) + of
    told = telling(facts, modifiers)
    return Request(f"{who} {be}", asked, told, tuple(facts), what.strip(), phrase.according)


def telling(facts: Sequence[Fact], modifiers: Sequence[str] = ()) -> str:
    """The latitude is 51.5 and the longitude is -0.12."""
    return joined(
        [f"{' '.join(['the', *modifiers, cased(fact.name)])} {verb_for(fact.name)} {fact.told}" for fact in facts]
    )

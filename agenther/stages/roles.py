"""How what the user knows stands in a sentence: from JFK, on 2024-05-20, in Rome, for "plum cake".

What an input does is told by the last word of its name, for a few kinds of names by the first. A closed table, since
a wrong preposition says something else; where it has nothing, the input stands with its name: with card R-4471.
"""

from collections.abc import Sequence
from enum import IntEnum

from agenther.evidence.dates import dates
from agenther.stages.amounts import amount, bound, is_bound, is_time, is_unmeasured, is_year
from agenther.stages.english import cased, is_participle
from agenther.stages.inputs import Input
from agenther.stages.nouns import ORDINARY, SPOKEN


class Role(IntEnum):
    """What an input does in a sentence, in the order in which it stands there."""

    NAME = 1
    """What the thing is called: the team Lions."""
    ID = 2
    """Tells one thing from the others: order o7."""
    QUERY = 3
    """Words that are sought."""
    FROM = 4
    TO = 5
    MAKER = 6
    OTHER = 7
    TOPIC = 8
    PLACE = 9
    DATE = 10


_ROLES = {
    Role.ID: "id number code sku isbn iban vin ean upc postcode postalcode zip symbol ticker username handle",
    Role.NAME: "name title slug",
    Role.QUERY: "query keyword keywords term phrase search string word words text",
    Role.FROM: "origin from departure source",
    Role.TO: "destination to arrival target",
    Role.MAKER: "author artist director singer composer writer manufacturer brand publisher maker",
    Role.TOPIC: "topic subject theme",
    Role.PLACE: "city town country location region state place area county district village island province continent",
    Role.DATE: "date day year",
}
_BY_LAST = {word: role for role, names in _ROLES.items() for word in names.split()}
_BY_FIRST = {
    "from": Role.FROM,
    "start": Role.FROM,
    "to": Role.TO,
    "end": Role.TO,
    "until": Role.TO,
}
_ENDS = frozenset(
    "date currency city airport station zip code postcode country language unit place address location state stop port"
    " lang time".split()
)
"""What something may go from and to."""
_WHEN = frozenset(
    "travel departure arrival trip event game match race booking flight appointment reservation meeting visit forecast"
    " check in start target calendar current selected local".split()
)
"""A date of these is when it all is; another date, such as the due date, has to be told with its name."""
_LINKS = {Role.FROM: "from", Role.TO: "to", Role.MAKER: "by", Role.TOPIC: "about", Role.PLACE: "in", Role.DATE: "on"}
_OTHER_END = {Role.FROM: Role.TO, Role.TO: Role.FROM}
_WITH_NAME = {
    word: behind
    for behind, words in {
        "in": "currency language",
        "at": "time",
        "in the category": "category",
        "in the newspaper": "newspaper",
        "in the magazine": "magazine",
        "of the genre": "genre",
        "of the cuisine": "cuisine",
        "of type": "type",
        "in the season": "season",
        "with": "ingredient amenity bedrooms bathrooms beds rooms",
    }.items()
    for word in words.split()
}
"""Inputs that stand behind something else than "with" or "for" and their name."""
_NO_NOUNS = frozenset(
    "due now new old open active available public private only exact depart arrive return exclude include own popular"
    " recent latest cheap free with without is has by in on at for of near".split()
)
_OF_PERSONS = frozenset((word, "name") for word in "first last middle nick".split())
"""Names that are names of nothing else."""
NUMBERED = frozenset("id number name code title slug".split())
"""Last words of a name that leave, when they go, what is numbered or named: the user of user id."""


def role(one: Input) -> Role:
    """What an input does, by its name, and for a date by its value; OTHER where neither tells."""
    last, first = one.name[-1], one.name[0]
    if first in _BY_FIRST and (len(one.name) == 1 or last in _ENDS):
        return _BY_FIRST[first]
    if one.name[:1] == ("check",) and one.name[1:2] in {("in",), ("out",)}:
        return Role.FROM if one.name[1] == "in" else Role.TO
    found = _BY_LAST.get(last, Role.OTHER)
    is_date = found is not Role.DATE or ((dates(one.text) or is_year(one)) and set(one.name[:-1]) <= _WHEN)
    return found if is_date and not is_bound(one) else Role.OTHER


def are_clear(told: Sequence[Input]) -> bool:
    """Can all be said side by side?

    Not where two would read as one, a place of pick-up and a place of drop-off, nor where a bound has no words.
    """
    kinds: set[tuple[object, ...]] = set()
    ends: dict[Role, bool] = {}
    for one in told:
        its = role(one)
        if (
            is_unmeasured(one)
            or (is_bound(one) and bound(one) is None)
            or (its is Role.OTHER and not is_bound(one) and _is_no_noun(one))
        ):
            return False
        if its in _OTHER_END and (is_time(one) or ends.get(its)) and its in ends:
            return False
        ends[its] = is_time(one)
        kind = (its if its in {Role.FROM, Role.TO} else None, one.name[-1])
        if kind in kinds and (_BY_LAST.get(one.name[-1]) in _LINKS or one.name[-1] in _WITH_NAME):
            return False
        kinds.add(kind)
    return True


def _is_no_noun(one: Input) -> bool:
    """Would it stand with a name that is none: the due, the depart?"""
    return one.name[-1] in _NO_NOUNS or is_participle(one.name[-1])


def lead(one: Input) -> str:
    """What an input numbers or names: the user of user id; "" of a bare id."""
    is_whole = one.name[-1] not in NUMBERED or one.name in _OF_PERSONS
    words = one.name if is_whole else one.name[:-1]
    return " ".join(word for word in words if word not in ORDINARY)


def labelled(one: Input) -> str:
    """An input with its name: user mia_li_3668, SKU W0032, the ingredient leek, a BMI of 23.5."""
    if role(one) is Role.ID:
        is_bare = one.name[-1] == "id" and len(one.name) > 1
        return f"{cased(lead(one) if is_bare else ' '.join(one.name))} {one.text}"
    name = lead(one) or " ".join(one.name)
    if one.is_number:
        return amount(name.split(), one.text)
    name = cased(SPOKEN.get(name, name))
    is_number = one.is_code and any(map(str.isdecimal, one.text)) and "@" not in one.text
    return f"{name} {one.text}" if is_number else f"the {name} {one.shown}"


def linked(told: Sequence[Input], link: str) -> str:
    """What is known, each with its preposition; `link` stands before those that have none of their own."""
    parts: list[tuple[Role, str, str]] = []
    roles = {role(one) for one in told}
    for one in sorted(told, key=role):
        its = role(one)
        is_open = its in _OTHER_END and _OTHER_END[its] not in roles and is_time(one)
        before, what = _open(one, its) if is_open else _one(one, its, link)
        if parts and is_bound(one) and before.rpartition(" ")[0] == parts[-1][1].rpartition(" ")[0] != "":
            before, what = parts[-1][1], f"{parts.pop()[2]} and {before.rpartition(' ')[2]} {what}"
        is_alike = parts and parts[-1][1] == before and (before == link or parts[-1][0] is its)
        if is_alike:
            between = ", " if its in {Role.PLACE, Role.FROM, Role.TO} else " and "
            parts[-1] = (its, before, f"{parts[-1][2]}{between}{what}")
        else:
            parts.append((its, before, what))
    return "".join(f" {before} {what}" for _, before, what in parts)


def _open(one: Input, its: Role) -> tuple[str, str]:
    """An end of a time of which the other is not told."""
    if its is Role.TO:
        return "until", one.shown
    return ("starting at", one.shown) if ":" in one.text else ("from", f"{one.shown} on")


def _one(one: Input, its: Role, link: str) -> tuple[str, str]:
    """The preposition, and what stands behind it."""
    if is_bound(one) and (said := bound(one)):
        return said
    if its is Role.QUERY:
        return "for", one.quoted
    if its in _LINKS:
        return "in" if its is Role.DATE and is_year(one) else _LINKS[its], _spelt(one)
    behind = _WITH_NAME.get(one.name[-1]) if its is Role.OTHER else None
    if behind in {"with", "for"} or behind is None:
        return behind or link, labelled(one)
    return behind, _spelt(one)


def _spelt(one: Input) -> str:
    """The codes of countries and currencies in capitals."""
    is_country = role(one) is Role.PLACE and len(one.text) == len("us")
    is_currency = "currency" in one.name and len(one.text) == len("usd")
    return one.text.upper() if is_country or is_currency else one.shown

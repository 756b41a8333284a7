"""Where the listed are: players on a team, songs on an album, stops on a line, tasks in a project."""

from collections.abc import Sequence

from agenther.stages.inputs import Input
from agenther.stages.roles import Role, labelled, lead, linked, role
from agenther.stages.subjects import by_name

_BEFORE = {
    noun: before
    for before, nouns in {
        "in": "department group league folder path directory project library class club collection series book chapter"
        " course tournament cart gallery section",
        "on": "team album line channel playlist menu page platform post server route website site board",
        "at": "store restaurant company airport hotel university school station museum stadium hospital venue shop",
    }.items()
    for noun in nouns.split()
}
"""A closed table: what is in a store or on a team is not "for" it."""


def found_in(told: Sequence[Input], link: str) -> str:
    """What is known, as `linked` says it, with what holds the listed first and with a preposition of its own."""
    within = [one for one in told if role(one) in {Role.NAME, Role.ID, Role.OTHER} and lead(one) in _BEFORE]
    rest = [one for one in told if one not in within]
    return "".join(f" {_BEFORE[lead(one)]} {_called(one)}" for one in within) + linked(rest, link)


def _called(one: Input) -> str:
    """The team Lions; line 4, where others have a BMI of 4; Ulm University; a path, which says what it is."""
    if one.is_number:
        return f"{lead(one)} {one.text}"
    if lead(one) == "path":
        return one.shown
    return labelled(one) if one.is_code or role(one) is Role.ID else by_name(lead(one), one)

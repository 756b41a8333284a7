"""Goals in parts, so that one or several can be put into words: an opening, and what is asked.

What are | the origin, destination and cabin of reservation H8Q05L?
Which | direct flights are there from JFK to SEA on 2024-05-20?
Name | three main characters from New Girl.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agenther.stages.english import joined, sentence
from agenther.stages.fields import Fact


@dataclass(frozen=True)
class Request:
    """One thing asked for, and its answer."""

    opening: str
    """For example "What are" or "Name"."""
    asked: str
    """Without a mark at the end."""
    answer: str
    """A sentence without a full stop and a capital letter."""
    facts: tuple[Fact, ...] = ()
    """Those that are asked for; none of a change."""
    about: str = ""
    """What the answer speaks of where it does not say so itself: reservation H8Q05L."""
    source: str = ""
    """The service, where it has to be told, with its preposition."""

    @property
    def is_question(self) -> bool:
        return self.opening.startswith("W")


def asking(requests: Sequence[Request]) -> str:
    """One goal that asks for all: questions run on, orders of one kind share their verb."""
    source = requests[0].source
    one_source = all(one.source == source for one in requests)
    tails = [one.asked + ("" if one_source else one.source) for one in requests]
    end = source if one_source else ""
    openings = [one.opening for one in requests]
    if requests[0].is_question and all(one.is_question for one in requests):
        clauses = [f"{opening} {tail}" for opening, tail in zip(openings, tails, strict=True)]
        later = [f"{clause[0].lower()}{clause[1:]}" for clause in clauses[1:]]
        return f"{', and '.join([clauses[0], *later])}{end}?"
    if len(set(openings)) == 1:
        return sentence(f"{openings[0]} {joined(tails)}{end}")
    return " ".join(asking((one,)) for one in requests)


def answering(requests: Sequence[Request]) -> str:
    """The answers to all, each saying what it is about."""
    several = len(requests) > 1
    told = [f"for {one.about}, {one.answer}" if several and one.about else one.answer for one in requests]
    return " ".join(map(sentence, told))

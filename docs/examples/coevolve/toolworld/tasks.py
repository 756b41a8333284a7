"""Tasks from templates: which thing is meant, and what to do with it, in each domain.

Four ways to say which times four errands times five domains are 80 templates. In each domain every way and every errand
occurs in training, but four of their sixteen combinations do not: those are the held-out templates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Literal, get_args

from toolworld.domains import AMOUNTS, FACTS, LOWS, PEOPLE, RATINGS, RECEIPT, ROWS, Domain, domains, numbered

Which = Literal["lowest", "best", "named", "capped"]
"""The one with the least of a field; the best rated; the one of a name; the best rated of those within a limit."""
Errand = Literal["ask", "take", "share", "swap"]
"""Tell a fact about it; take it; take it and send the receipt to somebody; take it in place of an older one."""


@dataclass(frozen=True)
class Row:
    """A thing that a search finds."""

    id: str
    name: str
    low: int
    rating: int
    fact: int


@dataclass(frozen=True)
class Template:
    domain: Domain
    which: Which
    errand: Errand

    @property
    def id(self) -> str:
        return f"{self.domain.name}-{self.which}-{self.errand}"

    @property
    def is_held_out(self) -> bool:
        places = [*domains()].index(self.domain.name), get_args(Which).index(self.which)
        return (sum(places) + get_args(Errand).index(self.errand)) % 4 == 0


@dataclass(frozen=True)
class Task:
    """One task, with the part of the world that belongs to it."""

    id: str
    template: Template
    goal: str
    place: str
    named: str
    """The name of a thing there that is not the best rated."""
    limit: int
    """The second least that they have of the domain's field."""
    amount: int
    person: str
    old: str
    """The receipt that the user already has."""
    new: str
    """The receipt that taking something will give."""
    rows: dict[tuple[str, str], tuple[Row, ...]]
    """What there is, by domain and place."""

    @property
    def here(self) -> tuple[Row, ...]:
        return self.rows[self.template.domain.name, self.place]

    @property
    def target(self) -> Row:
        """The thing that is meant."""
        return self.meant(self.template.which)

    def meant(self, which: Which) -> Row:
        """What would be, if the goal said it in this way."""
        match which:
            case "lowest":
                return min(self.here, key=lambda row: row.low)
            case "best":
                return max(self.here, key=lambda row: row.rating)
            case "named":
                return next(row for row in self.here if row.name == self.named)
            case "capped":
                return max((row for row in self.here if row.low <= self.limit), key=lambda row: row.rating)

    def asked(self, which: Which) -> dict[str, str | int]:
        """The arguments beside the place by which a search has it first."""
        found: dict[Which, dict[str, str | int]] = {
            "lowest": {"sort": self.template.domain.low["field"]},
            "best": {"sort": "rating"},
            "named": {"name": self.named},
            "capped": {"sort": "rating", "most": self.limit},
        }
        return found[which]


def templates(*, held_out: bool) -> list[Template]:
    """Those for training, or those that no training task may have."""
    every = (Template(*parts) for parts in product(domains().values(), get_args(Which), get_args(Errand)))
    return [one for one in every if one.is_held_out == held_out]


def tasks(count: int, seed: int, *, held_out: bool = False) -> Iterator[Task]:
    """As many tasks, of each template in turn; the same for the same seed."""
    of = templates(held_out=held_out)
    side = "test" if held_out else "train"
    for n in range(count):
        yield task(of[n % len(of)], f"{side}-{seed}-{n}")


def task(template: Template, name: str) -> Task:
    """The one task of that template and name."""
    dice = Random(f"{template.id} {name}")
    facts = iter(dice.sample(FACTS, len(FACTS)))
    rows = {
        (domain.name, place): found
        for domain in domains().values()
        for place, found in zip(domain.places, _rows(domain, facts, dice), strict=True)
    }
    domain = template.domain
    place = dice.choice(domain.places)
    here = rows[domain.name, place]
    limit = sorted(row.low for row in here)[1]
    best = max(here, key=lambda row: row.rating)
    named = dice.choice([row.name for row in here if row != best])
    old, new = dice.sample(numbered(RECEIPT), 2)
    amount, person = dice.choice(AMOUNTS), dice.choice(PEOPLE)
    which = described(domain, template.which, place, named, limit)
    return Task(
        id=f"{template.id}-{name}",
        template=template,
        goal=goal(template, which, amount, person, old),
        place=place,
        named=named,
        limit=limit,
        amount=amount,
        person=person,
        old=old,
        new=new,
        rows=rows,
    )


def _rows(domain: Domain, facts: Iterator[int], dice: Random) -> Iterator[tuple[Row, ...]]:
    """The rows of each place; no two have the same id or fact, and in one place nothing in common."""
    ids = iter(dice.sample(domain.ids, ROWS * len(domain.places)))
    for _ in domain.places:
        names, lows, ratings = dice.sample(domain.names, ROWS), dice.sample(LOWS, ROWS), dice.sample(RATINGS, ROWS)
        yield tuple(Row(next(ids), *values, next(facts)) for values in zip(names, lows, ratings, strict=True))


def described(domain: Domain, which: Which, place: str, named: str, limit: int) -> str:
    """Which thing is meant, in a goal's words."""
    there = domain.phrase.format(place)
    return {
        "lowest": f"the {domain.low['superlative']} {there}",
        "best": f"the best rated {there}",
        "named": f"the {there} named {named}",
        "capped": f"the best rated {there} {domain.low['limit'].format(limit)}",
    }[which]


def goal(template: Template, which: str, amount: int, person: str, old: str) -> str:
    """What a user says who wants that of the thing which is so described."""
    domain = template.domain
    taken = f"{domain.take['says']} {which} for {amount} {domain.amount}"
    return {
        "ask": f"What is the {domain.fact} of {which}?",
        "take": f"{taken}.",
        "share": f"{taken} and {domain.send['says']} the {domain.receipt} to {person}.",
        "swap": f"{domain.drop['says']} my {domain.receipt} {old}. {taken} instead.",
    }[template.errand]

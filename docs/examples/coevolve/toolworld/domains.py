"""The five domains, their words and their tools."""

import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

PEOPLE = ("Ada", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Gita", "Hugo")
"""To whom receipts are sent."""
AMOUNTS = tuple(range(2, 7))
RATINGS = tuple(range(1, 8))
LOWS = tuple(range(20, 80, 6))
"""Prices, pages and other numbers of which less is better."""
FACTS = tuple(range(4100, 4190))
"""One for each thing in the world."""
NUMBERED = 30
"""Ids of a domain, and receipts: each is a letter and one of that many numbers from 10 on."""
RECEIPT = "R"
ROWS = 3
"""Things in each place."""


@dataclass(frozen=True)
class Domain:
    """One domain, as `domains.toml` has it."""

    name: str
    item: str
    phrase: str
    prefix: str
    place: str
    places: tuple[str, ...]
    names: tuple[str, ...]
    low: dict[str, str]
    amount: str
    fact: str
    take: dict[str, str]
    drop: dict[str, str]
    send: dict[str, str]
    search: str
    details: str
    receipt: str

    @cached_property
    def tools(self) -> dict[str, tuple[str, dict[str, str]]]:
        """What each of the domain's five tools does, and its arguments with their JSON types."""
        item, receipt, low = self.item, self.receipt, self.low["field"]
        narrowed = f"those of a name or with at most so much {low}"
        return {
            self.search: (
                f"Every {item} of a {self.place}, or {narrowed}; sorted by {low} or rating, the best first.",
                {self.place: "string", "name": "string", "sort": "string", "most": "integer"},
            ),
            self.details: (f"The {self.fact} of a {item}, by its id.", {item: "string"}),
            self.take["tool"]: (
                f"{self.take['says']} a {item}, by its id; gives the {receipt}.",
                {item: "string", self.amount: "integer"},
            ),
            self.drop["tool"]: (f"{self.drop['says']} a {receipt}.", {receipt: "string"}),
            self.send["tool"]: (
                f"{self.send['says'].capitalize()} a {receipt} to a person.",
                {receipt: "string", "person": "string"},
            ),
        }

    @property
    def optional(self) -> frozenset[str]:
        """Arguments that a call may do without."""
        return frozenset({"name", "sort", "most"})

    @property
    def ids(self) -> tuple[str, ...]:
        return numbered(self.prefix)


def numbered(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{n}" for n in range(10, 10 + NUMBERED))


@lru_cache(maxsize=1)
def domains() -> dict[str, Domain]:
    """By name."""
    found = tomllib.loads((Path(__file__).parent / "domains.toml").read_text("utf-8"))
    return {name: Domain(name=name, **_frozen(words)) for name, words in found.items()}


def _frozen(words: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}


@lru_cache(maxsize=1)
def owners() -> dict[str, Domain]:
    """The domain of each tool."""
    return {tool: domain for domain in domains().values() for tool in domain.tools}


def schemas() -> list[dict[str, Any]]:
    """All 25 tools, as chat endpoints want them."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": description,
                "parameters": {
                    "type": "object",
                    "properties": {argument: {"type": kind} for argument, kind in arguments.items()},
                    "required": [name for name in arguments if name not in domain.optional],
                },
            },
        }
        for domain in domains().values()
        for name, (description, arguments) in domain.tools.items()
    ]

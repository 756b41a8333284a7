"""What calls brought, as the outcome tells it, and by what names a person may ask for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from agenther.evidence import arguments
from agenther.records import Evidence, Outcome, Step, Tool, Trajectory
from agenther.stages.findings import WHOLE, Fact, Path, is_entry, only_letters
from agenther.stages.lexicon import named, words
from agenther.stages.relabel.english import meant, parts, spelt
from agenther.text.names import bare

_ABOUT_TOOLS = re.compile(r'This is the subfunction for tool "[^"]*", you can use this tool\.|The description of this')
_ORDINARY = frozenset(
    "full total average current display official formatted original common main value raw en text".split()
)
FARTHER = 10
"""How much a level of an answer counts against a further word of a field's name."""


@dataclass(frozen=True)
class Answer:
    """What one call brought."""

    step: Step
    tool: Tool | None
    others: frozenset[str]
    """The words of the names of the run's other tools."""
    facts: tuple[Fact, ...]
    whole: bool

    @cached_property
    def fields(self) -> dict[str, dict[str, JsonValue]]:
        """The tool's parameters as its schema has them; empty when the log does not tell."""
        schema = self.tool.parameters.get("properties") if self.tool else None
        return {key: its for key, its in schema.items() if isinstance(its, dict)} if isinstance(schema, dict) else {}

    @cached_property
    def topic(self) -> frozenset[str]:
        """What the call is about, in words: the tool's name and description, its parameters, their values."""
        about = [str(field.get("description", "")) for field in self.fields.values()]
        about += [_ABOUT_TOOLS.sub(" ", self.tool.description)] if self.tool else []
        names = (bare(self.step.action.name), *self.step.action.arguments, *arguments(self.step))
        return frozenset(word for text in (*names, *about) for word in parts(text))

    def is_called(self, noun: str) -> bool:
        """Does what it brings go by that name? What another tool is named for comes from that."""
        own = parts(bare(self.step.action.name).partition("_for_")[0])
        return noun in own or noun in self.keys or (noun in self.topic and noun not in self.others)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The words of its fields' names."""
        return frozenset(word for fact in self.facts for part in fact.path for word in parts(part))

    @cached_property
    def shown(self) -> str:
        """All that it tells, in lower case, word by word."""
        return " ".join(["", *(word for fact in self.facts for word in spelt(fact.value)), ""])

    @cached_property
    def lists(self) -> dict[Path, dict[str, tuple[Fact, ...]]]:
        """The lists in it by where they stand: the facts of each entry."""
        found: dict[Path, dict[str, tuple[Fact, ...]]] = {}
        for fact in self.facts:
            at = next((n for n, part in enumerate(fact.path) if is_entry(part)), None)
            if at is not None:
                its = found.setdefault(fact.path[:at], {})
                its[fact.path[at]] = (*its.get(fact.path[at], ()), fact)
        return found

    def entries(self, path: Path) -> dict[str, tuple[Fact, ...]]:
        """Those of a list; what may be cut off is left out."""
        its = self.lists.get(path, {})
        return its if self.whole else dict(list(its.items())[:-1])

    @cached_property
    def is_all(self) -> bool:
        """Is what it lists all there is? What is sought by words, or brings what is like something, promises a few."""
        keys = {" ".join(spelt(key)) for key in self.step.action.arguments}
        is_like = {key for key in keys if named("tools", "where").get(key) == "for"} or self.topic & words(
            "tools", "like"
        )
        return self.whole and not is_like

    @cached_property
    def record(self) -> tuple[Fact, ...]:
        """What is told once; of a list that holds a single thing, that thing."""
        once = tuple(fact for fact in self.facts if not any(map(is_entry, fact.path)))
        lists = list(self.lists.values())
        return lists[0]["0"] if self.whole and not once and len(lists) == 1 and [*lists[0]] == ["0"] else once

    def called(self, words: Iterable[str], among: Iterable[Fact]) -> list[Fact]:
        """The facts that a person may call so: those of the highest level, several only where it has several."""
        asked = [meant(word) for word in words]
        fits = [(fact, fit) for fact in among if fact.key and (fit := self._fit(asked, fact)) is not None]
        best = min((fit for _, fit in fits), default=0)
        return [fact for fact, fit in fits if fit == best]

    def _fit(self, asked: list[str], fact: Fact) -> int | None:
        """How far the field is from what was asked for; None if it is something else."""
        key = parts(fact.key)
        more = [word for word in key if word not in asked]
        if "".join(asked) != only_letters(fact.key):
            if asked[-1] not in key or any(word not in self.topic and word not in _ORDINARY for word in more):
                return None
            path = {word for part in fact.path for word in parts(part)}
            if any(word not in path and word not in self.topic for word in asked):
                return None
        return len(fact.path) * FARTHER + len(more)


@dataclass(frozen=True)
class Goal:
    """A request that calls served, and what was found."""

    text: str
    answer: str
    facts: tuple[Evidence, ...]
    """Claims on what the answer tells."""
    calls: tuple[Answer, ...]
    kind: str = "lookup"
    turns: tuple[int, ...] = ()
    """Of a dialogue that is kept, the steps that are to be learned."""


def answers(trajectory: Trajectory, outcome: Outcome) -> list[Answer]:
    """One for each step that achieved something, in order."""
    tools = {tool.name: tool for tool in trajectory.tools}
    names = {step.action.name for step in trajectory.steps} | set(tools)
    own = {name: frozenset(parts(name.partition("_for_")[0])) for name in names}
    facts: dict[int, list[Fact]] = {}
    for shown in outcome.key_observations:
        facts.setdefault(shown.step, []).append(Fact.of(shown))
    found = []
    for one in outcome.achievements:
        if 0 < one.step <= len(trajectory.steps):
            step = trajectory.steps[one.step - 1]
            others = frozenset().union(*(its for name, its in own.items() if name != step.action.name))
            its = tuple(facts.get(one.step, ()))
            found.append(Answer(step, tools.get(step.action.name), others, its, one.text == WHOLE))
    return found

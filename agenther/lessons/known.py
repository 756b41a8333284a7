"""Where the words of a run come from, so that no lesson says a name that somebody else put there."""

import re
from collections.abc import Iterator
from functools import cached_property
from math import inf
from typing import NamedTuple

from pydantic import JsonValue

from agenther.lessons.shapes import leaves
from agenther.records import Step, Tool, Trajectory
from agenther.text.names import words

READ = 200_000
"""Characters of a result that are looked through."""
FREE = 2
"""Words of a name that may be told wherever they come from: with so few nobody is told to do anything."""
LONGEST = 24
"""Characters of such words."""
WORD = 16
"""Characters of a word of an error that is told."""
SPECIFIC = 8
"""Characters, from which on a name that stands somewhere without its marks is no chance."""
SOUGHT = 1_000
"""Names, and parts of them, that are looked up in one run; any more may be made up, and are not told."""
END = 7
"""Characters at the end of a number by which it is known."""
_NAME = re.compile(r"[A-Za-z_][\w.:/-]{0,63}", re.ASCII)
_HOST = re.compile(r"[\w-]++(?:\.[\w-]++)*(?::\d+)?", re.ASCII)
_TOKEN = re.compile(r"\w+")
RULED, TASK, USER = "the rules", "the task", "the user"
"""Sources that are no tools."""


class Origin(NamedTuple):
    step: int
    """After which it was known; 0 is the beginning."""
    source: str
    """RULED, TASK, USER, or the tool in whose result it stood."""


class Known:
    """Of a run."""

    def __init__(self, run: Trajectory) -> None:
        self.run = run
        self._sought: dict[str, float] = {}
        self.sites: dict[str, str] = {}
        """Hosts that were asked for, each as it may be told."""

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names and values in the schemas of the tools, which stand there before anything came back."""
        return frozenset(name for tool in self.run.tools for name in _declared(tool))

    @cached_property
    def tools(self) -> frozenset[str]:
        """Names of the tools that the agent has, where the log tells."""
        return frozenset(tool.name for tool in self.run.tools)

    def schema(self, name: str) -> dict[str, JsonValue]:
        """Of a tool's arguments; empty where the log does not tell."""
        return next((tool.parameters for tool in self.run.tools if tool.name == name), {})

    def parameter(self, name: str, argument: str) -> dict[str, JsonValue]:
        """What the schema says of one argument; empty where nothing."""
        properties = self.schema(name).get("properties")
        found = properties.get(argument) if isinstance(properties, dict) else None
        return found if isinstance(found, dict) else {}

    def parameters(self, name: str) -> list[str]:
        """Of a tool, as its schema has them."""
        properties = self.schema(name).get("properties")
        return list(properties) if isinstance(properties, dict) else []

    @cached_property
    def rules(self) -> frozenset[str]:
        """Words of the system's prompt."""
        return frozenset(_TOKEN.findall(self.run.system or ""))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Words of the rules and of the tools' schemas, in lower case, none of them long."""
        told = [self.run.system or "", *(f"{tool.description} {tool.parameters}" for tool in self.run.tools)]
        names = " ".join(self.declared | set(filter(self.is_ours, self.used)))
        words = _TOKEN.findall(" ".join([*told, names]).replace("_", " ").casefold())
        return frozenset(word for word in words if 2 < len(word) <= WORD)

    @cached_property
    def first(self) -> dict[str, Origin]:
        """Where each word stands first, in lower case."""
        found: dict[str, Origin] = {}
        for text, origin in self._texts():
            for token in _TOKEN.findall(text[:READ].casefold()):
                found.setdefault(token, origin)
        return found

    def _texts(self) -> Iterator[tuple[str, Origin]]:
        yield self.run.system or "", Origin(0, RULED)
        yield f"{self.run.goal}\n{self.run.start or ''}", Origin(0, TASK)
        for step in self.run.steps:
            by_user = step.answered_by == "user" or step.action.name == "respond"
            yield step.observation or "", Origin(step.n, USER if by_user else step.action.name)
            yield step.note or "", Origin(step.n, USER)

    @cached_property
    def used(self) -> dict[str, int]:
        """The step at which the agent first used each name, of a tool or an argument."""
        found: dict[str, int] = {}
        for step in self.run.steps:
            for name in (step.action.name, *_parts(step)):
                found.setdefault(name, step.n)
        return found

    def is_ours(self, name: str) -> bool:
        """Was it the agent's, its rules' or its tools' before others said it?"""
        if name in self.declared or name in self.rules:
            return True
        origin, since = self.first.get(name.casefold()), self.used.get(name, inf)
        is_said = len(name) >= SPECIFIC and self._said(_squeezed(name)) < since
        return not is_said and (origin is None or 0 < origin.step >= since)

    def may_tell(self, name: str) -> bool:
        """Of a tool, or a path of arguments: is it too short to tell anybody to do anything, or did others not say
        even a few words of it before the agent did?
        """
        parts = [name] if name in self.used else name.replace("[]", "").split(".")
        others = [part for part in parts if part not in self.declared and part not in self.rules]
        since = max((self.used.get(part, inf) for part in others), default=0)
        own = [word for part in others for word in words(part)]
        few = ["".join(own[n : n + FREE + 1]) for n in range(max(1, len(own) - FREE))]
        is_short = len(own) <= FREE and len("".join(others)) <= LONGEST
        return is_name(name.replace("[]", "")) and (is_short or all(self._said(text) >= since for text in few))

    @cached_property
    def _typed(self) -> dict[str, int]:
        """The step at which the agent first gave each host, be it in an address."""
        found: dict[str, int] = {}
        for step in self.run.steps:
            for many in leaves(step.action.arguments).values():
                for host in _HOST.findall(" ".join(map(str, many)).casefold()):
                    found.setdefault(host, step.n)
        return found

    def is_typed(self, host: str) -> bool:
        """Was it in an address that the agent gave before others said it?"""
        since = self._typed.get(host.casefold())
        return since is not None and self._said(_squeezed(host)) >= since

    def _said(self, text: str) -> float:
        """After which step others had said this, with whatever marks between; 0 where too much was looked up."""
        if text not in self._sought:
            found = (float(origin.step) for heard, origin in self._heard if origin.source != RULED and text in heard)
            self._sought[text] = min(next(found, inf), self._unread) if len(self._sought) < SOUGHT else 0
        return self._sought[text]

    @cached_property
    def _unread(self) -> float:
        """After which step anything may have been said, as a text is too long to be looked through."""
        return next((float(origin.step) for text, origin in self._texts() if len(text) > READ), inf)

    def may_recommend(self, name: str, step: int) -> bool:
        """A tool that the agent called at a step: had nobody spoken of it before, who might have asked for it?"""
        return self.may_tell(name) and self._said(_squeezed(name)) >= step

    def origin(self, values: tuple[JsonValue, ...], step: Step) -> Origin | None:
        """Where the last part of these was first said before the step; None if a part was said nowhere."""
        tokens = [token for value in values for token in _TOKEN.findall(str(value).casefold())]
        origins = [self.first.get(token) for token in tokens]
        if not origins or any(origin is None or origin.step >= step.n for origin in origins):
            return None
        return max(origin for origin in origins if origin)

    def is_made_up(self, values: tuple[JsonValue, ...], step: Step) -> bool:
        """Is one of these values, which name something, said nowhere before the step?"""
        return self.origin(values, step) is None and not all(self.is_heard(value, step) for value in values)

    def is_heard(self, value: JsonValue, step: Step) -> bool:
        """Was it said before the step, be it with other marks between? Of a number the end is enough."""
        text = _squeezed(str(value))
        end = text[-END:] if text.isdecimal() else text
        return any(end in text for text, origin in self._heard if origin.step < step.n)

    @cached_property
    def _heard(self) -> list[tuple[str, Origin]]:
        return [(_squeezed(text[:READ]), origin) for text, origin in self._texts()]


def is_name(text: str) -> bool:
    """Has it the form of a name?"""
    return bool(_NAME.fullmatch(text))


def _squeezed(text: str) -> str:
    return "".join(_TOKEN.findall(text.casefold())).replace("_", "")


def _declared(tool: Tool) -> Iterator[str]:
    yield tool.name
    pending: list[JsonValue] = [tool.parameters]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            properties = value.get("properties")
            yield from properties if isinstance(properties, dict) else ()
            options = value.get("enum")
            yield from (one for one in options if isinstance(one, str)) if isinstance(options, list) else ()
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _parts(step: Step) -> Iterator[str]:
    for path in leaves(step.action.arguments):
        yield from path.replace("[]", "").split(".")

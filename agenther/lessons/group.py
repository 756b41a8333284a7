"""Occasions of one signature, counted, with a few of those that show it."""

from typing import NamedTuple

from agenther.lessons.asked import Tried
from agenther.lessons.changes import Change
from agenther.lessons.errors import short
from agenther.lessons.moments import day
from agenther.lessons.occasion import Occasion
from agenther.lessons.records import FEW, Cited, Signature
from agenther.packagers.selection.split import task
from agenther.records import Trajectory

SHOWN = 3
"""Runs of which a lesson shows words."""
TEMPLATES = 20
"""That a lesson names."""


class Key(NamedTuple):
    signature: Signature
    changes: tuple[Change, ...]


class Shown(NamedTuple):
    """What one run shows."""

    run_id: str
    failures: tuple[Cited, ...]
    successes: tuple[Cited, ...]


class Group:
    """All occasions of one key; equal whatever their order."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.words = ""
        self.shown: list[Shown] = []
        self.failing: set[str] = set()
        """Runs that are not known to have met their goal."""
        self.succeeding: set[str] = set()
        self.decisive: set[str] = set()
        """Runs in which it may have been decisive."""
        self.agents: set[str] = set()
        self.templates: set[str] = set()
        self.days: set[str] = set()
        self.tasks: set[str] = set()
        """Two of them, at most; so too of the days."""
        self.sources: set[tuple[str, str]] = set()
        self.others = 0
        self.tried: set[Tried] = set()
        self.trying: set[str] = set()
        """Runs with calls that failed though nothing speaks against what they were given."""
        self.works = self.is_open = self.is_passing = False
        """Does a call of the tool work in any run? Is there one of which nobody knows? Does one work that was alike?"""
        self.tools = {key.signature.tool} - {""}
        self.namesake = ""
        """A tool of the same name, in another namespace, that works where this one never does."""

    @property
    def runs(self) -> set[str]:
        return self.failing | self.succeeding

    @property
    def is_dead(self) -> bool:
        """Do enough calls show that the tool itself is at fault? Of one that takes no argument, there is but one."""
        return self.is_dead_with(self)

    def is_dead_with(self, other: "Group") -> bool:
        """Do both together?"""
        given = {one.arguments for one in self.tried | other.tried}
        is_enough = len(self.trying | other.trying) >= FEW and (len(given) >= FEW or given == {""})
        return is_enough and not self.works and not self.is_open

    def add(self, run: Trajectory, found: Occasion, agent: str, *, is_decisive: bool) -> None:
        one = Group(self.key)
        (one.succeeding if run.label.success else one.failing).add(run.id)
        one.decisive = {run.id} if is_decisive else set()
        one.words, one.others = found.words, found.others
        one.shown = [Shown(run.id, found.failures, found.successes)]
        one.agents, one.templates = {short("agent", agent)} - {""}, {short("template", run.template)} - {""}
        one.days, one.tasks = {day(found.at)} - {""}, {task(run)}
        one.sources, one.tried = set(found.sources), set(found.tried)
        one.trying = {run.id} if found.tried else set()
        self.join(one)

    def join(self, other: "Group") -> None:
        """Takes in what the other stands on."""
        self.words = min(filter(None, (self.words, other.words)), default="")
        self.shown = sorted({one.run_id: one for one in (*other.shown, *self.shown)}.values())[:SHOWN]
        self.templates = set(sorted(self.templates | other.templates)[:TEMPLATES])
        self.days, self.tasks = _ends(self.days | other.days), _ends(self.tasks | other.tasks)
        for name in ("failing", "succeeding", "decisive", "agents", "sources", "tried", "trying", "tools"):
            getattr(self, name).update(getattr(other, name))
        self.others += other.others
        self.works |= other.works
        self.is_open |= other.is_open
        self.is_passing |= other.is_passing
        self.namesake = max(self.namesake, other.namesake)


def _ends(values: set[str]) -> set[str]:
    return {min(values), max(values)} if values else values

"""What a run is done with, and how far it is."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field

from agenther.jobs.engines.base import Engine
from agenther.jobs.shard import Shard
from agenther.jobs.spread import Hire
from agenther.llm.access import Access
from agenther.pipeline import Crew
from agenther.records import Reason
from agenther.store.journal import MadeWith


@dataclass(frozen=True)
class Job:
    """Everything that a run is done with; `assemble.py` makes it."""

    made: MadeWith
    crew: Crew
    close: Callable[[], Coroutine[None, None, None]]
    """Gives the models' connections back."""
    processes: int
    """How many processes may share the work; 1 with a model."""
    hire: Hire | None = None
    """Makes such a crew elsewhere; None: it works in this process alone."""
    engine: Engine | None = None
    """Whose workers do the runs; None: this machine does."""
    access: Access | None = None
    """To its models; None when it has none."""
    again: frozenset[Reason] = frozenset()
    """Runs that were rejected for these reasons are done again."""
    replace: bool = False
    """Does nothing stay in the folder but what these logs give?"""
    shard: Shard | None = None
    """The part of the logs that is taken; None: all."""
    earlier: Mapping[str, int] = field(default_factory=dict)
    """Of runs that earlier rounds have, by id, the number of the round. They are not done again."""


@dataclass
class Progress:
    """How far a run is, for people to look at."""

    files: int = 0
    """How many there are."""
    files_done: int = 0
    read: int = 0
    with_samples: int = 0
    rejected: int = 0
    taken_over: int = 0
    """Runs whose result stood in the folder already."""
    settled: int = 0
    """Runs that were done now."""
    calls: int = 0
    """Answers of models that those took."""
    waiting: int = 0
    """Runs whose next answers are still to come, in a batch."""


Tick = Callable[[Progress], None]
"""Told of each step forward; it must not block."""

"""What a report tells of a run folder."""

from agenther.probe.report import Report as Probed
from agenther.ratings.audit import Audit
from agenther.records import Record
from agenther.store.run_folder import RunFile
from agenther.tally.counts import Table

BINS = 20
"""Of a histogram from 0 to 1."""


class Made(Record):
    """A row of the table of samples."""

    id: str
    run_id: str
    goal: str
    old_goal: str
    format: str
    failure: str
    kind: str
    confidence: float
    weight: float
    steps: int
    of_steps: int


class Lost(Record):
    """A row of the table of what gave no sample."""

    run_id: str
    path: str
    stage: str
    reason: str
    detail: str


class Narrowing(Record):
    """One width of the funnel."""

    name: str
    left: int
    lost: tuple[tuple[str, int], ...] = ()
    """(reason, logs) for what was lost on the way to it, the most frequent first."""


class Doubt(Record):
    """What became of the doubts that one mechanical rule raised."""

    rule: str
    raised: int
    for_goal: int
    against: int
    undecided: int


class Cost(Record):
    """What models took for runs of one sort."""

    by: str
    """"format" or "failure type"."""
    name: str
    runs: int
    samples: int
    calls: int
    tokens: int
    usd: float | None
    """None when a price was not known."""


class Facts(Record):
    run: RunFile
    funnel: tuple[Narrowing, ...]
    samples: tuple[Made, ...]
    losses: tuple[Lost, ...]
    old_goals: tuple[str, ...]
    """Of all runs that were taken as failed."""
    confidence: tuple[tuple[int, ...], tuple[int, ...]]
    """Of proposals, in bins from 0 to 1: accepted, refused."""
    weight: tuple[int, ...]
    """Of samples, likewise."""
    steps: tuple[int, ...]
    """Of samples, how many there are with so many steps; the last stands for that many and more."""
    doubts: tuple[Doubt, ...]
    rules: tuple[tuple[str, int], ...]
    """Proposals that a proof of the mechanical judge refused, by its rule."""
    costs: tuple[Cost, ...]
    """Empty when no model was asked."""
    rounds: tuple[Table, ...] = ()
    """What each round added; empty for a run that comes after no other."""
    probe: Probed | None = None
    """What `agenther probe` found; None when it was not asked."""
    audit: Audit | None = None
    """None when nothing is rated."""

"""Who does each stage."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from agenther.judges.table import Judge
from agenther.records import Proposal, Record, Trajectory

Work = Callable[..., Awaitable[Record | tuple[Record, ...]]]
"""Given the run and the records that its stage needs. Where one question stands for two stages, both are given."""
Relabel = Callable[..., Awaitable[tuple[Proposal, ...]]]
"""Given the run, the records that its stage needs, the number of the attempt, and what was judged before."""
Known = Callable[[Trajectory, Proposal], str]
"""Why a goal is not to be made once more; empty for a new one."""


def unknown(_trajectory: Trajectory, _proposal: Proposal) -> str:
    """Of a run that comes after no other: every goal is new."""
    return ""


@dataclass(frozen=True)
class Crew:
    """Who does each stage."""

    stages: Mapping[str, Work]
    """By name, as in the table of stages; all that are done before the last one."""
    relabel: Relabel
    judges: Mapping[str, Judge]
    """By name, in the order in which they are asked; the first is the mechanical one, the others read."""
    known: Known = unknown

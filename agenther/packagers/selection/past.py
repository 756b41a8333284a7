"""What earlier rounds decided, and later ones have to hold to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_NONE: Mapping[str, int] = MappingProxyType({})


class Past(NamedTuple):
    """Of rounds before."""

    rounds: Mapping[str, int] = _NONE
    """Of runs of earlier rounds, by id, the round; 0 is the first."""
    sides: Mapping[str, str] = MappingProxyType({})
    """The split of each key that stood in datasets of before, by its hash."""
    number: int = 0
    """How many rounds there were before."""

    def round_of(self, run_id: str) -> int:
        return self.rounds.get(run_id, self.number)


NOTHING = Past()
"""Of a run that comes after no other."""

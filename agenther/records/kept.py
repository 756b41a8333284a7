"""What of a failed run is learned under its own goal."""

from pydantic import Field

from agenther.records.base import Record
from agenther.records.diagnosis import FailureType
from agenther.records.proposal import Verdict


class Soundness(Record):
    """What is said of one step of a failed run: was it right under the run's own goal, by what was known then?"""

    step: int = Field(ge=1)
    verdicts: tuple[Verdict, ...]
    """The mechanical judge's first."""
    trained: bool
    """Does it carry loss?"""

    @property
    def confidence(self) -> float:
        """The least of any judge."""
        return min(verdict.confidence for verdict in self.verdicts)


class Kept(Record):
    """What of a failed run is learned under its own goal: its sound steps (SRFT, arXiv 2605.10674)."""

    run_id: str
    steps: tuple[Soundness, ...] = ()
    """Those that could be learned, as far as anybody was asked."""
    failure_type: FailureType | None = None
    why: str = ""
    """Why none is learned; empty where one is."""

    @property
    def trained(self) -> tuple[int, ...]:
        """The steps that carry loss; what stands between them is shown, and carries none."""
        return tuple(one.step for one in self.steps if one.trained)

"""A threshold that was found by ratings, as `gate.json` holds it."""

from hashlib import sha256

from pydantic import Field

from agenther.records import Record


class Gate(Record):
    """`gate.json`: what `agenther calibrate` found in ratings. The lowest probability that a judge, or the proposer,
    gives decides.
    """

    threshold: float = Field(ge=0, le=1)
    target: float = Field(gt=0, lt=1)
    """The precision that is meant to be reached."""
    risk: float = Field(gt=0, lt=1)
    """Of its not being reached."""
    rated: int
    """Runs with a rated pair that reaches the threshold."""
    wrong: int
    precision: float
    low: float
    """Lower bound of precision, one-sided, at `risk`."""
    by: tuple[str, ...] | None = None
    """The models that wrote and judged what was rated, none by rules; None where it was not written down."""

    @property
    def name(self) -> str:
        """To tell gates apart."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]

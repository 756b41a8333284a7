"""Everything that one run came to."""

from enum import StrEnum

from agenther.records.attribution import Attribution
from agenther.records.base import R, Record
from agenther.records.diagnosis import Diagnosis, Outcome
from agenther.records.proposal import Judged
from agenther.records.sample import Sample


class Reason(StrEnum):
    """Why a log ends without a sample."""

    # reading
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NOT_JSON = "not-json"
    ENCODING = "encoding"
    TOO_LARGE = "too-large"
    UNKNOWN_FORMAT = "unknown-format"
    AMBIGUOUS_FORMAT = "ambiguous-format"
    MALFORMED = "malformed"
    NO_GOAL = "no-goal"
    NO_STEPS = "no-steps"
    DUPLICATE = "duplicate"
    EARLIER_ROUND = "earlier-round"
    # classify
    SUCCESS = "success"
    NOT_KNOWN_TO_FAIL = "not-known-to-fail"
    IRRECOVERABLE = "irrecoverable"
    LOW_WEIGHT = "low-weight"
    # extract
    NOTHING_ACHIEVED = "nothing-achieved"
    # relabel
    NO_GOAL_PROPOSED = "no-goal-proposed"
    KNOWN_GOAL = "known-goal"
    LOW_CONFIDENCE = "low-confidence"
    REFUSED = "refused"
    DIALOGUE = "dialogue"
    # models
    BAD_ANSWER = "bad-answer"
    # packages of others
    PACKAGE = "package-error"
    # us
    INTERNAL = "internal-error"


class Rejection(Record):
    """The one reason for which a log gave no sample."""

    run_id: str | None = None
    path: str
    line: int | None = None
    key: str = ""
    stage: str
    """"read", or the name of a stage."""
    reason: Reason
    detail: str
    """For a person: what, and what to do about it."""
    raw: str | None = None
    """The model's raw answer, when that is what failed; of a bug, where it is."""


class Spent(Record):
    """What one stage of one run asked of one model."""

    run_id: str
    stage: str
    model: str
    calls: int
    """Answers, those too that could not be used."""
    retries: int
    """Calls that were not answered and made again."""
    uncounted: int
    """Answers whose tokens the endpoint did not tell; they are guessed from the length."""
    prompt: int
    cached: int
    """How many of `prompt` came from the provider's prefix cache."""
    completion: int
    usd: float | None = None
    """What it cost when it was asked; None when a price was not known then."""


class Result(Record):
    """Everything that one run came to: samples, or exactly one rejection."""

    run_id: str
    made: tuple[Record, ...] = ()
    """What the stages made, in their order."""
    rejection: Rejection | None = None
    spent: tuple[Spent, ...] = ()
    """Empty where only rules worked."""

    def all(self, kind: type[R]) -> tuple[R, ...]:
        """What was made of that kind."""
        return tuple(record for record in self.made if isinstance(record, kind))

    def plus(self, *made: Record) -> "Result":
        return self.model_copy(update={"made": (*self.made, *made)})

    @property
    def diagnosis(self) -> Diagnosis | None:
        return next(iter(self.all(Diagnosis)), None)

    @property
    def outcome(self) -> Outcome | None:
        return next(iter(self.all(Outcome)), None)

    @property
    def attribution(self) -> Attribution | None:
        return next(iter(self.all(Attribution)), None)

    @property
    def judged(self) -> tuple[Judged, ...]:
        return self.all(Judged)

    @property
    def samples(self) -> tuple[Sample, ...]:
        return self.all(Sample)

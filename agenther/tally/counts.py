"""What became of the logs, in numbers: everything that was read is counted once."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from pydantic import Field

from agenther.records import RULES, FailureType, Reason, Record, Result, Trajectory

K = TypeVar("K", bound=str)
SPOILT = frozenset({Reason.BAD_ANSWER, Reason.PACKAGE, Reason.INTERNAL})
"""Reasons that lie with the model, with a package or with us, not with the run."""
NO_LOGS = "no logs"
"""The kind of files that hold no run, where nothing more was written down of them."""
_Key = tuple[str, str, FailureType | None, Reason | None]


class Fate(Record):
    """What became of one run, as far as it is counted."""

    run_id: str
    format: str
    benchmark: str
    failure_type: FailureType | None = None
    reason: Reason | None = None
    """Why it gave no sample; None with samples, and while later stages are still to be done."""
    kinds: tuple[str, ...] = ()
    """The goal type of each of its samples."""
    answered: bool = False
    """Did a model answer about it, and so that it came to an end of its own?"""


class Group(Record):
    """All runs of one format and benchmark with the same fate."""

    format: str
    benchmark: str
    failure_type: FailureType | None
    reason: Reason | None
    runs: int
    with_samples: int
    samples: int


class Counts(Record):
    """Counts of one run folder. `read == with_samples + rejected + unfinished`, always."""

    read: int
    """Runs, and records and files that could not be read as runs."""
    with_samples: int
    samples: int
    rejected: int
    unfinished: int
    """Runs whose later stages are still to be done; 0 unless stages are done one by one."""
    ignored: int
    """Files that hold no run: side files of a format, or no logs at all. Not in `read`."""
    ignored_by_kind: dict[str, int] = Field(default_factory=dict)
    """Why they are none; nothing in folders of before that was told."""
    forgotten: int = 0
    """Runs and files that `agenther forget` took out for good. Not in `read`."""
    answered: int = 0
    """Runs that models gave usable answers about, to the end; a part of `read`."""
    rejected_by_reason: dict[Reason, int]
    read_by_format: dict[str, int]
    """"" stands for what could not be read."""
    samples_by_kind: dict[str, int]
    groups: tuple[Group, ...]

    @property
    def passed_over(self) -> dict[str, int]:
        """Files without a run by kind, also of a folder that does not tell the kinds."""
        return self.ignored_by_kind or ({NO_LOGS: self.ignored} if self.ignored else {})


class Table(NamedTuple):
    """Counts to look at."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def fate(trajectory: Trajectory, result: Result) -> Fate:
    return Fate(
        run_id=trajectory.id,
        format=trajectory.source.format,
        benchmark=trajectory.benchmark,
        failure_type=result.diagnosis.failure_type if result.diagnosis else None,
        reason=result.rejection.reason if result.rejection else None,
        kinds=tuple(sample.kind for sample in result.samples),
        answered=_is_answered(result),
    )


def _is_answered(result: Result) -> bool:
    if result.rejection and result.rejection.reason in SPOILT:
        return False
    found = (result.diagnosis, result.outcome, *(judged.proposal for judged in result.judged))
    votes = (verdict for judged in result.judged for verdict in judged.verdicts[1:])  # the first is the mechanical one
    return bool(result.spent) or any(one and one.by != RULES for one in found) or any(votes)


class Tally:
    """Counts fates as they come."""

    def __init__(self) -> None:
        self.runs: Counter[_Key] = Counter()
        self.with_samples: Counter[_Key] = Counter()
        self.samples: Counter[_Key] = Counter()
        self.kinds: Counter[str] = Counter()
        self.answered = 0

    def add(self, fate: Fate) -> None:
        assert not (fate.reason and fate.kinds), f"{fate.run_id} has samples and a rejection"
        key = (fate.format, fate.benchmark, fate.failure_type, fate.reason)
        self.runs[key] += 1
        self.with_samples[key] += bool(fate.kinds)
        self.samples[key] += len(fate.kinds)
        self.kinds.update(fate.kinds)
        self.answered += fate.answered

    def add_unread(self, reason: Reason) -> None:
        self.runs["", "", None, reason] += 1

    def counts(self, ignored: Mapping[str, int], forgotten: int = 0) -> Counts:
        """Everything so far, largest first."""
        by_reason: Counter[Reason] = Counter()
        by_format: Counter[str] = Counter()
        for (name, _, _, reason), runs in self.runs.items():
            by_format[name] += runs
            if reason:
                by_reason[reason] += runs
        read, accepted, rejected = self.runs.total(), self.with_samples.total(), by_reason.total()
        return Counts(
            read=read,
            with_samples=accepted,
            samples=self.samples.total(),
            rejected=rejected,
            unfinished=read - accepted - rejected,
            ignored=sum(ignored.values()),
            ignored_by_kind=dict(_largest_first(Counter(ignored))),
            forgotten=forgotten,
            answered=self.answered,
            rejected_by_reason=dict(_largest_first(by_reason)),
            read_by_format=dict(_largest_first(by_format)),
            samples_by_kind=dict(_largest_first(self.kinds)),
            groups=tuple(
                Group(
                    format=key[0],
                    benchmark=key[1],
                    failure_type=key[2],
                    reason=key[3],
                    runs=runs,
                    with_samples=self.with_samples[key],
                    samples=self.samples[key],
                )
                for key, runs in sorted(self.runs.items(), key=lambda item: tuple(map(str, item[0])))
            ),
        )


def _largest_first(counted: Counter[K]) -> list[tuple[K, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

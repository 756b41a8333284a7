"""What a trial says of its lessons, when its results are there."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther.errors import AgentHERError, StoreError
from agenther.files import usable
from agenther.lessons.trial.export import SEAL, file_name
from agenther.lessons.trial.paired import Found, found
from agenther.lessons.trial.records import Arm, Block, Row, Trial
from agenther.lessons.trial.results import called, outcomes
from agenther.settings import BY_CONTENT, How
from agenther.store.lines import records


class Read(NamedTuple):
    trial: Trial
    found: Found
    blocks: tuple[Block, ...]
    incomplete: int
    """Tasks and repetitions of which not all three arms are told; nothing of them counts."""
    unmatched: tuple[str, ...]
    """Results that are of no row of the trial."""
    unknown: tuple[str, ...]
    """Results of which it is not told whether they are a success."""


def read(folder: Path, results: Iterable[Path], gain: float, how: How = BY_CONTENT) -> Read:
    """Raises StoreError for a folder that is no trial, or was changed, and AgentHERError where a run is told to have
    come out in two ways.
    """
    trial, rows = opened(folder)
    by_name = {row.id: row for row in rows}
    by_name |= {called(row.task, row.arm, str(row.repetition)): row for row in rows}
    told: dict[str, float] = {}
    unmatched, unknown = [], []
    for one in outcomes(results, rows, how):
        row = by_name.get(one.name)
        if row is None:
            unmatched.append(f"{one.name} ({one.where})")
        elif one.value is None:
            unknown.append(f"{one.name} ({one.where})")
        elif told.setdefault(row.id, one.value) != one.value:
            twice = f"{one.name} came out as {told[row.id]:g}, and as {one.value:g} in {one.where}"
            raise AgentHERError(f"{twice}; a row is one run")
    blocks = _blocks(rows, told)
    begun = {(row.task, row.repetition) for row in rows if row.id in told}
    if not blocks:
        missed = f"; the first that is of no row: {unmatched[0]}" if unmatched else ""
        raise AgentHERError(f"no task is told with all three arms of {folder}{missed}")
    return Read(trial, found(blocks, gain), blocks, len(begun) - len(blocks), tuple(unmatched), tuple(unknown))


def opened(folder: Path) -> tuple[Trial, tuple[Row, ...]]:
    path = folder / SEAL
    if not path.is_file():
        raise StoreError(folder, "holds no trial; `agenther lessons trial export` makes one")
    with usable(path):
        try:
            trial = Trial.model_validate_json(path.read_bytes())
        except ValidationError:
            raise StoreError(path, "was not written by this program; choose another folder") from None
    return trial, tuple(row for arm in Arm for row in _rows(folder / file_name(arm), trial.files.get(arm)))


def _rows(path: Path, fingerprint: str | None) -> tuple[Row, ...]:
    with usable(path):
        if sha256(path.read_bytes()).hexdigest() != fingerprint:
            raise StoreError(path, "was changed after it was made; what was tried is not known")
    return tuple(records(path, Row))


def _blocks(rows: Sequence[Row], told: dict[str, float]) -> tuple[Block, ...]:
    arms: dict[tuple[str, int], dict[Arm, float]] = {}
    lessons = {(row.task, row.repetition): row.lessons[0] for row in rows if row.arm == Arm.LESSON}
    for row in rows:
        if row.id in told:
            arms.setdefault((row.task, row.repetition), {})[row.arm] = told[row.id]
    return tuple(
        Block(task, repetition, lessons[task, repetition], some[Arm.NONE], some[Arm.LESSON], some[Arm.PLACEBO])
        for (task, repetition), some in sorted(arms.items())
        if len(some) == len(Arm)
    )

"""Near-miss goals for the samples of a finished run folder, put to a job's judges, and what was found by it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.jobs.job import Job
from agenther.probe.measure import probe
from agenther.probe.report import Report
from agenther.records import Rejection, Sample, Trajectory
from agenther.store import run_folder
from agenther.store.views import PROBE


def probing(folder: Path, job: Job, each: int) -> Report:
    """What gets through, with at most `each` twins of a kind. Raises StoreError when there is no samples.jsonl."""
    if not (folder / "samples.jsonl").exists():
        raise StoreError(folder, "has no samples; `agenther relabel` makes them")
    return asyncio.run(_probing(folder, job, each))


def keep(folder: Path, report: Report) -> None:
    """Writes it down in the run folder, for `agenther report`."""
    path = folder / PROBE
    with usable(path), writing(path) as (file,):
        file.write(report.model_dump_json().encode() + b"\n")


def found_by_probe(folder: Path) -> Report | None:
    """What was written down last; None when nothing was. Raises StoreError when it is damaged."""
    path = folder / PROBE
    if not path.exists():
        return None
    try:
        with usable(path):
            return Report.model_validate_json(path.read_bytes())
    except ValidationError:
        raise StoreError(path, "is damaged; `agenther probe` writes it anew") from None


async def _probing(folder: Path, job: Job, each: int) -> Report:
    try:
        return await probe(_samples(folder), job.crew.judges, job.made.settings, each, job.made.settings.concurrency)
    finally:
        await job.close()


def _samples(folder: Path) -> Iterator[tuple[Sample, Trajectory]]:
    for item in run_folder.stored(folder):
        if not isinstance(item, Rejection):
            trajectory, result = item
            for sample in result.samples:
                yield sample, trajectory

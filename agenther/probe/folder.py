"""Near-miss goals for the samples of a finished run folder, put to a job's judges. The folder is only read."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from agenther.errors import StoreError
from agenther.jobs.job import Job
from agenther.probe.measure import probe
from agenther.probe.report import Report
from agenther.records import Rejection, Sample, Trajectory
from agenther.store import run_folder


def probing(folder: Path, job: Job, each: int) -> Report:
    """What gets through, with at most `each` twins of a kind. Raises StoreError when there is no samples.jsonl."""
    if not (folder / "samples.jsonl").exists():
        raise StoreError(folder, "has no samples; `agenther relabel` makes them")
    return asyncio.run(_probing(folder, job, each))


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

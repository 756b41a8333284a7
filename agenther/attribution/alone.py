"""Attribution by itself: who made each run of some logs fail, without a run folder."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from agenther.attribution.labels import Label, label, where
from agenther.jobs.job import Job
from agenther.jobs.settle import settle
from agenther.ladder import STAGES
from agenther.pipeline import Crew, Only, reject
from agenther.records import Attribution, Reason, Rejection, Result, Source, Spent, Trajectory
from agenther.store import run_folder
from agenther.together import one_by_one

STAGE = "attribute"
AHEAD = 4
"""How many times as many runs as calls under way are begun, so that a slow one does not hold up those after it."""


class Looked(NamedTuple):
    """A run that was read, and what it came to: an attribution, or the one reason why there is none."""

    run_id: str
    source: Source
    steps: int
    label: Label | None
    attribution: Attribution | None = None
    rejection: Rejection | None = None
    spent: tuple[Spent, ...] = ()


def alone(items: Iterable[Trajectory | Rejection], job: Job) -> Iterator[Looked | Rejection]:
    """Each run with what it came to, in order, and what could not be read.

    What is not known to have met its goal is taken as failed. Raises as `settle` does.
    """
    crew = Crew({STAGE: job.crew.stages[STAGE]}, job.crew.relabel, job.crew.judges)
    at_once = job.access.at_once if job.access else 1
    known: dict[str, str] = {}
    return one_by_one((_one(item, job, crew, known) for item in items), AHEAD * at_once, job.close)


async def _one(item: Trajectory | Rejection, job: Job, crew: Crew, known: dict[str, str]) -> Looked | Rejection:
    if isinstance(item, Rejection):
        return item
    result, no = Result(run_id=item.id), partial(reject, item, STAGE)
    if item.id in known:
        return _looked(item, rejection=no(Reason.DUPLICATE, f"the same run as in {known[item.id]}"))
    known[item.id] = where(item.source)
    if item.label.success:
        return _looked(item, rejection=no(Reason.SUCCESS, f"the run met its goal (label: {item.label.source})"))
    settled = await settle(crew, job.made, item, Only(STAGE, result))
    return _looked(item, settled.attribution, settled.rejection, settled.spent)


def _looked(
    run: Trajectory,
    attribution: Attribution | None = None,
    rejection: Rejection | None = None,
    spent: tuple[Spent, ...] = (),
) -> Looked:
    repeated = rejection is not None and rejection.reason == Reason.DUPLICATE
    return Looked(run.id, run.source, len(run.steps), None if repeated else label(run), attribution, rejection, spent)


def stored(folder: Path) -> Iterator[Looked | Rejection]:
    """The same, of a finished run folder in which the stage was done."""
    for item in run_folder.stored(folder):
        if isinstance(item, Rejection):
            yield item
            continue
        run, result = item
        spent = tuple(entry for entry in result.spent if entry.stage in STAGES[STAGE].questions)
        if result.attribution:
            yield _looked(run, result.attribution, spent=spent)
        else:
            missed = _looked(run, rejection=result.rejection, spent=spent)
            yield missed if _is_own(result.rejection) else missed._replace(label=_unreached(missed))


def _is_own(rejection: Rejection | None) -> bool:
    return rejection is not None and rejection.stage == STAGE


def _unreached(missed: Looked) -> Label | None:
    """That of a run that an earlier stage rejected: nobody looked for its step."""
    why = f"nobody looked for its step: {missed.rejection.reason}" if missed.rejection else "the stage is not done yet"
    return missed.label and missed.label._replace(truth=None, unusable=why)

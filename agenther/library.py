"""What programs and notebooks call: the work of the commands, without a terminal.

    from agenther import Settings, package, read, relabel, run

    for item in read("logs/"): ...                  each a Trajectory, or a Rejection that says why there is none
    for result in relabel(read("logs/")): ...       each with samples, or with the one rejection; in memory
    done = run("logs/", "runs/a", Settings(formats=("sft", "dpo")))
    written = package("runs/a", "swift")

Nothing is printed. What a caller can act upon is raised as an error of `agenther.errors`, whose text says what to do.
All of it can be called while an event loop runs, as in a notebook; `await arun(...)` does not hold that loop up.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from agenther.aside import awaited, drawn, waited
from agenther.assemble import assemble
from agenther.contradictions import check
from agenther.errors import AgentHERError
from agenther.extras import needs
from agenther.jobs import again, loop
from agenther.jobs.again import Again
from agenther.jobs.engines.base import Engine
from agenther.jobs.job import Job, Tick
from agenther.jobs.loop import Done
from agenther.jobs.rounds import in_round
from agenther.jobs.settle import settle
from agenther.jobs.shard import parsed
from agenther.packagers.rounds import FOLDER, MADE_WITH
from agenther.packagers.selection.choices import Choices
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import Written
from agenther.places import local
from agenther.readers import reading
from agenther.records import Record, Rejection, Result, Trajectory
from agenther.settings import BY_CONTENT, How, Means, Settings
from agenther.storage import is_stored, send
from agenther.store import run_folder
from agenther.store.run_folder import RunFile
from agenther.tally.counts import SPOILT
from agenther.together import one_by_one

__all__ = ["Choices", "How", "Means", "Settings", "Start", "arun", "package", "read", "relabel", "run"]

Logs = str | Path | Iterable[str | Path]
"""Files and folders of this machine, datasets on the Hub (`hf://datasets/OWNER/NAME`), and URLs of object storage."""


class Start(Record):
    """What one start of a run is to do; `agenther run` has options of these names."""

    after: str | Path | None = None
    """The run folder of the round before; None: that of the first start, if there was one."""
    retry: bool = False
    """Are runs done again that ended as bad-answer, package-error or internal-error?"""
    replace: bool = False
    """Is what the folder holds of other logs left out?"""
    shard: str | None = None
    """I/N: only the I-th of N parts of the logs."""
    engine: Literal["here", "ray"] = "here"
    """Who does the runs: this machine, or all nodes of a Ray cluster, that of RAY_ADDRESS or of this machine."""
    processes: int = 1
    """How many may share the work of rules. A script that asks for more stands under `if __name__ == "__main__":`."""


RULES = Settings()
"""By rules: free, offline."""
UNLIMITED = Means()
ONCE = Start()
AS_USUAL = Choices()


def read(logs: Logs, how: How = BY_CONTENT) -> Iterator[Trajectory | Rejection]:
    """Every run in the logs, in a fixed order; a Rejection for each file or record without one.

    `how` says more than logs tell of themselves; Settings do so, too. Files that never hold a run are passed over.
    Raises AgentHERError for a format that is not known, a map or labels that are none, and a run folder.
    """
    return reading.read(
        _paths(logs), how.log_format, field_map=how.field_map, labels=how.labels, success_at=how.success_at
    )


def relabel(
    runs: Trajectory | Iterable[Trajectory | Rejection], settings: Settings = RULES, means: Means = UNLIMITED
) -> Iterator[Result]:
    """What each run comes to, in their order: its `samples` or the one `rejection`, and what each stage said.

    They are taken as they are needed, a few ahead, so that there may be any number of them. A Rejection comes back as
    the Result of no run. Unlike `run`, it does a run again that is the same as one before it.
    Raises ModelError, CapError and PromptError, and AgentHERError for batches, which need a run folder.
    """
    return drawn(_relabeled((runs,) if isinstance(runs, Trajectory) else runs, settings, means))


def run(
    logs: Logs,
    out: str | Path,
    settings: Settings = RULES,
    means: Means = UNLIMITED,
    start: Start = ONCE,
    progress: Tick = lambda _progress: None,
) -> Done:
    """Everything from logs to datasets, into the run folder `out`, as `agenther run` does it.

    `progress` is told of each step forward; what it raises ends the run. Ended so, by Ctrl-C or by an error, what is
    done is kept, and the same call carries on with it. `found.runs` of what comes back is 0 where logs hold no run.
    Raises ModelError, CapError, PromptError and StoreError, and PendingError while answers of a batch are to come.
    """
    return waited(partial(_run, logs, Path(out), settings, means, start), progress)


arun = awaited(run)
"""The same for programs with an event loop of their own: in another thread, which `progress` is called in, too.

Cancelled, it ends at the next step forward.
"""


def package(
    folder: str | Path, formats: str | Iterable[str] = (), choices: Choices = AS_USUAL, to: str | None = None
) -> Written:
    """The datasets of a finished run folder again, in these formats, or in those of the run.

    They are copied `to` the URL of a place in object storage, too. Raises StoreError for a folder that holds no
    finished run or something that others changed, and for such a place; AgentHERError for a format that is not known.
    """
    names = (formats,) if isinstance(formats, str) else tuple(dict.fromkeys(formats))
    _check(names)
    again.with_samples(Path(folder))
    written = again.package(Path(folder), names, choices)[1]
    if to is not None:
        send(Path(folder) / FOLDER, MADE_WITH, to)
    return written


def job_for(settings: Settings, means: Means, out: Path, start: Start) -> Job:
    """What a start of a run into `out` needs. Raises as `run` does, before anything is done."""
    check(settings, means)
    _check(settings.formats)
    if is_stored(out):
        raise AgentHERError("a run folder lies on this machine; `agenther package RUN --to URL` copies its datasets")
    job = assemble(settings, means)
    if start.engine == "ray":
        job = replace(job, engine=_cluster(job, means))
    ready = replace(job, again=SPOILT if start.retry else frozenset(), replace=start.replace)
    ready = replace(ready, shard=parsed(start.shard) if start.shard is not None else None)
    ready = in_round(ready, out, Path(start.after) if start.after else None)
    run_folder.check(out, ready.made)
    return ready


def warnings(job: Job) -> Iterator[str]:
    """What may not be as the user thinks, and is no error."""
    settings = job.made.settings
    if settings.gate and settings.gate.by not in {None, settings.by}:
        rated, now = (", ".join(names) or "rules" for names in (settings.gate.by or (), settings.by))
        yield f"the gate was found for goals and judgements by {rated}, and guarantees nothing of those by {now}"
    if settings.judges_itself:
        yield "the model that writes the goals is the only one that judges them; another --judge errs less alike"
    if settings.model and not settings.judges:
        yield "no model judges the goals that the model writes, only mechanical checks do; --judge adds one"
    for name in job.access.strangers if job.access else ():
        yield f"--price is given for {name}, which is not asked"
    for name in sorted(job.access.proxied) if job.access else ():
        free = f"--price {name}=0,0 if it is your own"
        yield f"{name} counts at its provider's price, though its address is local; {free}"


def carried_out(job: Job, logs: tuple[Path, ...], out: Path, tick: Tick) -> Done:
    """What `run` does, with a job that is ready."""
    return loop.run(logs, out, job, tick)


def finished(folder: str | Path) -> RunFile:
    """What a finished run folder says of itself. Raises StoreError for any other."""
    return again.finished(Path(folder))


def redone(
    folder: Path, stage: str, settings: Settings, means: Means, watched: Callable[[Job], AbstractContextManager[object]]
) -> tuple[Job, Again]:
    """One stage of a finished run folder, done again with these settings. Raises as `run` does."""
    job = assemble(settings, means)
    with watched(job):
        return job, again.again(folder, stage, job)


def _cluster(job: Job, means: Means) -> Engine:
    """Raises AgentHERError where Ray is not installed, and for what no cluster is needed for."""
    if means.batch or means.batch_dir:
        raise AgentHERError("batches wait for their answers, for which no cluster is needed; leave out the engine")
    needs("ray")
    from agenther.jobs.engines.ray import Cluster  # noqa: PLC0415 - an extra, and slow to import

    return Cluster(job.access.model if job.access else None)


def _run(logs: Logs, out: Path, settings: Settings, means: Means, start: Start, tick: Tick) -> Done:
    paths = _paths(logs)
    reading.check(paths, settings, out)
    job = job_for(settings, means, out, start)
    return loop.run(paths, out, replace(job, processes=min(job.processes, start.processes)), tick)


def _relabeled(
    items: Iterable[Trajectory | Rejection], settings: Settings, means: Means
) -> Generator[Result, None, None]:
    if means.batch or means.batch_dir:
        raise AgentHERError("answers of a batch are kept in a run folder; use `run`")
    check(settings, means)
    job = assemble(settings, means)

    async def one(item: Trajectory | Rejection) -> Result:
        if isinstance(item, Rejection):
            return Result(run_id="", rejection=item)
        return await settle(job.crew, job.made, item)

    at_once = job.access.at_once if job.access else 1
    yield from one_by_one(map(one, items), again.AHEAD * at_once, job.close)


def _check(formats: Iterable[str]) -> None:
    if unknown := sorted({*formats} - PACKAGERS.keys()):
        raise AgentHERError(f"no dataset format is called {unknown[0]}; there are {', '.join(PACKAGERS)}")


def _paths(logs: Logs) -> tuple[Path, ...]:
    named = (logs,) if isinstance(logs, str | Path) else tuple(logs)
    return tuple(map(local, named))

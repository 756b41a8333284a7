"""The loop: logs in, a finished run folder out.

Runs go through all stages independently of each other. With a model, a few more of them are in work than calls may
be under way, so that none has to be waited for; by rules, which is computing alone, large inputs are spread over all
cores (`spread.py`). Both ways give the same bytes.
"""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic_core import from_json

from agenther import store
from agenther.errors import CapError, PendingError
from agenther.files import part, usable
from agenther.llm.access import Access
from agenther.llm.batch import refuse_pending
from agenther.packagers.write import Written
from agenther.pipeline import Crew, Rules, reject
from agenther.readers.find import files
from agenther.records import Judged, Reason, Rejection, Trajectory
from agenther.run import workers
from agenther.run.settle import settle
from agenther.run.spread import AHEAD, Entry, ahead, batches, items, merged, size_of, whole, work_off
from agenther.store.journal import Intake, Journal, MadeWith, block, forgotten, unpacked
from agenther.tally.counts import Counts, Fate
from agenther.tally.ledger import Books, Ledger
from agenther.tally.panel import Panel, panel

PAID = "paid"
"""The file in which an unfinished run writes down what it has paid."""
AGAIN = frozenset({Reason.BAD_ANSWER, Reason.INTERNAL})
"""Reasons that lie with the model or with us, not with the run."""
SMALL = 2 * 1024 * 1024
"""Bytes of logs below which starting other processes costs more than it saves."""


@dataclass(frozen=True)
class Job:
    """Everything that a run is done with; `assemble.py` makes it."""

    made: MadeWith
    crew: Crew
    rules: Rules
    package: Callable[[Path, Path], Written]
    """Writes the datasets of a run folder into a folder of its own."""
    close: Callable[[], Coroutine[None, None, None]]
    """Gives the models' connections back."""
    processes: int
    """How many processes may share the work; 1 with a model."""
    access: Access | None = None
    """To its models; None when it has none."""
    again: frozenset[Reason] = frozenset()
    """Runs that were rejected for these reasons are done again."""


@dataclass
class Progress:
    """How far a run is, for people to look at."""

    files: int = 0
    """How many there are."""
    files_done: int = 0
    read: int = 0
    with_samples: int = 0
    rejected: int = 0
    taken_over: int = 0
    """Runs whose result stood in the folder already."""
    waiting: int = 0
    """Runs whose next answers are still to come, in a batch."""


Tick = Callable[[Progress], None]
"""Told of each step forward; it must not block."""


@dataclass(frozen=True)
class Done:
    """A finished run folder."""

    counts: Counts
    written: Written
    gone: int
    """Runs of an earlier run into the same folder that are not among the logs any more."""
    ledger: Ledger | None
    panel: Panel | None


def run(logs: tuple[Path, ...], out: Path, job: Job, tick: Tick) -> Done:
    """Everything from logs to datasets, into `out`.

    Raises ModelError, CapError or StoreError, and PendingError while answers of a batch are to come; what is done by
    then is kept.
    """
    before = store.run_file(out)
    with store.opened(out, job.made, job.again) as (intake, journal):
        if job.access:
            _open(job.access, out, before.ledger if before else None, forget=bool(job.again))
        work = Work(intake, journal, job, tick)
        found = partial(entries, logs, out)
        size = work.measure(found())
        if job.processes > 1 and size > SMALL:
            work.spread(found(), out)
        else:
            asyncio.run(work.here(found()))
        counts, books = store.finish(out, intake, journal)
        assert counts.read == counts.with_samples + counts.rejected, f"runs were lost: {counts!r}"
        written = store.write_dataset(out, partial(job.package, out))
        ledger = books.ledger(counts.samples)
        said = panel(job.crew.judges, store.records(out / "proposals.jsonl", Judged), job.rules.theta)
        store.seal(out, store.RunFile(made_with=job.made, counts=counts, ledger=ledger, panel=said))
        part(out / PAID).unlink(missing_ok=True)
        gone = len(journal.offsets.keys() - intake.seen - intake.forgotten)
        return Done(counts, written, gone, ledger, said)


def _open(access: Access, out: Path, before: Ledger | None, *, forget: bool) -> None:
    """Gets ready for the first call."""
    if access.waves:
        access.waves.open(out)
    else:
        refuse_pending(out)
    access.open(part(out / PAID), before.usd or 0 if before else 0)
    if forget:
        access.forget_unusable()


def entries(logs: tuple[Path, ...], out: Path) -> Iterator[Entry]:
    """The files under `logs`, without those forgotten, and without the run folder, should it lie among them."""
    left_out = forgotten(out)
    for entry in files(logs, leave_out=out):
        if (entry.path if isinstance(entry, Rejection) else entry.name) not in left_out:
            yield entry


@dataclass
class Work:
    """One run under way."""

    intake: Intake
    journal: Journal
    job: Job
    tick: Tick
    progress: Progress = field(default_factory=Progress)
    capped: CapError | None = None
    """Why no more runs are begun; those under way end as far as the money goes."""
    left: int = 0
    """Runs that were not done for that reason."""
    settled: int = 0
    books: Books = field(default_factory=Books)
    """What the settled ones cost."""

    def measure(self, found: Iterable[Entry]) -> int:
        """Bytes of logs. Tells how many files there are."""
        size = 0
        for entry in found:
            self.progress.files += 1
            size += size_of(entry)
        return size

    async def here(self, found: Iterable[Entry]) -> None:
        """Does everything in this process. What was begun when an error ends it is lost, what was finished is not."""
        concurrency = self.job.made.settings.concurrency
        free = asyncio.Semaphore(self.job.access.at_once if self.job.access else concurrency)
        found_items = items(self._counted(found), self.job.made.settings.log_format)
        waves = self.job.access.waves if self.job.access else None
        try:
            if waves:
                await waves.begin()
            async with asyncio.TaskGroup() as group:
                async for item, is_last in ahead(found_items, min(concurrency, AHEAD)):
                    if isinstance(item, Rejection):
                        self._unread(item)
                    elif not isinstance(item, Trajectory):
                        self.intake.ignored += 1
                    elif self._takes(item.id, item.model_dump_json().encode()) and not self._knows(item.id):
                        if not (is_last and self.job.access):  # the last are begun together, else few are left at work
                            await free.acquire()
                        group.create_task(self._settle(item)).add_done_callback(lambda _task: free.release())
            if waves and self.progress.waiting:
                raise await waves.send()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            await self.job.close()
        if self.capped:
            raise self._short_of(self.capped)

    async def _settle(self, trajectory: Trajectory) -> None:
        if self.capped:
            self.left += 1
            return
        try:
            result = await settle(self.job.crew, self.job.rules, self.job.made.prompts, trajectory)
        except PendingError:
            self.progress.waiting += 1
            return
        except CapError as error:
            self.capped = error
            self.left += 1
            return
        self._done(trajectory.id, block(trajectory, result), accepted=bool(result.samples))
        for spent in result.spent:
            self.books.add(spent)
        self.settled += 1

    def _short_of(self, capped: CapError) -> CapError:
        """The error with what it would take to finish, as far as the runs that were done tell."""
        assert self.job.access
        ledger = self.books.ledger(self.settled)
        more = f" for about {ledger.usd_per_sample * self.left:.4f} USD" if ledger and ledger.usd_per_sample else ""
        return CapError(capped.cap, self.job.access.purse.paid, f", {self.left} runs are left{more}")

    def spread(self, found: Iterable[Entry], out: Path) -> None:
        """Does everything in other processes; only what they made comes back here."""
        folder = part(out / "work")
        with usable(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        made = self.job.made
        each = partial(settle, self.job.crew, self.job.rules, made.prompts)
        work = partial(work_off, each, made.settings.log_format, self.intake.forgotten.union(self.journal.offsets))
        tasks = batches(self._counted(found), self.job.processes)
        try:
            for paths in whole(workers.ordered(work, tasks, folder, self.job.processes)):
                for lines in merged(paths):
                    self._put(lines)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _put(self, lines: list[bytes]) -> None:
        """Takes over one item from another process."""
        name, record = unpacked(lines[-1])
        if name == "ignored":
            self.intake.ignored += 1
        elif name == "unread":
            self._unread(Rejection.model_validate_json(record))
        elif name == "known":
            run_id = from_json(record)
            if self._takes(run_id, unpacked(lines[0])[1]):
                self._knows(run_id)
        else:
            fate = Fate.model_validate_json(record)
            if self._takes(fate.run_id, unpacked(lines[0])[1]):
                self._done(fate.run_id, b"".join(lines[1:]), accepted=bool(fate.kinds))

    def _takes(self, run_id: str, trajectory: bytes) -> bool:
        """Takes a run in; False if it was forgotten, and, with a rejection, if it was read before."""
        if run_id in self.intake.forgotten:
            return False
        if run_id in self.intake.seen:
            again = Trajectory.model_validate_json(trajectory)
            duplicate = reject(again, "read", Reason.DUPLICATE, f"the same run as {run_id}, which was read before")
            self._unread(duplicate.model_copy(update={"run_id": None}))
            return False
        self.intake.add_run(run_id, trajectory)
        self.progress.read += 1
        return True

    def _unread(self, rejection: Rejection) -> None:
        self.intake.add_unread(rejection)
        self.progress.read += 1
        self.progress.rejected += 1
        self.tick(self.progress)

    def _knows(self, run_id: str) -> bool:
        """Does the result stand in the folder already?"""
        known = run_id in self.journal.offsets
        self.progress.taken_over += known
        return known

    def _done(self, run_id: str, lines: bytes, *, accepted: bool) -> None:
        self.journal.add(run_id, lines)
        self.progress.with_samples += accepted
        self.progress.rejected += not accepted
        self.tick(self.progress)

    def _counted(self, found: Iterable[Entry]) -> Iterator[Entry]:
        for entry in found:
            yield entry
            self.progress.files_done += 1
            self.tick(self.progress)

"""The runs, each through all stages, in this process or in others."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agenther.errors import CapError, PendingError
from agenther.files import part, usable
from agenther.jobs.engines.base import Engine
from agenther.jobs.job import Job, Progress, Tick
from agenther.jobs.reading import AHEAD, ahead, found, size_of
from agenther.jobs.settle import settle
from agenther.jobs.spread import Orders, merged, whole
from agenther.pipeline import reject
from agenther.readers.find import Entry
from agenther.readers.log import Folder
from agenther.records import Reason, Rejection, Spent, Trajectory
from agenther.store.inputs import Input
from agenther.store.intake import Intake
from agenther.store.journal import Journal, block, unpacked
from agenther.tally.counts import Fate
from agenther.tally.ledger import Books


@dataclass
class Found:
    """What there was in the logs of one start."""

    files: int = 0
    runs: int = 0
    """Those too that another log holds."""
    no_runs: Counter[str] = field(default_factory=Counter)
    """What holds none, by why."""
    first: Rejection | None = None
    """Of what could not be read."""
    rows: set[int] = field(default_factory=set)
    """Of the user's file of labels, those about a run."""


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
    books: Books = field(default_factory=Books)
    """What the settled ones cost."""
    found: Found = field(default_factory=Found)

    def __post_init__(self) -> None:
        if self.job.access:
            self.job.access.meter.tell = lambda: self.tick(self.progress)

    def measure(self, looked_at: Iterable[tuple[str, Entry | Folder]]) -> tuple[int, set[str]]:
        """(bytes of logs, marks of all files and folders). Tells how many files there are."""
        size = 0
        marks: set[str] = set()
        for file, entry in looked_at:
            marks.add(file)
            if not isinstance(entry, Folder):
                self.progress.files += 1
                self.found.files += 1
                size += size_of(entry)
        return size, marks

    async def do(self, entries: Iterable[tuple[str, Entry]], out: Path, engine: Engine | None) -> None:
        """Does everything: in this process, or what is to be read by the engine, for the folder `out`.

        What was begun when an error ends it is lost, what was finished is not.
        """
        try:
            if engine:
                await self._by(engine, entries, out)
                entries = ()
            await self._here(entries)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            await self.job.close()
        if self.capped:
            raise self._short_of(self.capped)

    async def _here(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """These, and the runs of before that stay and were not done."""
        concurrency = self.job.made.settings.concurrency
        free = asyncio.Semaphore(self.job.access.at_once if self.job.access else concurrency)
        looked_at = found(self._counted(entries), self.job.made.settings)
        waves = self.job.access.waves if self.job.access else None
        if waves:
            await waves.begin()
        async with asyncio.TaskGroup() as group:
            async for (one, run), is_last in ahead(looked_at, min(concurrency, AHEAD)):
                if run is None:
                    self._no_run(one)
                elif self._takes(one, run.model_dump_json().encode()) and not self._knows(run.id):
                    if not (is_last and self.job.access):  # the last are begun together, else few are left at work
                        await free.acquire()
                    group.create_task(self._settle(run)).add_done_callback(lambda _task: free.release())
            for run in self.intake.waiting(self.journal):
                await free.acquire()
                group.create_task(self._settle(run)).add_done_callback(lambda _task: free.release())
        if waves and self.progress.waiting:
            raise await waves.send()

    async def _settle(self, trajectory: Trajectory) -> None:
        if self.capped:
            self.left += 1
            return
        try:
            result = await settle(self.job.crew, self.job.made, trajectory)
        except PendingError:
            self.progress.waiting += 1
            return
        except CapError as error:
            self.capped = error
            self.left += 1
            return
        self._done(trajectory.id, block(trajectory, result), result.spent, accepted=bool(result.samples))

    def _closed(self) -> CapError | None:
        """Why models are asked nothing any more."""
        closed = self.job.access.purse.closed if self.job.access else None
        return closed if isinstance(closed, CapError) else None

    def _short_of(self, capped: CapError) -> CapError:
        """The error with what it would take to finish, as far as the runs that were done tell."""
        assert self.job.access
        ledger = self.books.ledger(self.progress.settled)
        more = f" for about {ledger.usd_per_sample * self.left:.4f} USD" if ledger and ledger.usd_per_sample else ""
        return CapError(capped.cap, self.job.access.purse.paid, f", {self.left} runs are left{more}")

    async def _by(self, engine: Engine, entries: Iterable[tuple[str, Entry]], out: Path) -> None:
        """Does these elsewhere; only what was made comes back here."""
        job = self.job
        assert job.hire
        done = self.intake.forgotten.union(self.journal.offsets, job.earlier)
        orders = Orders(job.made, job.hire, job.crew.known, done, job.access.at_once if job.access else 1)
        with _scratch(part(out / "work")) as folder:
            async with aclosing(engine.each(orders, entries, folder)) as made:
                async for batch, files in whole(made):
                    for lines in merged(files):
                        self._put(lines)
                    self.progress.files_done += len(batch.entries)
                    self.tick(self.progress)

    def _put(self, lines: list[bytes]) -> None:
        """Takes over one item from a worker."""
        one = Input.model_validate_json(unpacked(lines[0])[1])
        if len(lines) == 1:
            self._no_run(one)
        elif self._takes(one, unpacked(lines[1])[1]) and not self._knows(one.run_id or ""):
            closing, record = unpacked(lines[-1])
            if closing == "left":
                self.capped = self._closed()
                self.left += 1
                return
            spent = [Spent.model_validate_json(line) for name, line in map(unpacked, lines[2:]) if name == "calls"]
            fate = Fate.model_validate_json(record)
            self._done(fate.run_id, b"".join(lines[2:]), spent, accepted=bool(fate.kinds))

    def _no_run(self, one: Input) -> None:
        """Takes in what could not be read, what was read before, or a file that holds nothing."""
        self.intake.add(one)
        if one.run_id is None:
            self.found.no_runs[one.unread.reason if one.unread else one.ignored] += 1
            self.found.first = self.found.first or one.unread
        if one.unread:
            self.progress.read += 1
            self.progress.rejected += 1
            self.tick(self.progress)

    def _takes(self, one: Input, line: bytes) -> bool:
        """Takes a run in; False if it was forgotten, and, with a rejection, if another log or round holds it."""
        run_id = one.run_id or ""
        self.found.runs += 1
        self.found.rows.update(one.rows)
        if one.is_named(self.intake.forgotten):
            return False
        if number := self.job.earlier.get(run_id):
            return self._repeats(one, line, Reason.EARLIER_ROUND, f"the same run as {run_id}, which round {number} has")
        if self.intake.has(run_id, line):
            return self._repeats(one, line, Reason.DUPLICATE, f"the same run as {run_id}, which was read before")
        self.intake.add(one, line)
        self.progress.read += 1
        return True

    def _repeats(self, one: Input, line: bytes, reason: Reason, detail: str) -> bool:
        """Takes it in as no run of its own."""
        again = reject(Trajectory.model_validate_json(line), "read", reason, detail)
        self._no_run(one.model_copy(update={"unread": again.model_copy(update={"run_id": None})}))
        return False

    def _knows(self, run_id: str) -> bool:
        """Does the result stand in the folder already?"""
        known = run_id in self.journal.offsets
        self.progress.taken_over += known
        return known

    def _done(self, run_id: str, lines: bytes, spent: Iterable[Spent], *, accepted: bool) -> None:
        for one in spent:
            self.books.add(one)
            self.progress.calls += one.calls
        self.progress.settled += 1
        self.journal.add(run_id, lines)
        self.progress.with_samples += accepted
        self.progress.rejected += not accepted
        self.tick(self.progress)

    def _counted(self, entries: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
        for entry in entries:
            yield entry
            self.progress.files_done += 1
            self.tick(self.progress)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """An empty folder, which is gone afterwards."""
    with usable(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""The loop: logs in, a finished run folder out.

Runs go through all stages independently of each other. With a model, a few more of them are in work than calls may
be under way, so that none has to be waited for; by rules, which is computing alone, large inputs are spread over all
cores. A cluster takes either (`engines`). All ways give the same bytes.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from agenther.files import part
from agenther.jobs.engines.processes import Processes
from agenther.jobs.garbage import rarely_collected
from agenther.jobs.job import Job, Tick
from agenther.jobs.reading import entries, looked_at
from agenther.jobs.told import report
from agenther.jobs.work import Found, Work
from agenther.judges.grounded import proof
from agenther.llm.access import Access
from agenther.llm.batch import refuse_pending
from agenther.packagers.folder import check, package
from agenther.packagers.write import Written
from agenther.records import Judged
from agenther.store import rounds, run_folder
from agenther.store.lines import records
from agenther.tally.counts import Counts
from agenther.tally.ledger import Ledger
from agenther.tally.panel import Panel, panel

PAID = "paid"
"""The file in which an unfinished run writes down what it has paid."""
SMALL = 2 * 1024 * 1024
"""Bytes of logs below which starting other processes costs more than it saves."""


@dataclass(frozen=True)
class Done:
    """A finished run folder."""

    counts: Counts
    written: Written
    kept: int
    """Runs of before that stay, though their logs are not among these."""
    gone: int
    """Runs of before that do not: their logs hold them no more, or they are to be replaced."""
    ledger: Ledger | None
    panel: Panel | None
    found: Found
    """In the logs of this start."""


def run(logs: tuple[Path, ...], out: Path, job: Job, tick: Tick) -> Done:
    """Everything from logs to datasets, into `out`.

    Raises ModelError, CapError or StoreError, and PendingError while answers of a batch are to come; what is done by
    then is kept.
    """
    with (
        rounds.held(out, job.made) as earlier,
        run_folder.opened(out, job.made, job.again, rounds.gone(earlier)) as (intake, journal),
    ):
        check(out)
        if earlier:
            rounds.tell(earlier[-1].folder, out)
        if job.access:
            _open(job.access, out, forget=bool(job.again))
        work = Work(intake, journal, job, tick)
        size, marks = work.measure(looked_at(logs, out, job.shard))
        if not job.replace:
            intake.keep(marks)
        here = Processes(job.processes) if job.processes > 1 and size > SMALL else None
        with rarely_collected():
            asyncio.run(work.do(entries(logs, out, job.shard), out, job.engine or here))
        counts, books = run_folder.finish(out, intake, journal)
        assert counts.read == counts.with_samples + counts.rejected, f"runs were lost: {counts!r}"
        written = package(out, job.made.settings.formats, None, proof, [one.folder for one in earlier])
        ledger = books.ledger(counts.samples)
        said = panel(job.crew.judges, records(out / "proposals.jsonl", Judged), job.made.settings)
        run = run_folder.RunFile(made_with=job.made, counts=counts, ledger=ledger, panel=said)
        report(out, run, written, [one.run.counts for one in earlier])
        run_folder.seal(out, run)
        part(out / PAID).unlink(missing_ok=True)
        gone = len(journal.offsets.keys() - intake.seen.keys() - intake.kept.keys() - intake.forgotten)
        return Done(counts, written, len(intake.kept), gone, ledger, said, work.found)


def _open(access: Access, out: Path, *, forget: bool) -> None:
    """Gets ready for the first call."""
    if access.waves:
        access.waves.open(out)
    else:
        refuse_pending(out)
    before = run_folder.last_sealed(out)
    access.open(part(out / PAID), before.ledger if before else None)
    if forget:
        access.forget_unusable()

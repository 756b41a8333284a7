"""What a run will take, what it came to and what it took, for people."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agenther.jobs.estimate import Estimate
    from agenther.jobs.job import Job
    from agenther.llm.access import Access
    from agenther.packagers.write import Written
    from agenther.tally.counts import Counts
    from agenther.tally.ledger import Ledger
    from agenther.tally.panel import Panel


def summary(counts: "Counts", written: "Written", panel: "Panel | None" = None) -> None:
    """What was made, in tables."""
    from agenther.cli.show import show
    from agenther.packagers.base import SPLITS
    from agenther.report import by_number, datasets, labels, reports
    from agenther.tally.panel import tables

    packed = datasets(written.rows, written.left_out, SPLITS)
    others = [by_number(title, found) for title, found in written.counted.items()]
    judges = tables(panel) if panel else ()
    show([*reports(counts.groups), *judges, packed, labels(written.balances), *others])


def in_short(counts: "Counts") -> str:
    """All logs in one line: 41 samples from 30 runs, 9 rejected (6 no-goal-proposed, 3 unknown-format)."""
    reasons = ", ".join(f"{logs} {reason}" for reason, logs in counts.rejected_by_reason.items())
    rejected = f"{counts.rejected} rejected" + (f" ({reasons})" if reasons else "")
    unfinished = f", {counts.unfinished} waiting for the next stage" if counts.unfinished else ""
    forgotten = f", {counts.forgotten} forgotten" if counts.forgotten else ""
    kinds = ", ".join(f"{files} {kind}" for kind, files in counts.passed_over.items())
    others = f", {counts.ignored} files passed over ({kinds})" if kinds else ""
    return f"{counts.samples} samples from {counts.with_samples} runs, {rejected}{unfinished}{forgotten}{others}"


def foresee(logs: tuple[Path, ...], out: Path, job: "Job", access: "Access") -> "Estimate":
    """What is to be expected, before the first call."""
    from agenther.cli.show import show
    from agenther.jobs.estimate import estimate, in_words, table
    from agenther.prompt import load

    expected = estimate(logs, out, job, load())
    show([table(expected, access.free)], err=True)
    click.echo(in_words(expected), err=True)
    if access.free:
        free = ", ".join(sorted(access.free))
        click.echo(f"{free}: 0 USD, since asked at local endpoints alone; --price MODEL=IN,OUT sets another", err=True)
    return expected


def money(ledger: "Ledger", access: "Access") -> None:
    """What models were asked, and what of it was paid for now."""
    from agenther.cli.show import show
    from agenther.tally.ledger import in_words, table

    show([table(ledger, access.free)])
    click.echo(in_words(ledger, now=access.paid_now, calls=access.purse.calls))

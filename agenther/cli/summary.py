"""What a run will take, what it came to and what it took, for people."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agenther.cli.plain import plain
from agenther.errors import AgentHERError

if TYPE_CHECKING:
    from agenther.jobs.estimate import Estimate
    from agenther.jobs.job import Job
    from agenther.jobs.loop import Done
    from agenther.jobs.work import Found
    from agenther.llm.access import Access
    from agenther.packagers.write import Written
    from agenther.tally.counts import Counts
    from agenther.tally.ledger import Ledger
    from agenther.tally.panel import Panel


VERBOSE = click.option("--verbose", is_flag=True, help="Print all tables too; report.md in the run folder has them.")
WIDTH = 100
"""Columns of a line of it, about."""
IN_A_LINE = 4
"""Formats."""
MOST = 6
"""Reasons that a screen names."""


def result(done: "Done", logs: Iterable[object], out: Path, job: "Job", *, verbose: bool) -> None:
    """All that a run came to. Raises AgentHERError when there was none in its logs."""
    from agenther.readers.labels.given import unmatched

    if done.kept:
        stay = f"{done.kept} runs of before are of other logs, and stay; --replace would leave them out"
        click.echo(f"agenther: {stay}", err=True)
    if done.gone:
        click.echo(f"agenther: {done.gone} runs of before are not in these logs; they were left out", err=True)
    if not done.found.runs and not job.shard:  # a part may be empty
        raise _nothing(logs, done.found)
    if missed := unmatched(job.made.settings, done.found.rows):
        click.echo(f"agenther: warning: {plain(missed)}", err=True)
    if verbose:
        in_tables(done.counts, done.panel, done.written)
    screen(done.counts, done.written, out, by_rules=job.made.settings.model is None)
    if done.ledger and job.access:
        money(done.ledger, job.access)
    click.echo(f"{in_short(done.counts)} -> {out}/")


def in_tables(counts: "Counts", panel: "Panel | None", written: "Written") -> None:
    """All that was counted."""
    from agenther.cli.show import show
    from agenther.jobs.told import tables

    show(tables(counts, panel, written))


def screen(counts: "Counts", written: "Written", folder: Path, *, by_rules: bool) -> None:
    """What was made, what was lost and why, what to do next: on one screen."""
    for title, lines in (
        ("Made", _made(counts, written)),
        ("Lost", _lost(counts, written)),
        ("Next", _next(counts, written, folder, by_rules=by_rules)),
    ):
        click.echo(title)
        for line in lines:
            click.echo(f"  {line}")


def _made(counts: "Counts", written: "Written") -> Iterator[str]:
    from agenther.packagers.base import SPLITS

    yield f"{counts.samples} samples from {counts.with_samples} of the {counts.read} runs and files that were read"
    told = [f"{name} {' + '.join(str(rows[split]) for split in SPLITS)}" for name, rows in written.rows.items() if rows]
    if told:
        yield "rows to train on + to test:"
        for at in range(0, len(told), IN_A_LINE):
            yield f"  {'   '.join(told[at : at + IN_A_LINE])}"


def _lost(counts: "Counts", written: "Written") -> Iterator[str]:
    from agenther.tally.reasons import WHY

    reasons = list(counts.rejected_by_reason.items())
    for reason, logs in reasons[:MOST]:
        yield f"{logs} {reason}: {WHY[reason]}"
    if others := reasons[MOST:]:
        yield f"{sum(logs for _, logs in others)} for {len(others)} other reasons"
    if counts.ignored:
        kinds = ", ".join(f"{files} {kind}" for kind, files in counts.passed_over.items())
        yield textwrap.shorten(f"{counts.ignored} files hold no runs ({kinds})", WIDTH, placeholder=" …)")
    told = [f"{number} samples, since {rule}" for rule, number in written.samples.most_common()]
    told += [f"{found.total()} of {name}" for name, found in written.left_out.items() if found]
    if told:
        yield textwrap.shorten(f"left out of the datasets: {', '.join(told)}", WIDTH, placeholder=" …")
    if not (reasons or counts.ignored or told):
        yield "nothing"


def _next(counts: "Counts", written: "Written", folder: Path, *, by_rules: bool) -> Iterator[str]:
    from agenther.packagers.base import parts_of
    from agenther.packagers.notes import to_set
    from agenther.packagers.table import EVERY

    yield from islice(to_set(parts_of(EVERY), written.lengths, written.balances), MOST)
    if counts.samples:
        yield f"agenther report {folder} --open shows what was made, agenther review {folder} lets you judge it"
    if by_rules and counts.read > counts.with_samples:
        yield "by rules few runs give samples; --model NAME, into another --out, finds goals in more"
    if written.left_out:
        yield f"{folder}/dataset/left_out.jsonl tells of each row why it was left out, rejections.jsonl of each run"
    yield f"{folder}/dataset/README.md tells how to train on them, {folder}/report.md holds all tables (--verbose)"


def _nothing(logs: Iterable[object], found: "Found") -> AgentHERError:
    """No run was found, and what was looked at."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in found.no_runs.most_common())
    first = f"; the first: {found.first.path}: {found.first.detail.rstrip('.')}" if found.first else ""
    looked_at = f"{found.files} files were looked at" + (f" ({kinds}{first})" if kinds else "")
    return AgentHERError(f"no run was found in {', '.join(map(str, logs))}: {looked_at}")


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


def money(ledger: "Ledger", access: "Access", *, err: bool = False) -> None:
    """What models were asked, and what of it was paid for now."""
    from agenther.cli.show import show
    from agenther.tally.ledger import in_words, table

    show([table(ledger, access.free)], err=err)
    click.echo(in_words(ledger, now=access.paid_now, calls=access.purse.calls), err=err)

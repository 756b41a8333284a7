"""For people to look at: tables, and how far the work is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import to_json
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table as RichTable
from rich.text import Text

from agenther.cli.pace import Pace
from agenther.cli.plain import plain
from agenther.cli.waiting import Countdown, waits_told
from agenther.jobs.estimate import Estimate
from agenther.jobs.job import Job, Progress, Tick
from agenther.tally.counts import Table

PLAIN_WIDTH = 120
"""Columns of output that goes to a file."""
EVERY = 5.0
"""Seconds between plain lines."""
REDRAWN = 0.1
"""Seconds between changes of the bar."""


def show(tables: Iterable[Table], *, err: bool = False) -> None:
    """Prints the tables that have rows; text columns left, numbers right."""
    console = Console(stderr=err)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    for table in tables:
        rich = RichTable(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
        for index, column in enumerate(table.columns):
            numeric = all(row[index][:1].isdigit() for row in table.rows)
            rich.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in table.rows:
            rich.add_row(*(Text(plain(cell)) for cell in row))
        if table.rows:
            console.print(rich)


def as_lines(found: Iterable[Any]) -> None:
    """Prints a JSON object on each line, for other programs."""
    for one in found:
        sys.stdout.buffer.write(to_json(one) + b"\n")


@contextmanager
def shown(job: Job, expected: Estimate | None = None) -> Iterator[Tick]:
    """A function to tell progress to, which is shown on stderr. Waits for models are shown too."""
    console = Console(stderr=True)
    pace = Pace(job.access, expected) if job.access else None
    if not console.is_terminal:
        with waits_told(job):
            yield _rarely(EVERY, lambda progress: console.print(_told(progress, pace), highlight=False, soft_wrap=True))
        return
    columns = (TextColumn("files"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    bar, waiting = Bar(*columns, TimeElapsedColumn()), Countdown()
    task = bar.add_task("", total=None)
    with (
        waits_told(job, waiting),
        Live(Group(bar, waiting), console=console, transient=True, refresh_per_second=10),
    ):
        yield _rarely(
            REDRAWN,
            lambda progress: bar.update(
                task, total=progress.files, completed=progress.files_done, description=_runs(progress, pace)
            ),
        )


def _rarely(seconds: float, tell: Tick) -> Tick:
    last = time.monotonic()

    def tick(progress: Progress) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= seconds:
            last = now
            tell(progress)

    return tick


def _told(progress: Progress, pace: Pace | None) -> str:
    return f"{progress.files_done} of {progress.files} files: {_runs(progress, pace)}"


def _runs(progress: Progress, pace: Pace | None) -> str:
    known = f", {progress.taken_over} known from before" if progress.taken_over else ""
    runs = f"{progress.read} read, {progress.with_samples} with samples, {progress.rejected} rejected{known}"
    return f"{runs}; {models}" if pace and (models := pace.told(progress)) else runs

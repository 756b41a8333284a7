"""What asking models will take, and what it took, for people."""

# ruff: noqa: PLC0415 - polars and rich are loaded only when something is shown

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agenther.llm.access import Access
    from agenther.run import Job
    from agenther.tally.ledger import Ledger


def foresee(logs: tuple[Path, ...], out: Path, job: "Job", access: "Access") -> None:
    """What is to be expected, before the first call."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.prompt import load
    from agenther.run.estimate import estimate, in_words, table

    expected = estimate(logs, out, job, load())
    show(Console(stderr=True), [table(expected, access.free)])
    click.echo(in_words(expected), err=True)
    if access.free:
        free = ", ".join(sorted(access.free))
        click.echo(f"{free}: 0 USD, since asked at local endpoints alone; --price MODEL=IN,OUT sets another", err=True)


def money(ledger: "Ledger", access: "Access") -> None:
    """What models were asked, and what of it was paid for now."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.tally.ledger import in_words, table

    show(Console(), [table(ledger, access.free)])
    click.echo(in_words(ledger, now=access.paid_now, calls=access.purse.calls))

"""What asking models will take, and what it took, for people."""

# ruff: noqa: PLC0415 - polars and rich are loaded only when something is shown

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agenther.llm.access import Access
    from agenther.run import Job
    from agenther.settings import Price
    from agenther.tally.ledger import Ledger


def foresee(logs: tuple[Path, ...], out: Path, job: "Job", prices: "Mapping[str, Price]") -> None:
    """What is to be expected, before the first call."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.prompt import load
    from agenther.run.estimate import estimate, in_words, table

    expected = estimate(logs, out, job.made.settings, load(), prices, job.again)
    show(Console(stderr=True), [table(expected)])
    click.echo(in_words(expected), err=True)


def money(ledger: "Ledger", access: "Access") -> None:
    """What models were asked, and what of it was paid for now."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.tally.ledger import in_words, table

    show(Console(), [table(ledger)])
    click.echo(in_words(ledger, now=access.paid_now, calls=access.purse.calls))

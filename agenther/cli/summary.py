"""What a run came to, for people."""

# ruff: noqa: PLC0415 - polars and rich are loaded only when something is shown

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agenther.packagers.write import Written
    from agenther.tally.counts import Counts
    from agenther.tally.panel import Panel


def summary(counts: "Counts", written: "Written", panel: "Panel | None" = None) -> None:
    """What was made, in tables."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.packagers.base import SPLITS
    from agenther.report import by_number, datasets, labels, reports
    from agenther.tally.panel import tables

    packed = datasets(written.rows, written.left_out, SPLITS)
    others = [by_number(title, found) for title, found in written.counted.items()]
    judges = tables(panel) if panel else ()
    show(Console(), [*reports(counts.groups), *judges, packed, labels(written.balances), *others])


def in_short(counts: "Counts") -> str:
    """All logs in one line: 41 samples from 30 runs, 9 rejected (6 no-goal-proposed, 3 unknown-format)."""
    reasons = ", ".join(f"{logs} {reason}" for reason, logs in counts.rejected_by_reason.items())
    rejected = f"{counts.rejected} rejected" + (f" ({reasons})" if reasons else "")
    unfinished = f", {counts.unfinished} waiting for the next stage" if counts.unfinished else ""
    forgotten = f", {counts.forgotten} forgotten" if counts.forgotten else ""
    return f"{counts.samples} samples from {counts.with_samples} runs, {rejected}{unfinished}{forgotten}"

"""The commands that do one stage again on a finished run folder."""

from pathlib import Path
from typing import Any

import click

from agenther.address import Address
from agenther.cli.ending import errors_reported, report_spoilt
from agenther.cli.options.judges import MOVED
from agenther.cli.options.means import RUN, limits, means
from agenther.cli.rounds import warn_of_later
from agenther.cli.summary import in_short, money
from agenther.ladder import STAGES, Stage
from agenther.settings import Means, Settings


def command(number: int, stage: Stage) -> click.Command:
    """The command that does one stage again."""

    @click.command(
        stage.name,
        help=f"Stage {number} again on the run folder RUN: {stage.about}\n\n"
        "With a model this costs what is not kept of its answers.",
    )
    @RUN
    @MOVED
    @limits
    def once_more(run: Path, base_url: Address | None, **choices: Any) -> None:
        with errors_reported():
            from agenther.library import finished

            allowed = means(choices, base_url)
            redo(run, stage.name, allowed, finished(run).made_with.settings.moved(base_url))

    return once_more


def __getattr__(name: str) -> click.Command:
    """The command of the stage of that name."""
    if name not in STAGES or STAGES[name].is_optional:
        raise AttributeError(name)
    numbered = [stage.name for stage in STAGES.values() if not stage.is_optional]
    return command(numbered.index(name) + 1, STAGES[name])


def redo(folder: Path, stage: str, allowed: Means, settings: Settings, *, err: bool = False) -> None:
    """Does one stage with these settings, which are the folder's own but for what is about this stage, and the prompts
    as they are now.
    """
    from agenther.cli.waiting import waits_told
    from agenther.library import redone

    warn_of_later(folder)
    job, done = redone(folder, stage, settings, allowed, waits_told)
    if done.removed:
        click.echo(f"agenther: removed, since they came from the old bytes: {', '.join(done.removed)}", err=True)
    change = "the result is new" if done.changed else "the same result as before, nothing changed"
    click.echo(f"{stage}: {change}; {in_short(done.counts)} -> {folder}/", err=err)
    if done.ledger and job.access:
        money(done.ledger, job.access, err=err)
    report_spoilt(done.counts, folder)

"""The commands that do one stage again on a finished run folder."""

# ruff: noqa: PLC0415 - what only one command needs is imported inside it, as in `cli`
# ruff: noqa: D301 - click wants the character \b itself before lines that it must not fill

from pathlib import Path
from typing import Any

import click

from agenther.address import Address
from agenther.cli.costs import money
from agenther.cli.dataset_options import choices, names, packaging
from agenther.cli.judge_options import MOVED
from agenther.cli.options import RUN, limits, means
from agenther.cli.summary import in_short, summary
from agenther.cli.told import own_up, told
from agenther.ladder import STAGES, Stage
from agenther.settings import Means


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
        redo(run, stage.name, base_url, means(choices, base_url))

    return once_more


STAGE_COMMANDS = tuple(command(number, stage) for number, stage in enumerate(STAGES.values(), 1))


def redo(folder: Path, stage: str, base_url: Address | None, allowed: Means) -> None:
    """Does one stage with the folder's own settings, and the prompts as they are now."""
    with told():
        from agenther.assemble import assemble
        from agenther.cli.waiting import waits_told
        from agenther.run.again import again, finished

        job = assemble(finished(folder).made_with.settings.moved(base_url), allowed)
        with waits_told(job):
            done = again(folder, stage, job)
        if done.removed:
            click.echo(f"agenther: removed, since they came from the old bytes: {', '.join(done.removed)}", err=True)
        change = "the result is new" if done.changed else "the same result as before, nothing changed"
        click.echo(f"{stage}: {change}; {in_short(done.counts)} -> {folder}/")
        if done.ledger and job.access:
            money(done.ledger, job.access)
        own_up(done.counts, folder)


@click.command()
@RUN
@packaging
def package(run: Path, formats: tuple[str, ...], **chosen: Any) -> None:
    """Stage 4 again on the run folder RUN: the datasets, from the samples in it. Costs no model call.

    The folder RUN/dataset then holds the formats of this call, and no others.

    \b
      agenther package runs/a --format swift --format llamafactory
      agenther package runs/a --format all --thoughts inline --holdout test-tasks.txt
    """
    with told():
        from agenther.run.again import package as package_again

        counts, written = package_again(run, names(formats), choices(**chosen))
        summary(counts, written)
        click.echo(f"{in_short(counts)} -> {run}/dataset/")

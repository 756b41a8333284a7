"""The command line: arguments -> settings -> assemble -> run -> print.

What only one command needs is imported inside it: `agenther --help` and `agenther inspect` start at once, and
never load a model client or polars.
"""

# ruff: noqa: PLC0415 - as the docstring says
# ruff: noqa: D301 - click wants the character \b itself before lines that it must not fill

import sys
from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic_core import to_json

from agenther import __version__
from agenther.address import without_credentials
from agenther.cli.cache_command import cache
from agenther.cli.compare_command import compare
from agenther.cli.costs import foresee, money
from agenther.cli.hub_commands import forget, pull, push
from agenther.cli.hub_options import LOGS, local
from agenther.cli.judge_options import BASE_URL, DELTA, DELTA_ON, ModelType, addresses, judging
from agenther.cli.options import in_batches, limits, means
from agenther.cli.probe_command import probe
from agenther.cli.stage_commands import STAGE_COMMANDS, package
from agenther.cli.summary import in_short, summary
from agenther.cli.told import Program, own_up, told
from agenther.packagers.table import PACKAGERS
from agenther.readers.formats import READERS
from agenther.settings import Settings

if TYPE_CHECKING:
    from agenther.run import Job

ABOUT_MODELS = ("base_url", "batch", "batch_dir", "dry_run")
LOG_FORMAT = click.option(
    "--log-format",
    type=click.Choice(list(READERS)),
    metavar="NAME",
    help="Read every file as this format, instead of telling by content. See `agenther formats`.",
)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="agenther")
def main() -> None:
    """Turn failed runs of LLM agents into training data, by hindsight relabeling.

    A run that failed its task is often a sound demonstration of another task. agenther reads the logs, finds what
    each run really achieved, writes the goal that fits it, has every claim checked against the log, and packages
    what holds.

    \b
      agenther inspect logs/                          what is there
      agenther run logs/ --out runs/a                 all of it, by rules: free, offline
      agenther run logs/ --out runs/b --model gpt-5-mini --judge anthropic/claude-haiku-4-5
      agenther package runs/b                         the datasets again
      agenther compare runs/a runs/b                  what the model was worth
      agenther push runs/b me/lamps                   to the Hugging Face Hub, private, without secrets

    Exit codes: 0 done, also with rejections; 1 an error, told in one line, which it also is when no model gave a
    usable answer about any run; 2 wrong usage; 130 stopped by Ctrl-C.
    """


@main.command()
@LOGS
@LOG_FORMAT
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for other programs.")
def inspect(logs: tuple[Path | str, ...], log_format: str | None, as_json: bool) -> None:
    """Show what is in LOGS: files and folders, of any mix of formats, told by content.

    \b
      agenther inspect logs/
      agenther inspect logs/ --json | jq -r 'select(.kind == "rejected") | .path + ": " + .detail'
    """
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.survey import objects, tables

    with told():
        paths = local(logs)
        if as_json:
            for found in objects(paths, log_format):
                sys.stdout.buffer.write(to_json(found) + b"\n")
        else:
            show(Console(), tables(paths, log_format))


@main.command()
@LOGS
@click.option(
    "--out",
    required=True,
    metavar="RUN",
    type=click.Path(file_okay=False, path_type=Path),
    help="The run folder to make, or to add to.",
)
@click.option(
    "--model",
    type=ModelType(),
    metavar="NAME",
    help="Classifies, extracts and relabels. Default: built-in rules, no model.",
)
@click.option("--joined", is_flag=True, help="The model classifies and extracts in one call. See `agenther compare`.")
@judging
@BASE_URL
@click.option(
    "--theta", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Least confidence in a goal."
)
@DELTA
@DELTA_ON
@click.option("--attempts", type=click.IntRange(1), default=3, show_default=True, help="Tries to find goals.")
@click.option(
    "--goals", type=click.Choice(["all", "1"]), default="all", show_default=True, help="Per run; 1 is AgentHER's rule."
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(PACKAGERS)),
    default=Settings().formats,
    metavar="NAME",
    help="Dataset format to write. Repeatable. Default: sft, dpo, kto, sharegpt.",
)
@LOG_FORMAT
@click.option("--assume-failed", is_flag=True, help="Take runs of unknown success as failed.")
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=Settings().concurrency,
    show_default=True,
    help="Calls under way to each model, at most.",
)
@limits
@in_batches
@click.option(
    "--retry",
    is_flag=True,
    help="Do runs again that ended as bad-answer or internal-error; answers of no use are asked for anew.",
)
@click.option("--replace", is_flag=True, help="Leave out what the folder holds of other logs. By default it stays.")
@click.option("--dry-run", is_flag=True, help="Only estimate what models would take. Asks nothing, writes nothing.")
def run(
    logs: tuple[Path | str, ...],
    out: Path,
    goals: str,
    formats: tuple[str, ...],
    retry: bool,
    replace: bool,
    **choices: Any,
) -> None:
    """Turn the failed runs in LOGS into datasets, in the folder RUN.

    Without --model everything is done by rules: free, offline, and rather nothing than something wrong. Stopped or
    killed, the same command carries on where it was, and does nothing twice. A folder that holds a run is added to:
    what was made of other logs stays, unless --replace is given. What a log held before it changed does not.

    \b
      agenther run logs/ --out runs/a
      agenther run logs/ --out runs/b --model gpt-5-mini --judge anthropic/claude-haiku-4-5
      agenther run logs/ --out runs/c --model Qwen3-32B --base-url http://localhost:8000/v1
      agenther run more/ --out runs/a            more/ is added to what came of logs/
      agenther run logs/ --out runs/d --goals 1 --theta 0.7 --format sft --format dpo
      agenther run logs/ --out runs/e --model gpt-5-mini --quorum majority --judge gpt-5 \
        --judge anthropic/claude-haiku-4-5 --judge Qwen3-32B@http://localhost:8000/v1
    """
    for name in ABOUT_MODELS:
        if choices[name] and not (choices["model"] or choices["judges"]):
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(
                f"{option} is about models, and by rules none is asked; name one with --model or --judge."
            )
    if choices["joined"] and not choices["model"]:
        raise click.UsageError("--joined is for models; name one with --model.")
    with told():
        from rich.console import Console

        from agenther import store
        from agenther.assemble import assemble
        from agenther.cli.show import shown
        from agenther.run import run as run_all
        from agenther.tally.counts import SPOILT

        allowed, dry_run = means(choices, *addresses(choices)), choices.pop("dry_run")
        # the other options bear the names of the settings
        limit = None if goals == "all" else int(goals)
        settings = Settings.model_validate({**choices, "goals": limit, "formats": tuple(dict.fromkeys(formats))})
        job = changed(assemble(settings, allowed), again=SPOILT if retry else frozenset(), replace=replace)
        paths = local(logs)
        for warning in warnings(settings, job):
            click.echo(f"agenther: warning: {without_credentials(warning)}", err=True)
        store.check(out, job.made)
        if job.access and job.access.cache:
            foresee(paths, out, job, job.access)
        if dry_run:
            return
        with shown(Console(stderr=True), job) as tick:
            done = run_all(paths, out, job, tick)
        if done.kept:
            stay = f"{done.kept} runs of before are of other logs, and stay; --replace would leave them out"
            click.echo(f"agenther: {stay}", err=True)
        if done.gone:
            click.echo(f"agenther: {done.gone} runs of before are not in these logs; they were left out", err=True)
        summary(done.counts, done.written, done.panel)
        if done.ledger and job.access:
            money(done.ledger, job.access)
        click.echo(f"{in_short(done.counts)} -> {out}/")
        own_up(done.counts, out)


def warnings(settings: Settings, job: "Job") -> Iterator[str]:
    """What may not be as the user thinks, and is no error."""
    if settings.judges_itself:
        yield "the model that writes the goals is the only one that judges them; another --judge errs less alike"
    if settings.model and not settings.judges:
        yield "no model judges the goals that the model writes, only mechanical checks do; --judge adds one"
    for name in job.access.strangers if job.access else ():
        yield f"--price is given for {name}, which is not asked"
    for name in sorted(job.access.proxied) if job.access else ():
        free = f"--price {name}=0,0 if it is your own"
        yield f"{name} counts at its provider's price, though its address is local; {free}"


@main.command()
def formats() -> None:
    """List the log formats that are read, and the dataset formats that are written."""
    from rich.console import Console

    from agenther.cli.show import show
    from agenther.tally.counts import Table

    read = tuple((name, reader.about) for name, reader in READERS.items())
    written = tuple((name, packager.about) for name, packager in PACKAGERS.items())
    with told():
        show(Console(), [Table("Read", ("log format", ""), read), Table("Written", ("dataset format", ""), written)])


for command in (*STAGE_COMMANDS, package, probe, compare, cache, push, pull, forget):
    main.add_command(command)

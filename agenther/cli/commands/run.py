"""The command that does all: failed runs in, datasets out."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from agenther.address import without_credentials
from agenther.cli.ending import errors_reported, report_spoilt
from agenther.cli.options.datasets import FORMAT, names
from agenther.cli.options.judges import BASE_URL, DELTA, DELTA_ON, GATE, a_model, addresses, judging
from agenther.cli.options.logs import LOGS, READING, a_shard, local
from agenther.cli.options.means import CONCURRENCY, in_batches, limits, means
from agenther.cli.options.results import OUT
from agenther.cli.rounds import warn_of_later, warn_of_stopped
from agenther.cli.summary import VERBOSE, foresee, result
from agenther.ladder import METHODS, OPEN
from agenther.settings import Settings


@click.command()
@LOGS
@OUT(metavar="RUN", help="The run folder to make, or to add to.")
@click.option(
    "--after",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="RUN",
    help="The run folder of the round before: what it and those before it have done is not done again, and the "
    "datasets hold theirs, too. Kept with the run, so that later calls may leave it out.",
)
@click.option(
    "--model",
    type=a_model,
    metavar="NAME",
    help="Classifies, extracts and relabels. Default: built-in rules, no model.",
)
@click.option("--joined", is_flag=True, help="The model classifies and extracts in one call. See `agenther compare`.")
@judging
@BASE_URL
@click.option(
    "--theta", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Least confidence in a goal."
)
@GATE
@DELTA
@DELTA_ON
@click.option("--attempts", type=click.IntRange(1), default=3, show_default=True, help="Tries to find goals.")
@click.option(
    "--goals", type=click.Choice(["all", "1"]), default="all", show_default=True, help="Per run; 1 is AgentHER's rule."
)
@FORMAT(
    default=Settings().formats, help="Dataset format to write, or all. Repeatable. Default: sft, dpo, kto, sharegpt."
)
@READING
@click.option(
    "--fold", is_flag=True, help="Fold what the user said in a dialogue into one request, instead of keeping its turns."
)
@click.option(
    "--attribute",
    type=click.Choice([*METHODS]),
    metavar="METHOD",
    help="Find out who made each run fail and at which step, too: by rules, or as a model is asked: "
    f"{', '.join(name for name, asks in METHODS.items() if asks)}. Goals are then looked for before that step first, "
    "and mistakes carry no loss.",
)
@click.option("--with-answer", is_flag=True, help="Show the right answer to who looks for it, where the log tells it.")
@click.option(
    "--keep-goal",
    is_flag=True,
    help="Learn the sound steps of failed runs under their own goal, too, in datasets of their own: those that "
    "models among the judges confirm. Needs --attribute and --judge.",
)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    metavar="STAGE=NAME",
    help=f"Have another package do a stage ({', '.join(OPEN)}), as which it brings that name. Repeatable. What it "
    "says is checked as what models say.",
)
@click.option("--assume-failed", is_flag=True, help="Take runs of unknown success as failed.")
@CONCURRENCY
@limits
@in_batches
@click.option(
    "--retry",
    is_flag=True,
    help="Do runs again that ended as bad-answer, package-error or internal-error; answers of no use are asked for "
    "anew.",
)
@click.option("--replace", is_flag=True, help="Leave out what the folder holds of other logs. By default it stays.")
@click.option(
    "--shard",
    type=a_shard,
    metavar="I/N",
    help="Take only the I-th of N parts of LOGS, for jobs of a queue. A part holds whole files, the same on every "
    "machine. Other parts may go to other run folders, or to this one.",
)
@click.option(
    "--engine",
    type=click.Choice(["here", "ray"]),
    default="here",
    show_default=True,
    help="Who does the runs: this machine, or all nodes of a Ray cluster, that of RAY_ADDRESS or of this machine.",
)
@VERBOSE
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
      agenther run logs-2/ --out runs/a2 --after runs/a      logs of the agent that was trained on runs/a
      agenther run logs/ --out runs/d --goals 1 --theta 0.7 --format sft --format dpo
      agenther run logs/ --out runs/e --model gpt-5-mini --quorum majority --judge gpt-5 \\
        --judge anthropic/claude-haiku-4-5 --judge Qwen3-32B@http://localhost:8000/v1
    """
    with errors_reported():
        from agenther.cli.show import shown
        from agenther.library import Start, carried_out, job_for, warnings

        _check_gate(choices)
        dry_run = choices.pop("dry_run")
        allowed = means(choices, *addresses(choices), dry=dry_run)
        verbose = choices.pop("verbose")
        chosen = {name: choices.pop(name) for name in ("after", "shard", "engine")}
        start = Start(**chosen, retry=retry, replace=replace)
        # the other options bear the names of the settings
        limit = None if goals == "all" else int(goals)
        settings = Settings.model_validate({**choices, "goals": limit, "formats": names(formats)})
        job = job_for(settings, allowed, out, start)
        paths = local(logs, out)
        for warning in warnings(job):
            click.echo(f"agenther: warning: {without_credentials(warning)}", err=True)
        warn_of_later(out)
        warn_of_stopped(out, start.after)
        expected = foresee(paths, out, job, job.access) if job.access and job.access.cache else None
        if dry_run:
            return
        with shown(job, expected) as tick:
            done = carried_out(job, paths, out, tick)
        result(done, logs, out, job, verbose=verbose)
        report_spoilt(done.counts, out)


def _check_gate(choices: dict[str, Any]) -> None:
    """Raises UsageError for what is given beside a gate and would count for nothing, were it the default, too."""
    given = click.get_current_context().get_parameter_source
    for name in ("theta", "quorum"):
        if choices["gate"] and given(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"--gate stands in the place of --{name}; give one of them.")

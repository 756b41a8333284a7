"""The command that tells who made runs fail, and at which step."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic_core import to_json

from agenther.cli.ending import errors_reported
from agenther.cli.options.judges import BASE_URL, a_judge, addresses
from agenther.cli.options.logs import LOGS, READING, local
from agenther.cli.options.means import limits, means
from agenther.cli.options.results import JSON
from agenther.cli.ways import again, in_turn, ways
from agenther.errors import AgentHERError
from agenther.files import usable, writing
from agenther.ladder import METHODS
from agenther.records import RULES, Reason
from agenther.settings import Settings
from agenther.tally.counts import SPOILT

if TYPE_CHECKING:
    from agenther.attribution.alone import Looked
    from agenther.attribution.evaluate import Evaluation
    from agenther.records import Rejection


@click.command()
@LOGS
@click.option(
    "--method",
    "methods",
    type=click.Choice([*METHODS]),
    multiple=True,
    help="How the step is looked for. Repeatable, to compare. Default: rules; of a run folder, its own.",
)
@click.option(
    "--model",
    "judges",
    type=a_judge,
    multiple=True,
    metavar="MODEL[@BASE_URL]",
    help="Who is asked, by all methods but rules. Repeatable; a panel takes several.",
)
@BASE_URL
@click.option("--with-answer", is_flag=True, help="Show the right answer to the model, where the log tells it.")
@click.option("--evaluate", is_flag=True, help="Hold it against the labels in LOGS: who erred, and when.")
@JSON
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the same lines into a file.",
)
@READING
@limits
def attribute(
    logs: tuple[Path | str, ...],
    methods: tuple[str, ...],
    *,
    evaluate: bool,
    as_json: bool,
    out: Path | None,
    **choices: Any,
) -> None:
    """Tell who made the runs in LOGS fail, and at which step; of a run folder, that stage again.

    It is the earliest step at which acting rightly would have saved the run. What met its goal is passed over, and what
    is not known to have met it counts as failed. Of logs nothing is written but --out. In a run folder the stage is
    done with the folder's own settings and models, as by `agenther classify`.

    \b
      agenther attribute logs/
      agenther attribute logs/ --method all-at-once --model gpt-5-mini --out who.jsonl
      agenther attribute labelled/ --evaluate --method rules --method all-at-once --model gpt-5-mini
      agenther attribute runs/a --method rules
    """
    given = addresses(choices)
    allowed = means(choices, *given)
    models: tuple[str, ...] = choices.pop("judges")
    shows_answer: bool = choices.pop("with_answer")
    with errors_reported():
        from agenther.attribution.told import compared

        if folder := _run_folder(logs):
            if models or any(value is not None for name, value in choices.items() if name != "base_url"):
                raise click.UsageError("a run folder has its own models, and is read no more; --method chooses how.")
            found = again(folder, methods, allowed, given[0], with_answer=shows_answer)
        else:
            chosen = methods or (RULES,)
            _check(chosen, models, with_answer=shows_answer)
            tried = ways(chosen, models, Settings(**choices, with_answer=shows_answer))
            found = dict(in_turn(local(logs, out), tried, allowed))
        evaluation = compared(found) if evaluate else None
        if out:
            _write(out, found, evaluation)
        _tell(found, evaluation, as_json=as_json)
        _check_answers(found)


def _run_folder(logs: Sequence[Path | str]) -> Path | None:
    """The one that is named in the place of logs."""
    from agenther.readers.find import is_run_folder

    folders = [log for log in logs if isinstance(log, Path) and is_run_folder(log)]
    if folders and len(logs) > 1:
        raise click.UsageError(f"{folders[0]} is a run folder; name nothing else beside it.")
    return folders[0] if folders else None


def _check(methods: tuple[str, ...], models: tuple[str, ...], *, with_answer: bool) -> None:
    """Raises UsageError for what cannot be meant."""
    asking = [method for method in methods if METHODS[method]]
    if asking and not models:
        raise click.UsageError(f"--method {asking[0]} asks a model; name one with --model, or take rules.")
    if models and not asking:
        raise click.UsageError("--model is asked by no rule; choose a --method that asks one.")
    if with_answer and not asking:
        raise click.UsageError("--with-answer is for a model that looks for the decisive step.")


def _write(path: Path, found: "Mapping[str, Sequence[Looked | Rejection]]", evaluation: "Evaluation | None") -> None:
    with usable(path), writing(path) as (file,):
        for one in _objects(found, evaluation):
            file.write(to_json(one) + b"\n")


def _objects(
    found: "Mapping[str, Sequence[Looked | Rejection]]", evaluation: "Evaluation | None"
) -> Iterator[dict[str, object]]:
    from agenther.attribution.told import as_object, as_objects

    for method, looked in found.items():
        yield from ({"way": method, **as_object(one)} for one in looked)
    if evaluation:
        yield from as_objects(evaluation)


def _tell(
    found: "Mapping[str, Sequence[Looked | Rejection]]", evaluation: "Evaluation | None", *, as_json: bool
) -> None:
    from agenther.attribution.told import evaluated, found_out, in_short
    from agenther.cli.show import as_lines, show

    if as_json:
        as_lines(_objects(found, evaluation))
    for method, looked in found.items():
        if not (as_json or evaluation):
            show(found_out(method, looked))
    if evaluation and not as_json:
        show(evaluated(evaluation))
    for method, looked in found.items():
        click.echo(f"{method}: {in_short(looked)}", err=as_json)


def _check_answers(found: "Mapping[str, Sequence[Looked | Rejection]]") -> None:
    """Tells of answers of no use. Raises AgentHERError where a bug met a run, or where no answer was of use."""
    from agenther.attribution.told import rejected

    for method, looked in found.items():
        spoilt = [why for one in looked if (why := rejected(one)) and why.reason in SPOILT]
        if not spoilt:
            continue
        told = f"{method}: {len(spoilt)} runs ended as {', '.join(sorted({one.reason for one in spoilt}))}"
        line = f"{told}; the first: {spoilt[0].path}: {spoilt[0].detail}"
        if len(spoilt) == len(looked) or any(one.reason == Reason.INTERNAL for one in spoilt):
            raise AgentHERError(line)
        click.echo(f"agenther: warning: {line}", err=True)

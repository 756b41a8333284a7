"""The program and its commands. A command is loaded when it is called, so that `agenther --help` loads none."""

from importlib import import_module
from typing import Any, NamedTuple

import click

from agenther import __version__
from agenther.address import without_credentials


class Row(NamedTuple):
    """A command: the module in `commands` in which it stands under its name, and the first sentence of its help."""

    module: str
    help: str


COMMANDS = {
    "attribute": Row(
        "attribute", "Tell who made the runs in LOGS fail, and at which step; of a run folder, that stage again."
    ),
    "audit": Row("audit", "Report what ratings say of the run folder RUN."),
    "cache": Row("cache", "Show which answers of models are kept, or forget some of them."),
    "calibrate": Row("audit", "Set the gate by the ratings of the run folder RUN, with a guarantee of precision."),
    "classify": Row("stages", "Stage 1 again on the run folder RUN: did it fail, how, and is it worth relabeling?"),
    "compare": Row(
        "compare", "Compare the run folders FIRST and SECOND, made of the same logs with other models or settings."
    ),
    "explain": Row("report", "Explain what the run folder RUN made of one run: each decision, down to its check."),
    "extract": Row("stages", "Stage 2 again on the run folder RUN: what was achieved, from the diagnoses in it."),
    "forget": Row("forget", "Take runs out of the run folder RUN and of its datasets, for good."),
    "formats": Row("formats", "List the log formats that are read, and the dataset formats that are written."),
    "inspect": Row("inspect", "Show what is in LOGS: files and folders, of any mix of formats, told by content."),
    "key": Row("share", "Make a key to sign sets with, in the file NEW.pem, and print its public half."),
    "lessons": Row(
        "lessons", "Learn from many run folders what goes wrong, as small records that other agents can use."
    ),
    "merge": Row(
        "share", "Merge sets of failures, as `agenther push --failures` writes them, into one in the folder DIR."
    ),
    "package": Row("package", "Stage 4 again on the run folder RUN: the datasets, from the samples in it."),
    "probe": Row("probe", "Put wrong goals to the judges of the run folder RUN, and count those that get through."),
    "pull": Row("hub", "Fetch the logs in a dataset on the Hugging Face Hub into the new folder DIR."),
    "push": Row(
        "hub", "Publish the datasets of the run folder RUN as OWNER/NAME on the Hugging Face Hub, in one commit."
    ),
    "relabel": Row("stages", "Stage 3 again on the run folder RUN: goals, and the judges, from the outcomes in it."),
    "report": Row(
        "report",
        "Show what became of the logs of the run folder RUN: tables here, and a page in RUN/report/index.html.",
    ),
    "review": Row("review", "Rate what the run folder RUN made and refused, on a page that this machine alone sees."),
    "run": Row("run", "Turn the failed runs in LOGS into datasets, in the folder RUN."),
}


class Program(click.Group):
    """What it says of wrong usage quotes the words at fault, but for the passwords in them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"agenther.cli.commands.{COMMANDS[cmd_name].module}")
        found: click.Command = getattr(module, cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Group(commands=[click.Command(name, help=row.help) for name, row in COMMANDS.items()]).format_commands(
            ctx, formatter
        )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            said = error.format_message()
            if (clean := without_credentials(said)) == said:
                raise
            raise click.UsageError(clean, error.ctx) from None


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

    Exit codes: 0 done, also with rejections; 1 an error, told in one line, which it also is when LOGS hold no run, and
    when no model gave a usable answer about any run; 2 wrong usage; 130 stopped by Ctrl-C.
    """

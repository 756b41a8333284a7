"""The command that shows what is in logs."""

from pathlib import Path
from typing import Any

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.logs import LOGS, READING, local
from agenther.cli.options.results import JSON
from agenther.cli.plain import plain
from agenther.errors import AgentHERError
from agenther.settings import How


@click.command()
@LOGS
@READING
@click.option("--suggest", is_flag=True, help="Propose a map for LOGS, which is one file of another JSON format.")
@JSON
def inspect(logs: tuple[Path | str, ...], suggest: bool, as_json: bool, **choices: Any) -> None:
    """Show what is in LOGS: files and folders, of any mix of formats, told by content.

    \b
      agenther inspect logs/
      agenther inspect logs/ --labels verdicts.csv --success-at 0.8
      agenther inspect logs/run-1.json --suggest > map.toml    then: agenther inspect logs/ --map map.toml
      agenther inspect logs/ --json | jq -r 'select(.kind == "rejected") | .path + ": " + .detail'
    """
    from agenther.cli.show import as_lines, show
    from agenther.survey import objects, tables, unmatched
    from agenther.survey import suggest as proposed

    if suggest and (len(logs) > 1 or not Path(logs[0]).is_file()):
        raise click.UsageError("--suggest takes one file.")
    with errors_reported():
        paths, how = local(logs), How.model_validate(choices)
        rows: set[int] = set()
        if suggest:
            click.echo(proposed(*paths), nl=False)
        elif as_json:
            as_lines(objects(paths, how, rows))
        else:
            found = tables(paths, how, rows)
            show(found)
            if not found[0].rows:
                raise AgentHERError(f"no run was found in {', '.join(map(str, logs))}; --json tells of each file why")
        if missed := "" if suggest else unmatched(how, rows):
            click.echo(f"agenther: warning: {plain(missed)}", err=True)

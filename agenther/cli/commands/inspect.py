"""The command that shows what is in logs."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.logs import LOG_FORMAT, LOGS, MAP, local
from agenther.settings import How


@click.command()
@LOGS
@LOG_FORMAT
@MAP
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for other programs.")
def inspect(logs: tuple[Path | str, ...], log_format: str | None, field_map: str | None, as_json: bool) -> None:
    """Show what is in LOGS: files and folders, of any mix of formats, told by content.

    \b
      agenther inspect logs/
      agenther inspect logs/ --json | jq -r 'select(.kind == "rejected") | .path + ": " + .detail'
    """
    from agenther.cli.show import as_lines, show
    from agenther.survey import objects, tables

    with errors_reported():
        paths, how = local(logs), How(log_format=log_format, field_map=field_map)
        if as_json:
            as_lines(objects(paths, how))
        else:
            show(tables(paths, how))

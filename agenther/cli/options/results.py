"""Options of the command line that say where results go, and how they are told."""

from functools import partial
from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
"""One that is there."""
OUT = partial(click.option, "--out", required=True, type=click.Path(file_okay=False, path_type=Path))
"""One that is made, if it is not there."""
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object per line, for other programs.")
ONE_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object, for other programs.")

"""The command that lists the formats."""

import click

from agenther.cli.ending import errors_reported
from agenther.packagers.table import PACKAGERS
from agenther.readers.formats import READERS


@click.command()
def formats() -> None:
    """List the log formats that are read, and the dataset formats that are written."""
    from agenther.cli.show import show
    from agenther.tally.counts import Table

    read = tuple((name, reader.about) for name, reader in READERS.items())
    written = tuple((name, packager.about) for name, packager in PACKAGERS.items())
    with errors_reported():
        show([Table("Read", ("log format", ""), read), Table("Written", ("dataset format", ""), written)])

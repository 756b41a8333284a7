"""What is said before something is done to a run folder that others come after."""

from pathlib import Path

import click


def warn_of_later(folder: Path) -> None:
    """Names the rounds that hold to what the folder is now; nothing where there are none."""
    from agenther.store.rounds import later

    if found := later(folder):
        names = ", ".join(map(str, found))
        why = "cannot be used any more if its runs or samples change; then they have to be made anew"
        click.echo(f"agenther: warning: {names} came after {folder}, and {why}", err=True)


def warn_of_stopped(*folders: Path | str | None) -> None:
    """Names those of them in which something was not forgotten to the end."""
    from agenther.store.forgetting import STOPPED, is_stopped

    for folder in folders:
        if folder and is_stopped(Path(folder)):
            click.echo(f"agenther: warning: {folder}: {STOPPED}", err=True)

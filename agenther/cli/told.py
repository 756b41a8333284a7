"""How the program ends: well, with one line about what is wrong, or stopped."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from agenther.address import without_credentials
from agenther.errors import AgentHERError, PendingError
from agenther.records import Reason
from agenther.tally.counts import Counts

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class Program(click.Group):
    """What it says of wrong usage quotes the words at fault, but for the passwords in them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            said = error.format_message()
            if (clean := without_credentials(said)) == said:
                raise
            raise click.UsageError(clean, error.ctx) from None


@contextmanager
def told() -> Iterator[None]:
    """An error that the user can act upon ends the program with one line."""
    try:
        with _written():
            yield
    except PendingError as pending:
        click.echo(str(pending))
    except AgentHERError as error:
        click.echo(f"agenther: {' '.join(str(error).split())}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("agenther: stopped; what is done is kept, and the same command carries on with it", err=True)
        sys.exit(INTERRUPTED)


@contextmanager
def _written() -> Iterator[None]:
    """All that was printed is out when it ends; where that fails, AgentHERError.

    What names a file is none of this, and a reader that has gone is left to click, which ends quietly.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again on its way out
        raise AgentHERError(f"the output cannot be written: {error.strerror or error}") from error


def own_up(counts: Counts, folder: Path) -> None:
    """Tells what --retry can mend. Raises AgentHERError when some runs ended in a bug of ours."""
    if bad := counts.rejected_by_reason.get(Reason.BAD_ANSWER):
        mend = "once the model or its endpoint is mended, `agenther run` with --retry does them again"
        click.echo(f"agenther: {bad} runs got no answer that could be used ({Reason.BAD_ANSWER}); {mend}", err=True)
    if bugs := counts.rejected_by_reason.get(Reason.INTERNAL):
        where = f"{folder}/rejections.jsonl holds what a report needs"
        raise AgentHERError(f"{bugs} runs met a bug in agenther and gave nothing ({Reason.INTERNAL}); {where}")

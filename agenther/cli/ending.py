"""How the program ends: well, with one line about what is wrong, or stopped."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from agenther.cli.plain import plain
from agenther.errors import AgentHERError, PendingError, SettingsError
from agenther.records import Reason, Rejection
from agenther.tally.counts import Counts

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
MOST = 300
"""Characters of a text that a line quotes."""


@contextmanager
def errors_reported() -> Iterator[None]:
    """An error that the user can act upon ends the program with one line."""
    try:
        with _written():
            yield
    except PendingError as pending:
        click.echo(str(pending))
    except SettingsError as error:
        raise click.UsageError(f"{plain(str(error))}.") from None
    except AgentHERError as error:
        click.echo(f"agenther: {' '.join(plain(str(error)).split())}", err=True)
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


def report_spoilt(counts: Counts, folder: Path) -> None:
    """Tells what --retry can mend.

    Raises AgentHERError when some runs ended in a bug, ours or of another package, and when models were asked and none
    of their answers led to an end.
    """
    bad, failed, bugs = map(counts.rejected_by_reason.get, (Reason.BAD_ANSWER, Reason.PACKAGE, Reason.INTERNAL))
    unusable = f"{bad} runs got no answer that could be used ({Reason.BAD_ANSWER})"
    mend = "once the model or its endpoint is mended, `agenther run` with --retry does them again"
    if bad and not (counts.answered or bugs):
        raise AgentHERError(f"all {unusable}; {_first_bad(folder)}; {mend}")
    if bad:
        click.echo(f"agenther: warning: {unusable}; {mend}", err=True)
    if bugs:
        where = f"{folder}/rejections.jsonl holds what a report needs"
        raise AgentHERError(f"{bugs} runs met a bug in agenther and gave nothing ({Reason.INTERNAL}); {where}")
    if failed:
        told = f"{failed} runs met an error of another package and gave nothing ({Reason.PACKAGE})"
        raise AgentHERError(
            f"{told}; {_first(Reason.PACKAGE, folder).detail}; once it is mended, --retry does them again"
        )


def _first_bad(folder: Path) -> str:
    """What the model said to the first of them, and what was wrong with it."""
    first = _first(Reason.BAD_ANSWER, folder)
    detail, raw = map(_quoted, (first.detail, first.raw or ""))
    said = f'it said "{raw}"' if raw else "it said nothing"
    return f"the first: {detail.rstrip('.')}; {said} (all of them stand in {folder / 'rejections.jsonl'})"


def _first(reason: Reason, folder: Path) -> Rejection:
    """The first that was rejected for it."""
    from agenther.store.lines import records

    return next(one for one in records(folder / "rejections.jsonl", Rejection) if one.reason == reason)


def _quoted(text: str) -> str:
    """Its beginning, without anything that a terminal would act upon."""
    line = " ".join(plain(text).split())
    return line if len(line) <= MOST else f"{line[:MOST]}…"

"""The command that takes runs out of a run folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import CACHE, RUN
from agenther.cli.options.sets import SIGN

if TYPE_CHECKING:
    from agenther.jobs.forget import Forgot


@click.command()
@RUN
@click.argument("names", metavar="ID...", nargs=-1, required=True)
@SIGN
@CACHE
def forget(run: Path, names: tuple[str, ...], key: Path | None, cache: Path | None) -> None:
    """Take runs out of the run folder RUN and of its datasets, for good.

    They go out of all rounds before and after RUN, too. ID is the id of a run, or the path of a log file or of a folder
    of them: as it lies on this machine, or as `agenther inspect LOGS --json` tells it. They are never read again into
    this folder. What people said of them goes too; report, probe and gate are removed, to be made again. What was
    published before is replaced by the next `agenther push`, though not in the history of the repository. Rounds that
    are not found are named, and so are answers of models that the cache may still hold.

    Lessons and sets that were made of the run folder are made anew, as far as they lie where they were written, and
    signed again where their key is there; what cannot be reached is named. RUN may be a set, or a merged one, too: then
    ID is the id of a run. Signatures of others go with what they vouched for, and that is said.

    \b
      agenther forget runs/a tau-bench-0a1b2c3d4e5f6071
      agenther forget runs/a logs/customers/2024-03.jsonl
      agenther forget merged/ tau-bench-0a1b2c3d4e5f6071 --sign ~/keys/me.pem
    """
    with errors_reported():
        from agenther.exchange import forget as sets
        from agenther.exchange.export import is_set
        from agenther.jobs.forget import forget as take_out
        from agenther.pages.card import card_figures

        if is_set(run):
            click.echo(f"{sets.take_out(run, frozenset(names), key).words} -> {run}/")
            return

        def reach(folders: tuple[Path, ...], ids: frozenset[str]) -> None:
            for line in sets.reach(folders, ids, card_figures, key):
                click.echo(f"agenther: {line}", err=True)

        done = take_out(run, frozenset(names), reach)
        counts = done.counts
        unread = f", and {done.unread} records that were no runs of their own" if done.unread else ""
        gone = f"{done.runs} runs forgotten, with their {done.samples} samples{unread}"
        told = gone if done.runs or done.unread else "nothing to forget that was not forgotten before"
        left = f"{counts.samples} samples from {counts.with_samples} of {counts.read} runs are left"
        for line in _warnings(done, cache):
            click.echo(f"agenther: {line}", err=True)
        click.echo(f"{told}; {left} -> {run}/")


def _warnings(done: "Forgot", cache: Path | None) -> Iterator[str]:
    """What else was changed, and what may be left."""
    from agenther.llm.layers.cache import Cache, default_path

    if done.others:
        yield f"other rounds were written anew, too: {', '.join(map(str, done.others))}"
    for folder in done.unmade:
        yield f"warning: {folder} has no datasets now: a round before it was changed or is gone; make it anew"
    for place in done.missing:
        yield f"warning: {place} is not found, and may hold it still; if it was moved, `agenther forget` it there, too"
    kept = Cache(cache or default_path())
    if done.answers and kept.path.exists():
        held = {one.model: one.answers for one in kept.kept()}
        kept.close()
        for model, calls in done.answers.items():
            if model in held:
                yield (
                    f"warning: {kept.path} holds {held[model]} answers of {model}, up to {calls} about these runs; "
                    f"it cannot tell which. `agenther cache --model {model}` forgets all of them"
                )

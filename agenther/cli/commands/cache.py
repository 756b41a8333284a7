"""The command that shows and prunes the kept answers."""

from pathlib import Path

import click

from agenther.cli.ending import errors_reported
from agenther.cli.options.means import CACHE


@click.command()
@CACHE
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS", help="Forget answers older than that.")
@click.option("--model", metavar="NAME", help="Forget the answers of this model.")
@click.option("--all", "everything", is_flag=True, help="Forget all answers.")
def cache(cache: Path | None, older_than: float | None, model: str | None, everything: bool) -> None:
    """Show which answers of models are kept, or forget some of them. Runs are not touched.

    \b
      agenther cache
      agenther cache --older-than 90 --model gpt-5-mini
    """
    import time

    from agenther.cli.show import show
    from agenther.llm.layers.cache import Cache, default_path, table

    with errors_reported():
        kept = Cache(cache or default_path())
        if not kept.path.exists():
            click.echo(f"no answers are kept in {kept.path}")
            return
        if everything or model is not None or older_than is not None:
            before = None if older_than is None else time.time() - older_than * 86_400
            click.echo(f"{kept.prune(model=model, before=before)} answers forgotten", err=True)
        show([table(kept.kept())])
        click.echo(f"{sum(one.answers for one in kept.kept())} answers -> {kept.path}")
        kept.close()

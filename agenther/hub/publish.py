"""A run's datasets, cleaned, to a repository on the Hub or to a folder."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.hub.commit import Pushed, push
from agenther.hub.facts import Figure
from agenther.hub.privacy import Cleaner, secret
from agenther.hub.tables import Addition, objects, tables
from agenther.hub.tables import Table as Data
from agenther.hub.tree import NOTHING, Published, Tree, plan, write
from agenther.jobs.again import finished
from agenther.records import Sample
from agenther.store import rounds, run_folder
from agenther.store.cleaning import held
from agenther.store.lines import records

More = Callable[[Cleaner, Path], Addition]
"""Writes what is added into a folder that is gone afterwards."""


class Target(NamedTuple):
    """Where to publish."""

    repo: str
    private: bool = True
    tag: str | None = None
    """None: of a round after the first, round-2 and so on."""
    folder: Path | None = None
    """What would be committed is written here, and nothing is sent."""
    endpoint: str | None = None
    """Of another Hub than the public one."""


class Publication(NamedTuple):
    """What was published."""

    made: Published
    pushed: Pushed | None
    """None for a dry run."""
    cleaner: Cleaner


def publish(
    run: Path,
    target: Target,
    drawn: Callable[[Path], Iterable[Figure]],
    more: More = lambda _cleaner, _work: NOTHING,
) -> Publication:
    """The same bytes each time, and the same for a folder as for the Hub. `drawn` makes the figures of the card, `more`
    what is published beside the datasets.

    Raises StoreError when the run folder cannot be published: unfinished, with a task in train and in test, or with
    something private that nothing can stand for. Raises HubError when the Hub refuses it.
    """
    _check_folder(run, target.folder)
    with held(run), TemporaryDirectory(prefix="agenther-") as work:
        made = finished(run).made_with
        with rounds.held(run, made) as earlier:
            folders = [*(one.folder for one in earlier), run]
            cleaner = Cleaner(run, secret(run / run_folder.KEY, [one / run_folder.KEY for one in reversed(folders)]))
            for samples in (one / "samples.jsonl" for one in folders):
                cleaner.prove(records(samples, Sample) if samples.exists() else ())
            added = more(cleaner, Path(work))
            _check_split(run / "dataset", added.tables)
            tree = plan(run, cleaner, figures=drawn(run), added=added, earlier=earlier)
        tag = target.tag or (f"round-{made.after.round}" if made.after else None)
        return send(tree, target._replace(tag=tag), cleaner)


def send(tree: Tree, target: Target, cleaner: Cleaner) -> Publication:
    """Writes the tree to the folder, or pushes it to the Hub."""
    if target.folder:
        return Publication(write(tree, target.folder, target.repo), None, cleaner)
    pushed = push(tree, target.repo, private=target.private, tag=target.tag, endpoint=target.endpoint)
    return Publication(pushed.made, pushed, cleaner)


def _check_folder(run: Path, folder: Path | None) -> None:
    if folder and folder.resolve().is_relative_to(run.resolve()):
        raise StoreError(folder, "lies in the run folder; choose another --dry-run")


def _check_split(data: Path, added: Iterable[Data]) -> None:
    """No group stands in train and in test: neither of one format nor of two."""
    sides: dict[str, set[str]] = {}
    for table in (*tables(data), *added):
        for split, group in _groups(table):
            sides.setdefault(split, set()).add(group)
    leaks = sorted(sides.get("train", set()) & sides.get("test", set()))
    if leaks:
        why = f"{len(leaks)} groups stand in train and in test ({leaks[0]}); `agenther package` splits them anew"
        raise StoreError(data, why)


def _groups(table: Data) -> Iterator[tuple[str, str]]:
    """(split, group) of every row that tells its group."""
    if table.source.suffix == ".parquet":
        import polars as pl  # noqa: PLC0415 - slow to load, and only one format needs it

        try:
            frame = pl.scan_parquet(table.source).select("split", "group").unique().collect()
        except pl.exceptions.PolarsError as error:
            raise StoreError(table.source, "is damaged; `agenther package` makes it anew") from error
        yield from frame.iter_rows()
        return
    for row in objects(table.source):
        extra = row.get("extra")
        group = row.get("group") or (extra.get("group") if isinstance(extra, dict) else None)
        if isinstance(group, str):
            yield table.split, group

"""What is published of a run folder: its datasets, under the names that the Hub's loaders look for, and a card.

    README.md
    sft/train-00000-of-00002.jsonl
    sft/train-00001-of-00002.jsonl
    sft/test-00000-of-00001.jsonl
    records/records.parquet
    dataset_info.json                      if LLaMA-Factory's format is among them
    figures/funnel.svg                     where the card shows them

Nothing else leaves the folder: not the runs, nor the samples, which hold what the chosen formats leave out, nor any
path of this machine.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from agenther.errors import EmptyError, StoreError
from agenther.files import PART, usable
from agenther.hub.card import INDEX, card, stale
from agenther.hub.facts import DataFile, Facts, Figure, Opinion
from agenther.hub.tables import Addition, Beside, Clean, JsonRow, Table, as_object, publish, tables, trainer_index
from agenther.packagers.base import parts_of
from agenther.packagers.folder import as_before
from agenther.packagers.index import DEFAULT, README
from agenther.packagers.notes import notes
from agenther.packagers.table import EVERY
from agenther.records import Judged
from agenther.store.lines import records
from agenther.store.rounds import Round
from agenther.store.run_folder import run_file
from agenther.tally.rounds import tables as of_rounds

NOTHING = Addition()
SHARD = 256 * 1024 * 1024
"""Bytes of a file of rows at which the next one begins."""


class Tree(NamedTuple):
    """Everything that is to be published; nothing of it is made yet."""

    data: Path
    tables: tuple[Table, ...]
    facts: Facts
    clean: Clean
    shard: int = SHARD
    beside: Beside = NOTHING.beside


class Published(NamedTuple):
    """A tree that lies in a folder."""

    rows: tuple[DataFile, ...]
    paths: tuple[str, ...]
    """Of all files, the card among them."""


def unchanged(row: JsonRow) -> JsonRow:
    return row


def plan(
    run: Path,
    clean: Clean = unchanged,
    shard: int = SHARD,
    figures: Iterable[Figure] = (),
    added: Addition = NOTHING,
    earlier: Sequence[Round] = (),
) -> Tree:
    """What to publish of the run folder `run`, which comes after `earlier` rounds: all of its `dataset/` and what is
    `added`, each row through `clean`, and those figures in which it finds nothing.

    Raises StoreError when the run is unfinished or has no datasets.
    """
    with usable(run):
        if (run / "journal.jsonl").exists() or not (run / "run.json").exists():
            raise StoreError(run, "holds no finished run; `agenther run LOGS --out` makes one, or carries on with one")
        found = (*sorted(tables(run / "dataset"), key=_order), *added.tables)
        if not found:
            raise EmptyError(run, "has no datasets; `agenther package` makes them from its samples")
        made = as_before(run, ())
        told = notes(parts_of(EVERY), made.lengths, made.kto)
        folders = (*(one.folder for one in earlier), run)
        opinions = _opinions([folder / "proposals.jsonl" for folder in folders], clean)
        harmless = tuple(one for one in figures if clean({"svg": one.svg}) == {"svg": one.svg})
        *before, about = (_about(folder / "run.json", clean) for folder in folders)
        facts = Facts(about, opinions, clean is not unchanged, told, harmless, more=added.told)
        if earlier and (last := run_file(run)):
            rounds = of_rounds([*(one.run.counts for one in earlier), last.counts])
            facts = facts._replace(earlier=tuple(before), rounds=tuple(rounds))
        return Tree(run / "dataset", found, facts, clean, shard, added.beside)


def _order(table: Table) -> tuple[bool, tuple[str, ...], bool, str]:
    """The default format first, and of each the train split."""
    return table.config != DEFAULT, table.folder.parts, table.split != "train", table.split


def write(tree: Tree, folder: Path, repo: str) -> Published:
    """Writes what `push` would commit to `repo`, byte for byte.

    A card in the folder is merged, files of ours that the tree does without are removed, all others stay. Until
    everything is written, nothing changes.
    """
    with usable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        before = (folder / README).read_bytes().decode("utf-8", "replace") if (folder / README).exists() else ""
        with TemporaryDirectory(dir=folder, prefix=".", suffix=PART) as stage:
            draft = Path(stage)
            files = tuple(file for table in tree.tables for file in publish(table, tree.clean, tree.shard, draft))
            if not files:
                raise EmptyError(tree.data, "has no row that may be published")
            index = trainer_index(tree.data, repo, files)
            (draft / README).write_bytes(card(repo, files, tree.facts, before).encode())
            if index:
                (draft / INDEX).write_bytes(index)
            beside = tree.beside(draft, files)
            for name, content in beside.items():
                (draft / name).write_bytes(content)
            figures = {figure.path: figure.svg for figure in tree.facts.figures}
            for path, svg in figures.items():
                (draft / path).parent.mkdir(exist_ok=True)
                (draft / path).write_text(svg, "utf-8")
            paths = (*(file.path for file in files), *([INDEX] if index else []), *beside, *figures, README)
            for path in stale(before, files, _existing(folder), set(paths)):
                (folder / path).unlink()
            for path in paths:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (draft / path).replace(folder / path)
    return Published(files, paths)


def withdraw(folder: Path) -> None:
    """Removes all that was written to a folder, but for the card, which may hold words of others."""
    with usable(folder):
        before = (folder / README).read_bytes().decode("utf-8", "replace") if (folder / README).exists() else ""
        for path in stale(before, (), _existing(folder), {README}):
            (folder / path).unlink()


def _existing(folder: Path) -> set[str]:
    existing = {path.relative_to(folder).as_posix() for path in folder.glob("[!.]*/**/*") if path.is_file()}
    return existing | {path.name for path in folder.iterdir() if path.is_file()}


def _about(path: Path, clean: Clean) -> Mapping[str, Any]:
    """`run.json`; names in it come from logs and addresses from settings, so it is cleaned as rows are."""
    about = as_object(path.read_bytes())
    if about is None:
        raise StoreError(path, "was not written by this program; choose another folder")
    return clean(about) or {}


def _opinions(paths: Iterable[Path], clean: Clean) -> tuple[Opinion, ...]:
    """How often each judge held a proposal valid, and how often each two of them said the same of one."""
    asked: Counter[tuple[str, ...]] = Counter()
    agreed: Counter[tuple[str, ...]] = Counter()
    for judged in chain.from_iterable(records(path, Judged) for path in paths if path.exists()):
        verdicts = {verdict.judge: verdict.valid for verdict in judged.verdicts}
        for judge, valid in verdicts.items():
            asked[judge,] += 1
            agreed[judge,] += valid
        for one, two in combinations(verdicts, 2):
            asked[one, two] += 1
            agreed[one, two] += verdicts[one] == verdicts[two]
    return tuple(
        Opinion(_cleaned(judges, clean), asked[judges], agreed[judges])
        for judges in sorted(asked, key=lambda it: (len(it), it))
    )


def _cleaned(judges: tuple[str, ...], clean: Clean) -> tuple[str, ...]:
    """Their names, which are the model's, and may hold its address."""
    row = clean({"judges": list(judges)})
    return tuple(row["judges"]) if row else ()

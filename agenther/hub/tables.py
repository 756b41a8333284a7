"""One split of one dataset format, from the run folder to files as the Hub has them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from pydantic_core import from_json, to_json

from agenther.errors import StoreError
from agenther.hub.facts import DataFile
from agenther.packagers.columns import Columns, departures, marked
from agenther.packagers.folder import as_before
from agenther.packagers.table import COLUMNS

JsonRow = dict[str, Any]
Clean = Callable[[JsonRow], JsonRow | None]
"""A row as it may be seen by others; None where it is left out. What it raises stops everything before a byte has left.
"""

ALL = "all"
"""Stands for the split where a file holds the rows of both."""
Beside = Callable[[Path, "tuple[DataFile, ...]"], Mapping[str, bytes]]
"""Files beside the rows, by name, made of those that lie in a folder."""
AT_A_TIME = 1000
"""Rows of a parquet file in memory."""


class Table(NamedTuple):
    """One split of one format, in the run folder."""

    folder: PurePosixPath
    """Of the repository: `sft`, `llamafactory/kto`."""
    split: str
    source: Path
    """JSON lines, or parquet that holds both splits."""
    own_columns: "Columns | None" = None
    """Of what is no dataset format."""

    @property
    def config(self) -> str:
        return "_".join(self.folder.parts)

    @property
    def columns(self) -> Columns:
        return self.own_columns or COLUMNS.get(self.config, {})


class Addition(NamedTuple):
    """What is published with the datasets of a run."""

    tables: tuple[Table, ...] = ()
    beside: Beside = lambda _folder, _files: {}
    told: str = ""
    """For the card, in Markdown. It leads to each file beside the rows: - [`name`](name): …"""


def tables(data: Path) -> Iterator[Table]:
    """All that lies below `data` and has rows; of what agenther wrote there, where its note tells."""
    ours = as_before(data.parent, ()).files
    for path in sorted(data.glob("*/**/*")):
        if ours and path.relative_to(data).as_posix() not in ours:
            continue
        folder = PurePosixPath(path.parent.relative_to(data).as_posix())
        if path.suffix == ".jsonl" and path.stat().st_size:
            yield Table(folder, path.stem, path)
        elif path.suffix == ".parquet":
            yield Table(folder, ALL, path)


def publish(table: Table, clean: Clean, shard: int, root: Path) -> Iterator[DataFile]:
    """Writes the rows below `root`, each through `clean`: JSON lines cut at `shard` bytes, parquet in one piece."""
    (root / table.folder).mkdir(parents=True, exist_ok=True)
    if table.source.suffix == ".parquet":
        yield from _parquet(table, clean, root)
    else:
        yield from _lines(table, clean, shard, root)


def _lines(table: Table, clean: Clean, shard: int, root: Path) -> Iterator[DataFile]:
    """Every file has one row at least, and no more than fit into `shard` bytes otherwise; each begins with the mark by
    which old versions of `datasets` stop.
    """
    rows: list[int] = []
    size = 0
    columns = table.columns
    typed = True
    file: BinaryIO
    with ExitStack() as opened:
        for row in filter(None, map(clean, objects(table.source))):
            line = to_json(row) + b"\n"
            fits = not departures(row, columns)
            if not rows or size + len(line) > shard:
                opened.close()
                line = to_json(marked(row, columns)) + b"\n" if fits else line
                file = opened.enter_context((root / table.folder / f"{table.split}-{len(rows)}").open("wb"))
                rows.append(0)
                size = 0
            file.write(line)
            typed = typed and fits
            rows[-1] += 1
            size += len(line)
    for n, count in enumerate(rows):
        path = f"{table.folder}/{table.split}-{n:05d}-of-{len(rows):05d}.jsonl"
        (root / table.folder / f"{table.split}-{n}").replace(root / path)
        yield DataFile(path, table.config, table.split, count, typed, columns)


def objects(path: Path) -> Iterator[JsonRow]:
    """The rows of a file of JSON lines. Raises StoreError at the first that is none."""
    with path.open("rb") as file:
        for n, line in enumerate(file, 1):
            row = as_object(line)
            if row is None:
                raise StoreError(path, f"line {n} is damaged; `agenther package` makes it anew")
            yield row


def as_object(text: bytes) -> JsonRow | None:
    """The JSON object that this is, if it is one."""
    try:
        value = from_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _parquet(table: Table, clean: Clean, root: Path) -> Iterator[DataFile]:
    """One file under the same name, with the same columns; none where every row is left out."""
    import polars as pl  # noqa: PLC0415 - slow to load, and only one format needs it

    path = f"{table.folder}/{table.source.name}"
    draft = root / f"{path}.jsonl"
    read = count = 0
    try:
        frame = pl.scan_parquet(table.source)
        schema = frame.collect_schema()
        with draft.open("wb") as file:
            while rows := frame.slice(read, AT_A_TIME).collect().to_dicts():
                kept = list(filter(None, map(clean, rows)))
                file.writelines(to_json(row) + b"\n" for row in kept)
                read, count = read + len(rows), count + len(kept)
        if count:
            pl.scan_ndjson(draft, schema=schema).sink_parquet(root / path)
    except pl.exceptions.PolarsError as error:
        raise StoreError(table.source, "is damaged; `agenther package` makes it anew") from error
    draft.unlink()
    if count:
        yield DataFile(path, table.config, table.split, count)


def trainer_index(data: Path, repo: str, files: tuple[DataFile, ...]) -> bytes | None:
    """`dataset_info.json` as LLaMA-Factory reads it from a repository (`dataset_dir: REMOTE:OWNER/NAME`).

    The run folder's own names files, which have other names here; this one names configs instead. None if there is
    no such index in `data`, or nothing of what it names is published.
    """
    configs = {(file.config, file.split) for file in files}
    index: JsonRow = {}
    for path in sorted(data.glob("**/dataset_info.json")):
        for name, about in (as_object(path.read_bytes()) or {}).items():
            fields = about if isinstance(about, dict) else {}
            source = PurePosixPath(path.parent.relative_to(data).as_posix(), str(fields.get("file_name", "")))
            config, split = "_".join(source.parent.parts), source.stem
            if (config, split) in configs:
                others = {key: value for key, value in fields.items() if key != "file_name"}
                index[name] = {"hf_hub_url": repo, "subset": config, "split": split, **others}
    return to_json(index, indent=2) + b"\n" if index else None

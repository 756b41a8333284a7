"""Tables of which each row is a record: CSV with a header line, and Parquet."""

import csv
import math
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any, BinaryIO

from agenther.errors import ReadError
from agenther.readers.json_text import value_in
from agenther.readers.json_values import MAX_LINE_BYTES, Record
from agenther.readers.packed import plain
from agenther.records import Reason

TABLES = frozenset({".csv", ".tsv", ".parquet"})
ROWS = 64
"""Rows of a Parquet file that are taken in one go."""


def is_table(path: Path) -> bool:
    """Is it one by its name?"""
    return plain(path).suffix.lower() in TABLES


def rows(path: Path, file: BinaryIO) -> Iterator[Record]:
    """Each row of a table, from its `file`: with its line in a CSV file and its index in a Parquet file.

    Cells without a value are left out, since a table has one for every field of every row; JSON text and Python
    literals in a cell are unpacked. Raises ReadError for what is no such table.
    """
    found = _parquet(path) if plain(path).suffix.lower() == ".parquet" else _csv(file)
    return ((line, key, row if isinstance(row, ReadError) else _record(row)) for line, key, row in found)


def _csv(file: BinaryIO) -> Iterator[Record]:
    csv.field_size_limit(MAX_LINE_BYTES)
    text = (raw.decode("utf-8", "surrogateescape") for raw in iter(lambda: file.readline(MAX_LINE_BYTES), b""))
    first = next(text, "").removeprefix("\ufeff")
    if not first.strip():
        raise ReadError(Reason.EMPTY, "no names of columns")
    delimiter = max(",\t;", key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    lines = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            yield lines.line_num + 1, "", ReadError(Reason.MALFORMED, f"no row of a CSV file: {error}")
            continue
        if cells is None:
            return
        if cells:
            yield lines.line_num + 1, "", _row(names, cells)


def _row(names: list[str], cells: list[str]) -> dict[str, str] | ReadError:
    if len(cells) != len(names):
        return ReadError(Reason.MALFORMED, f"{len(cells)} cells under {len(names)} names")
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return ReadError(Reason.ENCODING, "not UTF-8; convert the file to UTF-8")
    return dict(zip(names, cells, strict=True))


def _parquet(path: Path) -> Iterator[Record]:
    import polars as pl  # noqa: PLC0415 - slow to load, and only one kind of file needs it

    index = 0
    try:
        for batch in pl.scan_parquet(path, glob=False).collect_batches(chunk_size=ROWS, maintain_order=True):
            for row in batch.iter_rows(named=True):
                yield None, str(index), row
                index += 1
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ReadError(Reason.MALFORMED, f"no Parquet file, or a damaged one: {error}") from None


def _record(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: _unpacked(cell) if isinstance(cell, str) else _told(cell) for name, cell in row.items()}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _told(value: Any) -> Any:
    """A cell as JSON has it, without what is empty."""
    if isinstance(value, dict):
        return {name: _told(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else "[binary]" if isinstance(value, bytes) else str(value)


def _unpacked(text: str) -> Any:
    return value_in(text, text) if text.lstrip().startswith(("{", "[")) else text

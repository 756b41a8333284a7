"""Files of records, a line for each."""

from collections.abc import Container, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import jsonlines
from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable
from agenther.records import Record

T = TypeVar("T", bound=Record)
_RUN = attrgetter("run_id")
_ID = '{"id":"'
"""So begins a line that names its record first."""


def records(path: Path, kind: type[T], ids: Container[str] | None = None) -> Iterator[T]:
    """The records of one of our files. Raises StoreError when it is not there, or was damaged.

    With `ids`, lines that begin with another id are passed over unread.
    """

    def loads(line: str | bytes) -> T | None:
        return kind.model_validate_json(line) if ids is None or _is_among(str(line), ids) else None

    try:
        with usable(path), jsonlines.open(path, loads=loads) as reader:
            found: Iterator[Any] = reader.iter(allow_none=True)
            yield from (record for record in found if record is not None)
    except jsonlines.InvalidLineError as error:
        raise StoreError(path, f"line {error.lineno} is damaged; run again into another --out") from None
    except UnicodeDecodeError:
        raise StoreError(path, "is damaged: not UTF-8; run again into another --out") from None


def naming(path: Path, kind: type[T], words: str) -> Iterator[T]:
    """The records of one of our files whose line holds these words. Raises StoreError when it was damaged."""
    wanted = words.encode()
    with usable(path), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if wanted in line:
                try:
                    yield kind.model_validate_json(line)
                except ValidationError:
                    raise StoreError(path, f"line {number} is damaged; run again into another --out") from None


def offsets(path: Path, ids: Container[str]) -> dict[str, int]:
    """Where the records of these ids begin in one of our files, in bytes; nothing for those that are not in it."""
    found: dict[str, int] = {}
    at = 0
    if not path.exists():
        return found
    with usable(path), path.open("rb") as file:
        for line in file:
            start = len(_ID)
            run_id = line[start : line.find(b'"', start)].decode(errors="replace")
            if run_id in ids:
                found[run_id] = at
            at += len(line)
    return found


def ids(path: Path) -> Iterator[str]:
    """Those of the records in one of our files whose lines begin with them."""
    with usable(path), path.open("rb") as file:
        for line in file:
            if line.startswith(_ID.encode()):
                yield line[len(_ID) : line.index(b'"', len(_ID))].decode(errors="replace")


def line_at(file: BinaryIO, at: int) -> bytes:
    """The line that begins there, without its end."""
    file.seek(at)
    return file.readline().removesuffix(b"\n")


def _is_among(line: str, ids: Container[str]) -> bool:
    start = len(_ID)
    return not line.startswith(_ID) or line[start : line.find('"', start)] in ids


class Cursor(Generic[T]):
    """A file of records in input order, of which some runs have none."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self.path = path
        self.records = records(path, kind) if path.exists() else iter(())
        self.record = next(self.records, None)

    def take(self, run_id: str | None) -> Iterator[T]:
        """The records of this run, if it is its turn."""
        while self.record is not None and _RUN(self.record) == run_id:
            record, self.record = self.record, next(self.records, None)
            yield record

    def check_done(self) -> None:
        if self.record is not None:
            raise StoreError(self.path, "does not fit trajectories.jsonl; run again into another --out")

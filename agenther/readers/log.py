"""One log file: its head to recognise it by, and its records, read within bounds.

Logs are hostile: nothing here executes, unpickles or unpacks anything.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from agenther.errors import ReadError
from agenther.readers.json_text import is_json, parse, partial
from agenther.records import Reason, Source

T = TypeVar("T")
Record = tuple[int | None, str, Any]
"""Line, key (the index in an array) and value, which is a ReadError for a bad line."""

HEAD_BYTES = 64 * 1024
MAX_LINE_BYTES = 64 * 1024 * 1024
"""A line of a JSONL file, or one run, larger than this is rejected."""
MAX_DOCUMENT_BYTES = 1024 * 1024 * 1024
"""A JSON document has to fit into memory as a whole."""


@dataclass
class Folder:
    """One directory of logs: what its readers found out once for all its files."""

    path: Path
    memory: dict[str, object] = field(default_factory=dict)

    def once(self, name: str, find: Callable[[Path], T]) -> T:
        """`find(self.path)`, computed for the first file that asks and kept for the others."""
        if name not in self.memory:
            self.memory[name] = find(self.path)
        return cast("T", self.memory[name])


@dataclass(frozen=True)
class Head:
    """The beginning of a file: all that a reader may look at to recognise its own."""

    path: Path
    text: str
    """The first 64 KB, undecodable bytes replaced."""

    @cached_property
    def is_lines(self) -> bool:
        """One JSON value a line (JSONL), whatever the file is called?"""
        if self.path.suffix in {".jsonl", ".ndjson"}:
            return True
        lines = self.text.split("\n", 2)
        if len(lines) < 2 or not lines[0].strip().startswith(("{", "[")):
            return False
        return is_json(lines[0]) and lines[1].strip().startswith(("{", "["))

    @cached_property
    def value(self) -> Any:
        """The document, or of a JSONL file its first readable line, as far as 64 KB show it; or None."""
        for text in self.text.split("\n") if self.is_lines else [self.text]:
            if text.lstrip().startswith(("{", "[")) and (value := partial(text)) is not None:
                return value
        return None

    @property
    def first(self) -> dict[str, Any]:
        """The first object: the document itself, or its first element; {} if there is none."""
        value = self.value
        if isinstance(value, list) and value:
            value = value[0]
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Log:
    """One file to read."""

    path: Path
    name: str
    """Relative to the LOGS argument, `/` as separator."""
    folder: Folder

    @cached_property
    def head(self) -> Head:
        with self.path.open("rb") as file:
            return Head(self.path, file.read(HEAD_BYTES).decode("utf-8-sig", "replace"))

    @cached_property
    def is_lines(self) -> bool:
        """As `Head.is_lines`, also where the first line is longer than the head."""
        if self.head.is_lines or "\n" in self.head.text or self.path.stat().st_size <= HEAD_BYTES:
            return self.head.is_lines
        with self.path.open("rb") as file:
            first, second = file.readline(MAX_LINE_BYTES), file.readline(HEAD_BYTES)
        return first.rstrip().endswith((b"}", b"]")) and second.lstrip().startswith((b"{", b"["))

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, which is read for it once."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def source(self, name: str, line: int | None = None, key: str = "") -> Source:
        """Where a record of the format `name` stands, and the bytes that it was read from."""
        return Source(format=name, path=self.name, line=line, key=key, sha256=self.sha256)

    def text(self) -> str:
        """The whole file. Raises ReadError when it is empty, too large or not UTF-8."""
        size = self.path.stat().st_size
        if size > MAX_DOCUMENT_BYTES:
            raise ReadError(Reason.TOO_LARGE, f"{size:,} bytes; a document may have {MAX_DOCUMENT_BYTES:,}")
        text = decode(self.path.read_bytes())
        if not text.strip():
            raise ReadError(Reason.EMPTY, "the file is empty")
        return text

    def document(self) -> Any:
        """The whole file as one JSON value. Raises ReadError when it is none."""
        return parse(self.text())

    def records(self, is_one: Callable[[list[Any]], bool] = lambda _list: False) -> Iterator[Record]:
        """Each record of a JSONL file, a JSON array (if it `is_one` record, that alone), or a single JSON value."""
        if self.is_lines:
            yield from self._lines()
            return
        document = self.document()
        if isinstance(document, list) and not is_one(document):
            for index, value in enumerate(document):
                yield None, str(index), value
        else:
            yield None, "", document

    def _lines(self) -> Iterator[Record]:
        with self.path.open("rb") as file:
            line = 0
            while raw := file.readline(MAX_LINE_BYTES + 1):
                line += 1
                if len(raw) > MAX_LINE_BYTES:
                    size = len(raw)
                    while not raw.endswith(b"\n") and (raw := file.readline(MAX_LINE_BYTES)):
                        size += len(raw)
                    why = f"{size:,} bytes in one line; a line may have {MAX_LINE_BYTES:,}"
                    yield line, "", ReadError(Reason.TOO_LARGE, why, line=line)
                    continue
                if not raw.strip():
                    continue
                try:
                    yield line, "", parse(decode(raw, line=line))
                except ReadError as error:
                    yield line, "", ReadError(error.reason, str(error), line=line)


def decode(raw: bytes, *, line: int | None = None) -> str:
    """UTF-8, with or without a byte-order mark. Raises ReadError for anything else."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"not UTF-8 at byte {error.start:,}; convert the file to UTF-8"
        raise ReadError(Reason.ENCODING, why, line=line) from None

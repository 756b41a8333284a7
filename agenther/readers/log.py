"""One log file: its head to recognise it by, and its records, read within bounds.

Logs are hostile: nothing here executes or unpickles anything, and what is packed is unpacked within bounds.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from agenther.errors import ReadError
from agenther.readers import packed
from agenther.readers.json_text import decode, is_json, is_object, parse, partial
from agenther.readers.json_values import MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, Record, parted, values, within
from agenther.readers.packed import plain
from agenther.readers.tables import is_table, rows
from agenther.records import Reason, Source

T = TypeVar("T")

HEAD_BYTES = 64 * 1024
LONG_HEAD_BYTES = 4 * 1024 * 1024
"""Looked at where the first 64 KB tell nothing, since one long field may fill them."""
LINES = frozenset({".jsonl", ".ndjson"})
_OPENING = ("{", "[")


@dataclass
class Folder:
    """One directory of logs: what its readers found out once for all its files."""

    path: Path
    above: "Folder | None" = None
    """The one that holds it, unless the user named it himself."""
    is_named: bool = True
    """Did the user name it, or one that it lies in? Else only a file in it."""
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
    given: Any = None
    """The value to look at in place of that of the text."""
    fault: ReadError | None = None
    """Why there is nothing to look at."""
    is_cut: bool = False
    """May there be more in the file?"""

    @property
    def suffix(self) -> str:
        """That of its name, without what it is packed with."""
        return plain(self.path).suffix.lower()

    @cached_property
    def is_lines(self) -> bool:
        """One JSON value a line (JSONL), whatever the file is called?"""
        lines = [line.strip() for line in self.text.split("\n") if line.strip()] or [""]
        first, second = lines[0], lines[1] if len(lines) > 1 else ""
        if first.startswith("["):
            return is_json(first) and bool(second) and (self.suffix in LINES or second.startswith(_OPENING))
        if self.suffix in LINES:
            is_spread = first.endswith(("{", "[", ",")) and not any(map(is_object, lines[:-1]))
            return not is_spread
        return self.has_words or (is_object(first) and second.startswith(_OPENING))

    @cached_property
    def has_words(self) -> bool:
        """Do lines begin with words, such as a time and a level, before their JSON?"""
        return self.suffix in {".log", *LINES} and any(
            is_object(line[max(line.find("{"), 0) :]) and not line.lstrip().startswith("{")
            for line in self.text.split("\n", 20)
        )

    @cached_property
    def value(self) -> Any:
        """The document, or of a JSONL file its first readable line, as far as the head shows it; or None."""
        if self.given is not None:
            return self.given
        found = next(self._seen(), None)
        if found is None and self.text.lstrip().startswith(_OPENING):  # damaged, or several values
            whole = values(io.BytesIO(self.text.encode()), lambda _list: False, by_id=False)
            found = [value for _, _, value in whole if isinstance(value, dict | list)] or None
        return found

    @property
    def first(self) -> dict[str, Any]:
        """The first object: the document itself, or its first element; {} if there is none."""
        value = self.value[0] if isinstance(self.value, list) and self.value else self.value
        return value if isinstance(value, dict) else {}

    def later(self) -> Iterator["Head"]:
        """The head as it would be without the first records, one after the other."""
        found: Iterable[Any] = ()
        if self.is_lines:
            found = islice(self._seen(), 1, None)
        elif isinstance(self.value, list):
            found = (self.value[n:] for n in range(1, len(self.value)))
        return (replace(self, given=item) for item in islice(found, 8))

    def members(self) -> Iterator["Head"]:
        """A head for each member of the document, should they all be objects or lists: records by their ids."""
        members = list(self.value.values()) if isinstance(self.value, dict) else []
        if all(isinstance(item, dict | list) for item in members):
            whole = members[:-1] if self.is_cut and len(members) > 1 else members
            yield from (replace(self, given=[item]) for item in whole[:8])

    def _seen(self) -> Iterator[Any]:
        for line in self.text.split("\n") if self.is_lines else [self.text]:
            text = line[max(line.find("{"), 0) :] if self.has_words else line
            if text.lstrip().startswith(_OPENING) and (value := partial(text)) is not None:
                yield value


@dataclass(frozen=True)
class Log:
    """One file to read."""

    path: Path
    name: str
    """Relative to the LOGS argument, `/` as separator."""
    folder: Folder
    by_id: bool = False
    """Is it an object of records by their ids?"""
    within: str = ""
    """The field of its object that holds the records, in a list or by their ids."""
    parts: tuple[Path, ...] = ()
    """Other files of which its run is made."""

    @cached_property
    def head(self) -> Head:
        return self._head(HEAD_BYTES)

    def heads(self) -> Iterator[Head]:
        """The head, and a longer one of a file with a field so long that it shows nothing else."""
        yield self.head
        if self.head.is_cut:
            yield self._head(LONG_HEAD_BYTES)

    def _head(self, size: int) -> Head:
        try:
            with packed.opened(self.path) as file:
                if is_table(self.path):
                    found = islice(rows(self.path, file), 8)
                    return Head(self.path, "", [row for _, _, row in found if isinstance(row, dict)])
                raw = file.read(size)
                return Head(self.path, raw.decode("utf-8-sig", "replace"), is_cut=len(raw) == size)
        except ReadError as error:
            return Head(self.path, "", fault=error)

    @cached_property
    def is_lines(self) -> bool:
        """As `Head.is_lines`, also where the first line is longer than the head."""
        if "\n" in self.head.text.strip() or not self.head.text.lstrip().startswith(_OPENING):
            return self.head.is_lines
        with self.opened() as file:
            first, second = file.readline(MAX_LINE_BYTES).strip(), file.readline(HEAD_BYTES).lstrip()
        if self.head.suffix in LINES and not first.startswith(b"["):
            return True
        return first.endswith((b"}", b"]")) and second.startswith((b"{", b"["))

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, and of its parts, which are read for it once."""
        digest = hashlib.sha256()
        for path in (self.path, *self.parts):
            with path.open("rb") as file:
                hashlib.file_digest(file, lambda: digest)
        return digest.hexdigest()

    def source(self, name: str, line: int | None = None, key: str = "") -> Source:
        """Where a record of the format `name` stands, and the bytes that it was read from."""
        return Source(format=name, path=self.name, line=line, key=key, sha256=self.sha256)

    @cached_property
    def _is_checked(self) -> bool:
        packed.check(self.path)
        return True

    def opened(self) -> BinaryIO:
        """Its bytes, unpacked. Raises ReadError when they are too many."""
        assert self._is_checked
        return packed.opened(self.path)

    def text(self) -> str:
        """The whole file. Raises ReadError when it is empty, too large or not UTF-8."""
        with self.opened() as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
        if len(raw) > MAX_DOCUMENT_BYTES:
            raise ReadError(Reason.TOO_LARGE, f"a document may have {MAX_DOCUMENT_BYTES:,} bytes, and has more")
        text = decode(raw)
        if not text.strip():
            raise ReadError(Reason.EMPTY, "the file is empty")
        return text

    def document(self) -> Any:
        """The whole file as one JSON value. Raises ReadError when it is none."""
        return parse(self.text(), constant=lambda _name: None)

    def parted(self, name: str) -> tuple[dict[str, Any], list[Record]]:
        """What the file's object tells beside the list under `name`, and each element of that list, see `parted`."""
        with self.opened() as file:
            return parted(file, name)

    def records(self, is_one: Callable[[list[Any]], bool] = lambda _list: False) -> Iterator[Record]:
        """Each line of a JSONL file, element of a list (which may be `is_one` record), row of a table, or value."""
        with self.opened() as file:
            if is_table(self.path):
                yield from rows(self.path, file)
            elif self.within:
                yield from within(file, self.within, is_one)
            elif self.is_lines and not self.by_id:
                yield from self._lines(file)
            else:
                yield from values(file, is_one, by_id=self.by_id)

    def members(self) -> Iterator[Record]:
        """Each member of the object that the file holds, whose name is its key."""
        return replace(self, by_id=True).records()

    def _lines(self, file: BinaryIO) -> Iterator[Record]:
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
            start = raw.find(b"{") if self.head.has_words else 0
            if start >= 0 and raw.strip():
                for _, key, value in values(io.BytesIO(raw[start:]), lambda _list: True, by_id=False):
                    yield line, key, value

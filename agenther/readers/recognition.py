"""Which format a log is, told by its content."""

from collections.abc import Iterable
from fnmatch import fnmatchcase  # Path.match takes ten times as long
from pathlib import Path

from agenther.errors import ReadError
from agenther.readers.base import Reader
from agenther.readers.formats import READERS
from agenther.readers.log import Head
from agenther.readers.maps import reader as maps
from agenther.records import Reason
from agenther.settings import How


def identify(head: Head, only: str | None = None) -> str | None:
    """Name of the format whose reader is surest of a log; None for a side file, which holds no run itself.

    `only` names the one format to take, whatever the file looks like. Raises ReadError when no format fits, or
    several do equally.
    """
    if only is not None:
        return only
    fits = {name: reader.recognizes(head) for name, reader in READERS.items()}
    surest = max(fits.values())
    names = [name for name, fit in fits.items() if fit and fit == surest]
    if len(names) == 1:
        return names[0]
    if names:
        why = f"looks like {' and '.join(names)}; choose one with --log-format"
        raise ReadError(Reason.AMBIGUOUS_FORMAT, why)
    if is_side_file(head.path) or any(reader.accompanies(head) for reader in READERS.values()):
        return None
    if not head.text.strip():
        raise ReadError(Reason.EMPTY, "the file is empty")
    if head.text.lstrip("\ufffd")[:2] in ("{\0", "[\0", "\0{", "\0["):
        raise ReadError(Reason.ENCODING, "UTF-16; convert the file to UTF-8")
    raise ReadError(Reason.UNKNOWN_FORMAT, "no log format fits; see `agenther formats`, or name one with --log-format")


def chosen(head: Head, how: How) -> tuple[str, Reader | None]:
    """(format, reader) of a log: that of the user's map, if there is one, which reads all but its side files."""
    if how.field_map is None:
        name = identify(head, how.log_format)
        return (name, READERS[name]) if name is not None else ("", None)
    mapped = maps.by(how.field_map)
    return maps.NAME, None if is_side_file(head.path, [mapped]) else mapped


def is_side_file(path: Path, readers: Iterable[Reader] = READERS.values()) -> bool:
    """Is it, by its name, one of the files that a reader finds beside its logs?"""
    patterns = (pattern for reader in readers for pattern in reader.side_files)
    return any(fnmatchcase("/".join(path.parts[-1 - pattern.count("/") :]), pattern) for pattern in patterns)

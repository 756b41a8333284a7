"""Which format a log is, told by its content."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase  # Path.match takes ten times as long
from pathlib import Path
from typing import TypeVar

from agenther.errors import PackageError, ReadError
from agenther.plugins import tell
from agenther.readers import nearest
from agenther.readers.base import Fit, Reader
from agenther.readers.formats import READERS
from agenther.readers.labels.verdicts import holds_labels
from agenther.readers.log import Head, Log
from agenther.readers.maps import reader as maps
from agenther.readers.values import fields
from agenther.records import Reason
from agenther.settings import How

Given = TypeVar("Given", Head, Log)
T = TypeVar("T")

NOT_LOGS = frozenset(
    ".md .rst .pdf .xlsx .png .jpg .jpeg .gif .webp .svg .ico .mp4 .webm .py .sh .js .css .toml"
    " .yaml .yml .ipynb .lock".split()
)
"""Suffixes of files that stand beside logs and never are logs. They are counted, not rejected."""
TAR_BYTES = 512
"""Of the first file in an archive, what tells that it is one."""


def recognized(log: Log, only: str | None = None) -> tuple[str | None, Log]:
    """(name of the format, log as it is laid out), as `identify` tells the name.

    Where the first record tells nothing, a later one does, or the records that an object holds by their ids; where
    64 KB tell nothing, 4 MB do.
    """
    for head in log.heads():
        if name := _surest(head, only):
            return name, log
        if only is None and _is_beside(head):
            return None, log
        for later in head.later():
            if name := _surest(later, only):
                return name, log
        names = {_surest(member, only) for member in head.members()}
        if len(names) == 1 and (name := names.pop()):
            return name, replace(log, by_id=True)
        wrapped = [(name, field) for field, inside in _wrapped(head) if (name := _surest(inside, only))]
        if len(wrapped) == 1:
            return wrapped[0][0], replace(log, within=wrapped[0][1])
    return identify(log.head, only), log


def _wrapped(head: Head) -> Iterator[tuple[str, Head]]:
    """(name, head) of each field of a document that may hold records: objects in a list, or by their ids."""
    for name, value in fields(head.value).items() if not head.is_lines else ():
        listed = list(value.values()) if isinstance(value, dict) else value
        if isinstance(listed, list) and listed and all(isinstance(item, dict) for item in listed):
            yield name, replace(head, given=listed)


def identify(head: Head, only: str | None = None) -> str | None:
    """Name of the format whose reader is surest of a log; None for a side file, which holds no run itself.

    `only` names the one format to take, whatever the file looks like. Raises ReadError when no format fits, or
    several do equally.
    """
    if name := only or _surest(head):
        return name
    if _is_beside(head) or holds_labels(head):
        return None
    if head.fault:
        raise head.fault
    if not head.text.strip() and head.given is None:
        raise ReadError(Reason.EMPTY, "the file is empty")
    if head.text.lstrip("\ufffd")[:2] in ("{\0", "[\0", "\0{", "\0["):
        raise ReadError(Reason.ENCODING, "UTF-16; convert the file to UTF-8")
    if head.text.startswith("PK\3\4") or "\0ustar" in head.text[:TAR_BYTES]:
        raise ReadError(Reason.UNREADABLE, "an archive of files; unpack it, and name the folder")
    why = f"no log format fits{nearest.told(head, READERS)}; see `agenther formats`"
    raise ReadError(Reason.UNKNOWN_FORMAT, "; ".join([why, *_failed(head)]))


def chosen(log: Log, how: How) -> tuple[str, Reader | None, Log]:
    """(format, reader, log as it is laid out): that of the user's map, if there is one, which reads all but its side
    files.
    """
    if how.field_map is None:
        if how.log_format is None and any(_answered(reader.holds_again, log, False) for reader in READERS.values()):
            return "", None, log
        name, log = recognized(log, how.log_format)
        return (name, READERS[name], log) if name is not None else ("", None, log)
    mapped = maps.by(how.field_map)
    return maps.NAME, None if is_side_file(log.path, [mapped]) else mapped, log


def _surest(head: Head, only: str | None = None) -> str | None:
    """The name of the reader that is surest, of all or of that one; None if none is. Raises ReadError for several."""
    asked = READERS if only is None else {only: READERS[only]}
    fits = {name: _answered(reader.recognizes, head, Fit.NO) for name, reader in asked.items()}
    surest = max(fits.values())
    names = [name for name, fit in fits.items() if fit and fit == surest]
    if len(names) > 1:
        why = f"looks like {' and '.join(names)}; choose one with --log-format"
        raise ReadError(Reason.AMBIGUOUS_FORMAT, why)
    return names[0] if names else None


def _answered(asked: Callable[[Given], T], given: Given, otherwise: T) -> T:
    """What a reader says. One of another package that fails does not know the log."""
    try:
        return asked(given)
    except PackageError as error:
        tell(error)
        return otherwise


def _failed(head: Head) -> Iterator[str]:
    """Of each reader that fails at it, which and why."""
    for reader in READERS.values():
        try:
            reader.recognizes(head)
        except PackageError as error:
            yield str(error)


def _is_beside(head: Head) -> bool:
    accompanied = (_answered(reader.accompanies, head, False) for reader in READERS.values())
    return is_side_file(head.path) or any(accompanied)


def is_log(how: How, log: Log) -> bool:
    """Does a file hold runs, as far as its head tells? If the user says how it is read, all but labels may."""
    if log.path.suffix.lower() in NOT_LOGS:
        return False
    try:
        if how != How(labels=how.labels, success_at=how.success_at):
            return isinstance(log.head.value, dict | list) and not holds_labels(log.head) and not is_side_file(log.path)
        return recognized(log)[0] is not None
    except ReadError as error:
        return error.reason == Reason.AMBIGUOUS_FORMAT
    except OSError:
        return False


def is_side_file(path: Path, readers: Iterable[Reader] = READERS.values()) -> bool:
    """Is it, by its name, one of the files that a reader finds beside its logs?"""
    patterns = (pattern for reader in readers for pattern in reader.side_files)
    return any(fnmatchcase("/".join(path.parts[-1 - pattern.count("/") :]), pattern) for pattern in patterns)

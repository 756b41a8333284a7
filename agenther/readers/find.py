"""From the paths that a user names to the runs in them, in a fixed order, losing none."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG

from agenther.errors import PackageError, ReadError, StoreError
from agenther.files import natural
from agenther.readers.labels.beside import beside
from agenther.readers.labels.given import relabelled
from agenther.readers.labels.verdicts import holds_labels
from agenther.readers.log import LINES, Folder, Log
from agenther.readers.recognition import NOT_LOGS, chosen, is_log, is_side_file
from agenther.readers.tables import is_table
from agenther.records import Reason, Rejection, Trajectory
from agenther.settings import BY_CONTENT, How

LOGS = frozenset({".json", ".traj", ".eval", *LINES})
"""Suffixes of files that say of themselves that they are logs."""


@dataclass(frozen=True)
class Ignored:
    """A file that holds no run: a side file of a format, or something that is no log at all."""

    name: str
    why: str


Entry = Log | Rejection | Ignored
_OURS = re.compile(rb'\s*\{\s*"made_with"')
"""How the files begin by which a run folder is known, finished or not."""


def check(logs: Iterable[Path], out: Path | None = None) -> None:
    """Raises StoreError for a run folder, which holds what was made of logs, and where `out` is to lie among them."""
    for root in logs:
        if is_run_folder(root):
            raise StoreError(root, "is a run folder of agenther, and holds no logs; name those that it was made from")
        if out and Path(os.path.realpath(out)).is_relative_to(os.path.realpath(root)):
            raise StoreError(out, f"lies in the logs {root}, which are only read; choose an --out beside them")


def files(logs: Iterable[Path]) -> Iterator[Entry]:
    """Every file under `logs` once, folders in name order; what cannot be listed comes as a Rejection.

    A run folder comes as one Ignored.
    """
    return (entry for _, entry in located(logs) if not isinstance(entry, Folder))


def located(logs: Iterable[Path]) -> Iterator[tuple[str, Entry | Folder]]:
    """The same, and each folder that can be listed, with their real paths. No two have the same."""
    seen: set[str] = set()
    for root in logs:
        real = os.path.realpath(root)
        if S_ISDIR(_mode(root)):
            yield from _walk(root, real, seen)
        elif real not in seen:
            seen.add(real)
            yield real, _file(root, _text(root.name), Folder(root.parent, is_named=False))


def _walk(root: Path, real: str, seen: set[str]) -> Iterator[tuple[str, Entry | Folder]]:
    waiting: list[tuple[Path, str, Folder | None]] = [(root, real, None)]
    while waiting:
        path, real, folder = waiting.pop()
        if real in seen:
            continue  # a link to what is found elsewhere, or something named twice
        seen.add(real)
        name = _text(str(PurePosixPath(path.relative_to(root))))
        if not S_ISDIR(_mode(path)):
            yield real, _file(path, name, folder or Folder(path.parent))
            continue
        if is_run_folder(path):
            yield real, Ignored(name, "a run folder of agenther")
            continue
        try:
            with os.scandir(path) as found:
                entries = sorted(found, key=lambda entry: natural(entry.name), reverse=True)
        except OSError as error:
            yield real, Rejection(path=name, stage="read", reason=Reason.UNREADABLE, detail=_why(error))
            continue
        inside = Folder(path, folder)
        yield real, inside
        for entry in entries:
            target = os.path.realpath(entry.path) if entry.is_symlink() else f"{real}{os.sep}{entry.name}"
            waiting.append((Path(entry.path), target, inside))


def is_run_folder(path: Path) -> bool:
    return any(_is_ours(path / name) for name in ("run.json", "journal.jsonl"))


def _is_ours(path: Path) -> bool:
    if not S_ISREG(_mode(path)):
        return False
    try:
        with path.open("rb") as file:
            return bool(_OURS.match(file.read(64)))
    except OSError:
        return False


def _file(path: Path, name: str, folder: Folder) -> Log | Ignored:
    mode = _mode(path)
    if mode and not S_ISREG(mode):
        return Ignored(name, "not a regular file")
    if path.suffix.lower() in NOT_LOGS and not is_side_file(path):
        return Ignored(name, f"{path.suffix.lower()} files hold no runs")
    return Log(path, name, folder)


def _mode(path: Path) -> int:
    """What kind of file `path` is, links followed; 0 if that cannot be told, so that reading it will tell why."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def read(log: Log, how: How = BY_CONTENT) -> Iterator[Trajectory | Rejection | Ignored]:
    """The runs of one file, or the reason why there are none. Nothing that the file holds raises."""
    count = 0
    try:
        name, reader, log = chosen(log, how)
        if reader is None:
            yield Ignored(log.name, "labels" if holds_labels(log.head) else "a side file")
            return
        for item in reader.read(log):
            count += 1
            yield _labelled(log, item, how) if isinstance(item, Trajectory) else _rejection(log, item)
        if not count:
            yield _rejection(log, ReadError(Reason.EMPTY, f"a {name} file without a run"))
    except ReadError as error:
        if error.reason == Reason.UNKNOWN_FORMAT and (kind := _kind(log)):
            yield Ignored(log.name, kind)
        else:
            yield _rejection(log, _told_exactly(log, error))
    except PackageError as error:
        yield _rejection(log, ReadError(Reason.MALFORMED, str(error)))
    except OSError as error:
        yield _rejection(log, ReadError(Reason.UNREADABLE, _why(error)))


def _kind(log: Log) -> str:
    """What a file is that is of no known format; empty if it may be a log all the same."""
    if is_table(log.path):
        return "a table without runs"
    return "" if _is_json(log) else f"{log.head.suffix} files without JSON".strip()


def _is_json(log: Log) -> bool:
    """Is it JSON, or does its name say so?"""
    return log.head.suffix in LOGS or log.head.value is not None


def _labelled(log: Log, run: Trajectory, how: How) -> Trajectory:
    """The run with its label, which files beside the log may tell where it does not, or the user in any case."""
    return relabelled(run, beside(log, run, partial(is_log, how)) if run.label.source == "none" else run.label, how)


def _told_exactly(log: Log, error: ReadError) -> ReadError:
    """Why no format fits what should be JSON: often it is none, or was cut off."""
    if error.reason != Reason.UNKNOWN_FORMAT or not _is_json(log):
        return error
    try:
        for line, _, value in log.records():
            if isinstance(value, ReadError):
                return ReadError(value.reason, str(value), line=line)
    except ReadError as exact:
        return exact
    return error


def _rejection(log: Log, error: ReadError) -> Rejection:
    reason = Reason(error.reason)
    return Rejection(path=log.name, line=error.line, key=error.key, stage="read", reason=reason, detail=str(error))


def _why(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"


def _text(name: str) -> str:
    """A file's name as text that can be written; bytes that are not UTF-8 as U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")

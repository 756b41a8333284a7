"""A run folder, held by this process, without the passwords that versions before kept in it.

They wrote the addresses of endpoints down as they were given, with user, password and query: in the settings, with each
batch, and in what servers said. All of that stands in words that begin with such an address.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agenther.address import secret_parts
from agenther.files import locked, usable, writing
from agenther.settings import apart


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder, made if it is not there, and clean. Raises StoreError while another process has it."""
    with locked(folder):
        with usable(folder):
            _clean(folder)
        yield


def _clean(folder: Path) -> None:
    """Puts addresses as they are shown in the place of those that the folder was made with, in all of its files."""
    found = {change for text in _kept(folder) for change in _changes(text)}
    changes = dict(sorted(found, key=lambda change: len(change[0]), reverse=True))
    if not changes:
        return
    for path in [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]:
        with path.open("rb") as file:
            is_clean = not any(old in line for line in file for old in changes)
        if not is_clean:
            with path.open("rb") as file, writing(path) as (new,):
                new.writelines(_changed(line, changes) for line in file)


def _changed(line: bytes, changes: dict[bytes, bytes]) -> bytes:
    for old, new in changes.items():
        line = line.replace(old, new)
    return line


def _changes(text: str) -> Iterator[tuple[bytes, bytes]]:
    """(old, new) for an address and its parts, in each way in which JSON may spell them."""
    for old, new in secret_parts(text):
        for as_ascii in (True, False):
            yield _spelled(old, as_ascii=as_ascii), _spelled(new, as_ascii=as_ascii)


def _spelled(text: str, *, as_ascii: bool) -> bytes:
    return json.dumps(text, ensure_ascii=as_ascii)[1:-1].encode("utf-8", "replace")


def _kept(folder: Path) -> Iterator[str]:
    """The addresses that the folder was made with, as they stand there."""
    for head in (_json(folder / "run.json"), _json(folder / "journal.jsonl", first_line=True)):
        settings = _get(_get(head, "made_with"), "settings")
        judges = _get(settings, "judges")
        yield str(_get(settings, "base_url"))
        yield from (apart(str(judge))[1] or "" for judge in (judges if isinstance(judges, list) else ()))
    batches = _json(folder / "batch" / "batches.json")
    yield from (str(_get(sent, "endpoint")) for sent in (batches.values() if isinstance(batches, dict) else ()))


def _json(path: Path, *, first_line: bool = False) -> Any:
    """What a file holds, or its first line; None if that is nothing."""
    try:
        with path.open("rb") as file:
            return json.loads(file.readline() if first_line else file.read())
    except (FileNotFoundError, ValueError, RecursionError):
        return None


def _get(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, dict) else None

"""Files that are written whole or not at all, and a folder that one process works on at a time."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from agenther.errors import StoreError

PART = ".part"
"""Ends the name of everything that is not whole yet."""


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Says in one line what keeps a file or folder from being used: a full disk, missing rights."""
    try:
        yield
    except OSError as error:
        raise StoreError(path, f"cannot be used: {error.strerror or error}") from error


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """The folder, made if it is not there. Raises StoreError while another process has it; those that only read it may
    have it together.
    """
    with usable(path):
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise StoreError(path, "another process works on this run folder; wait for it or choose another") from None
    finally:
        os.close(handle)


def part(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(path.name + PART)


def sha256_of(path: Path) -> str:
    """Of the bytes of a file."""
    with usable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def writing(*paths: Path) -> Iterator[tuple[BinaryIO, ...]]:
    """The parts of some files, to write to. They are renamed into place, in this order, when the block ends well."""
    with ExitStack() as stack:
        files = tuple(stack.enter_context(part(path).open("wb")) for path in paths)
        yield files
        for file in files:
            file.flush()
            os.fsync(file.fileno())
    for path in paths:
        part(path).replace(path)


def natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts render_2 before render_10."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for character in name:
        if character.isdecimal() and character.isascii():
            digits += character
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, character))
    return [*parts, (int(digits), "")] if digits else parts

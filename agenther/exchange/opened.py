"""Files of a set, which somebody sends who may mean harm: no links, none too large, none of a name that no set has."""

import re
from pathlib import Path

from agenther.errors import StoreError
from agenther.files import PART

MOST_FILES = 20_000
"""In one folder: of 10,000 sources, a manifest and a signature each."""


def inside(folder: Path, names: re.Pattern[str]) -> list[Path]:
    """The files of a folder, if it is there, but for those that somebody did not write to their end. Raises StoreError
    for one of another name.
    """
    if not (folder.exists() or folder.is_symlink()):
        return []
    if folder.is_symlink() or not folder.is_dir():
        raise StoreError(folder, "is a link or a file where a set has a folder")
    found = sorted(path for path in folder.iterdir() if not path.name.endswith(PART))
    if len(found) > MOST_FILES:
        raise StoreError(folder, f"holds more than {MOST_FILES} files")
    for path in found:
        if not names.fullmatch(path.name):
            raise StoreError(
                folder / ascii(path.name)[1:-1][:80],
                "is no file of a set; nothing in a set is packed or named otherwise",
            )
    return found


def whole(path: Path, most: int) -> bytes:
    check_file(path, most)
    return path.read_bytes()


def check_file(path: Path, most: int) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise StoreError(path, "is a link, or no file; a set has neither")
    if not path.exists():
        raise StoreError(path, "is not there: the folder holds no set")
    if path.stat().st_size > most:
        raise StoreError(path, f"has more than {most >> 20} MB")

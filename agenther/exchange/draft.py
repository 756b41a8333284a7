"""A set takes the place of another whole or not at all: it is written beside, noted as whole, and put in place.

Stopped while it is put in place, the rest is done by whatever reads the set next.
"""

import os
import shutil
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.exchange.manifest import MANIFEST, SIGNATURE
from agenther.files import locked, part, usable, writing
from agenther.records import Record

PROVENANCE, CONFLICTS = "provenance.jsonl", "conflicts.jsonl"
SOURCES, UNLISTED = "sources", "unlisted.jsonl"
NOTE = "whole.json"
MERGED = ("failures.jsonl", "lessons.jsonl", "contrast.jsonl", SOURCES, UNLISTED, PROVENANCE, CONFLICTS)
"""What a merged set has beside its manifest and signature."""
Name = Literal[
    "failures",
    "lessons",
    "contrast",
    "failures.jsonl",
    "lessons.jsonl",
    "contrast.jsonl",
    "sources",
    "unlisted.jsonl",
    "provenance.jsonl",
    "conflicts.jsonl",
    "manifest.sig",
    "manifest.json",
]
"""Nothing else of a set is put anywhere, whoever wrote the note."""


class Note(Record):
    """`whole.json` of a draft: what it puts in place, and what goes."""

    new: tuple[Name, ...]
    gone: tuple[Name, ...]


def begun(folder: Path) -> Path:
    """An empty folder, in which what is to stand in that one is written."""
    draft = _draft(folder)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    return draft


def put(folder: Path, owned: tuple[str, ...]) -> None:
    """Puts the draft, which is whole, in place. What of `owned` it lacks goes; what others put beside that stays."""
    draft = _draft(folder)
    for path in draft.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if not folder.exists() or not any(folder.iterdir()):
        draft.replace(os.path.realpath(folder))
        return
    names = sorted((*owned, SIGNATURE, MANIFEST), key=[SIGNATURE, MANIFEST].count)
    there = [name for name in names if (draft / name).exists()]
    note = Note.model_validate({"new": there, "gone": [name for name in names if name not in there]})
    with writing(draft / NOTE) as (file,):
        file.write(note.model_dump_json().encode())
    _rest(folder, draft, note)


def finish(folder: Path) -> None:
    """Does what was left to do where a set was being put in this place. Raises StoreError while another does that."""
    draft = _draft(folder)
    if (draft / NOTE).exists():
        with locked(folder), usable(draft):
            if (draft / NOTE).exists():
                _rest(folder, draft, _noted(draft / NOTE))


def _rest(folder: Path, draft: Path, note: Note) -> None:
    """What was put in place before is no longer in the draft."""
    for name in note.new:
        if (draft / name).exists():
            _remove(folder / name)
            (draft / name).replace(folder / name)
    for name in note.gone:
        _remove(folder / name)
    (draft / NOTE).unlink()
    shutil.rmtree(draft)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _noted(path: Path) -> Note:
    try:
        return Note.model_validate_json(path.read_bytes())
    except ValidationError:
        raise StoreError(path, "was not written by this program; move its folder away") from None


def _draft(folder: Path) -> Path:
    return part(Path(os.path.realpath(folder)))

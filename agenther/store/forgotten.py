"""What `agenther forget` took out of a run folder, and is not to be read again."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.records import Record

FORGOTTEN = "forgotten.jsonl"
Names = Mapping[str, frozenset[str]]
"""What is forgotten, and the places by which each is known again when its log is named in another way."""


class Forgotten(Record):
    """A line of `forgotten.jsonl`."""

    name: str
    """Of a run, its id; of a file, its path as in `Source`."""
    places: tuple[str, ...] = ()
    """Of a run, `place` of its inputs; of a file, its marks."""


def forgotten(folder: Path) -> Names:
    """What is not to be read again. Raises StoreError when the list is damaged."""
    path = folder / FORGOTTEN
    try:
        with usable(path):
            lines = path.read_bytes().splitlines() if path.exists() else []
        found = map(Forgotten.model_validate_json, lines)
        return {one.name: frozenset(one.places) for one in found}
    except ValidationError:
        raise StoreError(path, "is damaged; mend or delete it, and then forget again what it listed") from None


def forget_too(folder: Path, names: Names) -> bool:
    """Puts these onto the list as well. Were any of them new?"""
    before = forgotten(folder)
    all_names = {name: names.get(name, frozenset()) | before.get(name, frozenset()) for name in {*names, *before}}
    if all_names == before:
        return False
    with usable(folder), writing(folder / FORGOTTEN) as (file,):
        for name, places in sorted(all_names.items()):
            file.write(Forgotten(name=name, places=tuple(sorted(places))).model_dump_json().encode() + b"\n")
    return True


def known_as(names: Names) -> frozenset[str]:
    """All that what is forgotten is known as."""
    return frozenset(names).union(*names.values())

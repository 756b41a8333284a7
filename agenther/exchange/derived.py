"""What was made of a run folder and lies elsewhere: `sets.jsonl` in it, so that forgetting reaches that, too."""

from pathlib import Path
from typing import Literal

from agenther.files import writing
from agenther.records import Record
from agenther.store.lines import records

SETS = "sets.jsonl"
"""Never published: it holds paths of this machine."""


class Derived(Record):
    """A set or a folder of lessons."""

    kind: Literal["lessons", "set", "set on the Hub"]
    place: str
    """A folder of this machine, or OWNER/NAME on the Hub."""
    repo: str = ""
    organisation: str = ""
    lessons: str = ""
    """The folder of lessons that went into it."""
    key: str = ""
    """The path of the key that signed it; empty where none did."""


def derived(run: Path) -> tuple[Derived, ...]:
    """Raises StoreError where the file is damaged."""
    path = run / SETS
    return tuple(records(path, Derived)) if path.exists() else ()


def remember(run: Path, one: Derived) -> None:
    """A place once, as it was last written."""
    known = {before.place: before for before in derived(run)} | {one.place: one}
    with writing(run / SETS) as (file,):
        file.writelines(each.model_dump_json().encode() + b"\n" for _, each in sorted(known.items()))

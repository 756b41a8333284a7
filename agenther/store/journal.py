"""What is known while a run goes on; it outlives the death of the program.

`journal.jsonl` says in its first line what the folder is made with, and then, in the order in which runs are
finished, what each came to: its records, each under the name of the file that it will stand in, and a line "done":

    {"made_with":{…}}
    {"diagnoses":{…}}
    {"samples":{…}}
    {"done":{"run_id":"tau-bench-1f…", …}}
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from agenther import ladder
from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.records import Reason, Record, Result, Trajectory
from agenther.settings import LOCAL, Settings
from agenther.tally.counts import Fate, fate

FREE = frozenset({"base_url", "concurrency", "formats"})
"""Settings that may change from one start to the next: they decide over no sample. A server may move."""


class After(Record):
    """The round before, of a run that comes after it."""

    path: str
    """Of its folder, as seen from this one."""
    sha256: str
    """Of its runs and samples; see `rounds.mark`."""
    round: int = Field(ge=2)
    """The number of this one, the first of which is after none."""


class MadeWith(Record):
    """What decides over the content of a run folder, beside the logs."""

    agenther: str
    settings: Settings
    prompts: dict[str, str] = Field(default={})
    """sha256 of each prompt that has a part in it; empty for rules."""
    versions: dict[str, str] = Field(default={})
    """Of Python and the packages that have a part in it; told, not compared."""
    after: After | None = None

    @field_validator("settings", mode="before")
    @classmethod
    def _as_then(cls, settings: object) -> object:
        """Folders of before this was a choice hold folded dialogues."""
        return {"fold": True, **settings} if isinstance(settings, dict) else settings

    def difference(self, before: "MadeWith") -> str | None:
        """Why results made like `before` cannot stand beside results made like this; None if they can."""
        if (self.after and self.after.sha256) != (before.after and before.after.sha256):
            told = [
                f"comes after {after.path}" if after else "is a first round" for after in (before.after, self.after)
            ]
            return f"{told[0]}, this one {told[1]} as it is now" if self.after else f"{told[0]}, this one {told[1]}"
        mine, theirs = deciding(self.settings), deciding(before.settings)
        for name in mine:
            if mine[name] != theirs[name]:
                return f"was made with {name}={theirs[name]!r}, this is {name}={mine[name]!r}"
        if self.agenther != before.agenther:
            return f"was made by agenther {before.agenther}, this is {self.agenther}"
        for name in sorted({*self.prompts, *before.prompts}):
            if self.prompts.get(name) != before.prompts.get(name):
                return f"was made with another text of the prompt {name}"
        return None


def deciding(settings: Settings) -> dict[str, object]:
    """The settings that decide over samples."""
    judges = (*(judge.model for judge in settings.judge_models), *(f"{LOCAL}{name}" for name in settings.local_judges))
    return settings.model_dump(exclude=set(FREE)) | {"judges": judges}


def block(trajectory: Trajectory, result: Result) -> bytes:
    """What a run came to, as lines of the journal."""
    lines = [f'{{"{name}":{record.model_dump_json()}}}\n' for name, record in records(result)]
    return "".join([*lines, f'{{"done":{fate(trajectory, result).model_dump_json()}}}\n']).encode()


def records(result: Result) -> Iterator[tuple[str, Record]]:
    """(file, record) for everything in a result. Refused proposals are kept too, so that they can be looked into."""
    for name, kind in ladder.files().items():
        for record in result.all(kind):
            yield name, record
    if result.rejection:
        yield "rejections", result.rejection
    for spent in result.spent:
        yield "calls", spent


def unpacked(line: bytes) -> tuple[str, bytes]:
    """(file, record) of a line of the journal."""
    name, _, record = line.partition(b":")
    return name[2:-1].decode(errors="replace"), record[:-2]


def begun_with(path: Path) -> MadeWith:
    """What the journal was begun with. Raises StoreError when it does not tell."""
    with usable(path), path.open("rb") as file:
        name, record = unpacked(file.readline())
    try:
        before = MadeWith.model_validate_json(record) if name == "made_with" else None
    except ValidationError:
        before = None
    if before is None:
        raise StoreError(path, "cannot be carried on with; delete it to start anew")
    return before


def check_journal(path: Path, made: MadeWith) -> bool:
    """Is there more in the journal than what it was begun with? Raises StoreError when that is of other settings."""
    before = begun_with(path)
    with path.open("rb") as file:
        file.readline()
        holds_results = bool(file.readline())
    if holds_results and (difference := made.difference(before)):
        raise StoreError(path.parent, f"the run in it {difference}; use the same, or another --out")
    return holds_results


class Journal:
    """The results so far, by run."""

    def __init__(self, path: Path, made: MadeWith, again: frozenset[Reason] = frozenset()) -> None:
        """Opens the journal at `path`, or begins one. Raises StoreError when it belongs to other settings.

        Runs that were rejected for a reason in `again` are as good as not done.
        """
        self.path = path
        self.offsets: dict[str, int] = {}
        with usable(path):
            if not path.exists() or not check_journal(path, made):
                with writing(path) as (file,):
                    file.write(f'{{"made_with":{made.model_dump_json()}}}\n'.encode())
            self.file = path.open("r+b")
            self._load(again)

    def _load(self, again: frozenset[Reason]) -> None:
        start = at = len(self.file.readline())
        for line in self.file:
            at += len(line)
            if line.startswith(b'{"done":') and line.endswith(b"}\n"):
                fate = self._fate(line)
                self.offsets[fate.run_id] = start
                if fate.reason in again:
                    del self.offsets[fate.run_id]
                start = at
        self.file.seek(start)
        self.file.truncate()  # the half of a block that a killed process left

    def _fate(self, line: bytes) -> Fate:
        try:
            return Fate.model_validate_json(unpacked(line)[1])
        except ValidationError:
            self.close()
            raise StoreError(self.path, "is damaged; delete it to start anew") from None

    def add(self, run_id: str, lines: bytes) -> None:
        """Keeps a block; once this returns, no death of the program loses it."""
        with usable(self.path):
            self.offsets[run_id] = self.file.seek(0, os.SEEK_END)
            self.file.write(lines)
            self.file.flush()

    def get(self, run_id: str) -> Iterator[tuple[str, bytes]]:
        """(file, record) for each line of a block, "done" last."""
        self.file.seek(self.offsets[run_id])
        for line in self.file:
            name, record = unpacked(line)
            yield name, record
            if name == "done":
                return

    def close(self) -> None:
        with suppress(OSError):  # as told when it was written to
            self.file.close()

"""Ratings as they are kept: lines that are only ever added, in `ratings.jsonl` of the run folder, but for those on runs
that are forgotten.

What somebody said last of an item is what he says of it; a rating that is taken back stands there as one that says
nothing.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, TypeAdapter, ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.records import Record

RATINGS = "ratings.jsonl"
Answer = Literal["yes", "no", "unsure"]
Drawn = Literal["random", "stratified", "near-miss", "chosen"]
"""How an item came before a rater: drawn from all, from each band of scores, made to be wrong, or looked for."""


class Rating(Record):
    """What one person says of one item."""

    kind: Literal["rating"] = "rating"
    item: str
    run_id: str
    rater: str = Field(min_length=1)
    valid: Answer | None = None
    """Is it a correct and complete demonstration? None: it was taken back."""
    natural: Answer | None = None
    """Would somebody ask for this?"""
    worth: Answer | None = None
    """Is it worth training on?"""
    note: str = ""
    drawn: Drawn = "chosen"
    uncovered: bool = False
    """Did the rater look at the failed goal and at what judges said before he answered?"""
    seconds: float | None = None
    """For how long it was looked at."""
    at: str = ""
    """When, in ISO 8601."""

    @property
    def runs(self) -> tuple[str, ...]:
        return (self.run_id,)


class Preference(Record):
    """Which of two items somebody holds to be better."""

    kind: Literal["preference"] = "preference"
    items: tuple[str, str]
    run_ids: tuple[str, str]
    rater: str = Field(min_length=1)
    better: Literal["first", "second", "neither"] | None = None
    """None: it was taken back."""
    note: str = ""
    seconds: float | None = None
    at: str = ""

    @property
    def runs(self) -> tuple[str, ...]:
        return self.run_ids


Line = Annotated[Rating | Preference, Field(discriminator="kind")]
BEGINNING = b'{"kind":"'
"""Of each line."""
_LINE: TypeAdapter[Rating | Preference] = TypeAdapter(Line)


class Book:
    """The ratings of a run folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RATINGS

    def stamp(self) -> tuple[int, int, int]:
        """Another one whenever the file has changed."""
        with usable(self.path):
            if not self.path.exists():
                return (0, 0, 0)
            found = self.path.stat()
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def lines(self) -> Iterator[Rating | Preference]:
        """All, in the order in which they were made. Raises StoreError for a file that is damaged or something else."""
        with usable(self.path):
            found = _whole(self.path.read_bytes()) if self.path.exists() else b""
        for number, line in enumerate(found.splitlines(), 1):
            try:
                yield _LINE.validate_json(line)
            except ValidationError:
                why = f"line {number} is no rating; nothing was changed: mend the line, or move the file away"
                raise StoreError(self.path, why) from None

    def ratings(self) -> list[Rating]:
        """What each rater says of each item by now."""
        last = {(one.item, one.rater): one for one in self.lines() if isinstance(one, Rating)}
        return [one for one in last.values() if one.valid]

    def preferences(self) -> list[Preference]:
        """Likewise of each two items."""
        last = {(one.items, one.rater): one for one in self.lines() if isinstance(one, Preference)}
        return [one for one in last.values() if one.better]

    def add(self, made: Iterable[Rating | Preference]) -> None:
        """Adds lines, which are on disk when this returns. Raises StoreError when the file holds something else."""
        said = b"".join(one.model_dump_json().encode() + b"\n" for one in made)
        with usable(self.path), self._held() as file:
            for _ in self.lines():
                pass
            file.seek(0)
            file.truncate(len(kept := _whole(file.read())))
            file.write(said if kept.endswith(b"\n") or not kept else b"\n" + said)
            file.flush()
            os.fsync(file.fileno())

    def take_out(self, runs: frozenset[str]) -> None:
        """Writes the file anew, without what anybody said of these runs. Raises StoreError as `lines` does."""
        if all(runs.isdisjoint(one.runs) for one in self.lines()):
            return
        with usable(self.path), self._held():
            kept = [one for one in self.lines() if runs.isdisjoint(one.runs)]
            with writing(self.path) as (file,):
                file.writelines(one.model_dump_json().encode() + b"\n" for one in kept)

    @contextmanager
    def _held(self) -> Iterator[BinaryIO]:
        """The file, held by this process; opened anew when it was replaced while another process had it."""
        while True:
            with self.path.open("ab+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                    yield file
                    return


def _whole(found: bytes) -> bytes:
    """Without a last line that was cut off while it was written, and of which nobody was told that it is kept."""
    start = found.rfind(b"\n") + 1
    return found[:start] if _is_cut_off(found[start:]) else found


def _is_cut_off(line: bytes) -> bool:
    """Does it begin as our lines do, and is it none?"""
    try:
        _LINE.validate_json(line)
    except ValidationError:
        return BEGINNING.startswith(line[: len(BEGINNING)])
    return False

"""What is to stand in a run folder: what was read at this start, and what stays of the logs of earlier starts."""

from collections.abc import Container, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

from agenther.files import part, usable
from agenther.records import Sample, Trajectory
from agenther.store.forgotten import forgotten, known_as
from agenther.store.inputs import INPUTS, Group, Input, grouped, in_order, inputs, members
from agenther.store.journal import Journal
from agenther.store.lines import line_at, offsets

READ = ("read_runs.jsonl", "read_inputs.jsonl")
"""What was read, as long as a start goes on; each start writes it anew, since reading costs little."""

SOURCED: dict[str, type[Trajectory | Sample]] = {"trajectories": Trajectory, "samples": Sample}
"""What tells its log."""


class Intake:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = forgotten(folder)
        self.times_forgotten = len(names)
        self.forgotten = known_as(names)
        """Runs and files that are not taken in."""
        self.seen: dict[str, int] = {}
        """Runs that were read, and where they stand in `runs`."""
        self.kept: dict[str, int] = {}
        """Runs of before that stay, and where they stand in the folder's `trajectories.jsonl`."""
        self.groups: list[Group] = []
        self.old: list[Group] = []
        """What stays of the folder's inputs."""
        self.rank: dict[str, int] = {}
        """The order in which files came into the folder."""
        self._repeated: dict[str, int] = {}
        """Runs that stand in logs of before a second time; as `kept`."""
        self._moved_up: set[str] = set()
        """Those of them that are runs of their own now, since the first log does not hold them any more."""
        self._trajectories: BinaryIO | None = None
        """Those of before."""
        with usable(folder):
            self.runs, self.inputs = (part(folder / name).open("wb+") for name in READ)

    def keep(self, read: Container[str]) -> None:
        """What the folder holds of files with other marks than these stays."""
        owned: set[str | None] = set()
        repeated: set[str | None] = set()
        for at, one in inputs(self.folder):
            self.rank.setdefault(one.mark, len(self.rank))
            if one.mark not in read:
                grouped(self.old, one, at)
                if not one.is_named(self.forgotten):
                    (owned if one.is_run else repeated).add(one.run_id)
        if wanted := {run_id for run_id in owned | repeated if run_id}:
            places = offsets(self.folder / "trajectories.jsonl", wanted)
            self.kept = {run_id: at for run_id, at in places.items() if run_id in owned}
            self._repeated = {run_id: at for run_id, at in places.items() if run_id in repeated}

    def add(self, one: Input, run: bytes = b"") -> None:
        """Takes in what was read; `run` is the line of a trajectory."""
        with usable(self.folder):
            grouped(self.groups, one, self.inputs.tell())
            self.inputs.write(one.model_dump_json().encode() + b"\n")
            if one.is_run and one.run_id:
                self.seen[one.run_id] = self.runs.tell()
                self.runs.write(run + b"\n")

    def has(self, run_id: str, run: bytes) -> bool:
        """Does it stand in another log, of this start or of before?

        From the same place in a file of the same path and bytes it is the same log, which lies elsewhere now.
        """
        if run_id in self.kept:
            before, now = (Trajectory.model_validate_json(line).source for line in (self._before(run_id), run))
            if before == now:
                del self.kept[run_id]
        return run_id in self.seen or run_id in self.kept

    def waiting(self, journal: Journal) -> Iterator[Trajectory]:
        """Runs that stay and have no result yet. To be asked for when all is read."""
        for run_id, at in self._repeated.items():
            if run_id not in self.seen and run_id not in self.kept:
                self.kept[run_id] = at
                self._moved_up.add(run_id)
        for run_id in self.kept:
            if run_id not in journal.offsets:
                yield Trajectory.model_validate_json(self._before(run_id))

    def lines(self, journal: Journal) -> Iterator[tuple[str, bytes]]:
        """(file, record) for all that the folder is to hold, in its order; ("ignored", why) for what holds nothing."""
        path = self.folder / INPUTS
        with path.open("rb") if path.exists() else nullcontext(self.inputs) as old:
            for group, is_old in in_order(self.old, self.groups, self.rank):
                for found in members(group, old if is_old else self.inputs):
                    one = self._now(found) if is_old else found
                    if one:
                        yield "inputs", one.model_dump_json().encode()
                        yield from self._records(one, journal)

    def _now(self, one: Input) -> Input | None:
        """What becomes of an input of before; None if nothing does."""
        if one.is_named(self.forgotten) or (one.is_run and one.run_id not in self.kept):
            return None
        if one.run_id in self._moved_up:
            self._moved_up.remove(one.run_id)
            return one.model_copy(update={"unread": None})
        return one

    def _records(self, one: Input, journal: Journal) -> Iterator[tuple[str, bytes]]:
        if one.unread:
            yield "unread", one.unread.model_dump_json().encode()
        elif one.run_id is None:
            yield "ignored", one.ignored.encode()
        else:
            at = self.seen.get(one.run_id)
            run = self._before(one.run_id) if at is None else line_at(self.runs, at)
            for name, record in (("trajectories", run), *journal.get(one.run_id)):
                yield name, _of_file(record, SOURCED[name], one.sha256) if name in SOURCED else record

    def _before(self, run_id: str) -> bytes:
        if self._trajectories is None:
            self._trajectories = (self.folder / "trajectories.jsonl").open("rb")
        return line_at(self._trajectories, self.kept[run_id])

    def close(self) -> None:
        for file in (self.runs, self.inputs, self._trajectories):
            with suppress(OSError):  # a full disk was told when it was written to
                if file:
                    file.close()


def _of_file(record: bytes, kind: type[Trajectory | Sample], sha256: str) -> bytes:
    """The record, with the bytes that its log has now: those around the run may have changed."""
    if not sha256 or b'"sha256":"%b"' % sha256.encode() in record:
        return record
    before = kind.model_validate_json(record)
    source = before.source.model_copy(update={"sha256": sha256})
    return before.model_copy(update={"source": source}).model_dump_json().encode()

"""The runs of a finished run folder, each read when it is looked at."""

from collections.abc import Container
from pathlib import Path
from threading import Lock
from typing import Self

from agenther.files import usable
from agenther.records import Trajectory
from agenther.store.lines import line_at, offsets


class Archive:
    """The file stays open, so that it is the same one even when the folder is made anew meanwhile."""

    def __init__(self, folder: Path, ids: Container[str]) -> None:
        path = folder / "trajectories.jsonl"
        self.at = offsets(path, ids)
        with usable(path):
            self.file = path.open("rb")
        self.lock = Lock()

    def __getitem__(self, run_id: str) -> Trajectory:
        with self.lock:
            line = line_at(self.file, self.at[run_id])
        return Trajectory.model_validate_json(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

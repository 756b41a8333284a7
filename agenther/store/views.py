"""What commands made of a finished run for people to look at. It tells of the run as it was then."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from agenther.files import part

REPORT = Path("report") / "index.html"
RUNS = Path("report") / "runs"
"""The pages of runs."""
PROBE = "probe.json"
GATE = "gate.json"
"""A threshold that was found by ratings. It is no view of the run, but it rests on all of its ratings."""
VIEWS = (REPORT.as_posix(), RUNS.as_posix(), PROBE)


def remove(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Removes these files and folders, and what was left of them half-written; yields those that were there.

    The folder of the report goes too, unless it holds something of others.
    """
    for name in names:
        path = folder / name
        part(path).unlink(missing_ok=True)
        if path.is_dir():
            shutil.rmtree(path)
            yield f"{name}/"
        elif path.exists():
            path.unlink()
            yield name
    report = (folder / REPORT).parent
    if report.is_dir() and not any(report.iterdir()):
        report.rmdir()

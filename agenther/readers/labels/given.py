"""Labels that the user gives in a file, and the score from which on a run is a success.

    id,success            task,score
    3/0,false             pier-3,0.25
    3/1,true              pier-4,1

A row is about the runs that bear all the names which it gives: a run's id as `agenther inspect --json` shows it, the
log's own key or task, or the path of its file. What it says is read as in a log (see `told`), and counts for more.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from agenther.errors import AgentHERError, ReadError
from agenther.readers.build import identified
from agenther.readers.labels.told import label, part, reward, together
from agenther.readers.log import Folder, Log
from agenther.readers.values import fields, name_of, seen
from agenther.records import Label, Trajectory
from agenther.settings import How

NAMES = ("id", "run_id", "trajectory_id", "instance_id", "task_id", "task", "key", "path")
"""Columns that tell which run a row is about."""
Row = dict[str, Any]


def relabelled(run: Trajectory, told: Label, how: How) -> Trajectory:
    """The run labelled as the user says, or else as `told`, under an id of its own where that changes its label.

    Raises AgentHERError when the file cannot be used.
    """
    found = (how.labels and _of(run, how)) or _at(told, how)
    return run if found == run.label else identified(run.model_copy(update={"id": "", "label": found}))


def _at(told: Label, how: How) -> Label:
    """The label with the success that its score means to the user, and how near it came to that."""
    if how.success_at is None or told.score is None:
        return told
    success = told.score >= how.success_at
    near = 1.0 if success else part(told.score, how.success_at)
    return told.model_copy(update={"success": success, "reward": None, "reward_by": "", **reward(near)})


def _of(run: Trajectory, how: How) -> Label | None:
    path = how.labels or ""
    file, key = PurePosixPath(run.source.path), run.source.key
    own = "" if run.task_id and key.isdecimal() else key  # a place in a list is no task's number
    names = dict.fromkeys((run.id, own, run.task_id, run.source.path, file.name, file.stem))
    rows = given(path)
    about = [one for name in names if name for row, one in rows.get(name, ()) if {*_names(row)} <= names.keys()]
    said = [_at(one, how) for one in about]
    known = [one for one in said if one.success is not None or one.score is not None]
    if not known:
        return None
    file_name = Path(path).name
    if len({one.success for one in known}) > 1:
        return Label(source=f"contradicting: rows of {file_name}")
    return known[0].model_copy(update={"source": f"{file_name}: {known[0].source}", "unread": ()})


@lru_cache(maxsize=4)
def given(path: str) -> dict[str, list[tuple[Row, Label]]]:
    """The rows of a file of labels and what each says, by the first name that each gives.

    Raises AgentHERError when it holds none.
    """
    rows: dict[str, list[tuple[Row, Label]]] = {}
    found = list(_rows(Path(path)))
    row = found[-1] if found else {}
    told = False
    for one, said in zip(found, together(list(map(label, found))), strict=True):
        if name := next(_names(one), None):
            rows.setdefault(name, []).append((one, said))
            told = told or said.source != "none"
    if not rows:
        raise AgentHERError(f"{path} does not tell which runs its labels are of: {seen(row)}; name one {NAMES[0]}")
    if not told:
        raise AgentHERError(f"{path} tells no success: {seen(row)}; name one success or score")
    return rows


def _names(row: Row) -> Iterator[str]:
    return filter(None, (name_of(row.get(name)) for name in NAMES))


def _rows(path: Path) -> Iterator[Row]:
    """Raises AgentHERError when the file cannot be read."""
    try:
        for _, _, value in Log(path, path.name, Folder(path.parent)).records():
            if isinstance(value, ReadError):
                raise value
            yield fields(value)
    except (ReadError, OSError) as error:
        raise AgentHERError(f"{path} cannot be read as labels: {str(error).partition(chr(10))[0]}") from None

"""Labels that the user gives in a file, and the score from which on a run is a success.

    id,success            task,score
    3/0,false             pier-3,0.25
    3/1,true              pier-4,1

A row is about the runs that bear all the names which it gives: a run's id as `agenther inspect --json` shows it, the
log's own key or task, or the path of its file. What it says is read as in a log (see `told`), and counts for more.
Rows that are about no run are told.
"""

from collections.abc import Container, Iterator
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
NAMED = 5
"""Rows about no run that are named."""


def relabelled(run: Trajectory, told: Label, how: How) -> Trajectory:
    """The run labelled as the user says, or else as `told`, under an id of its own where that changes its label.

    Raises AgentHERError when the file cannot be used.
    """
    about = _about(run, how.labels) if how.labels else {}
    found = (about and _of(about, how)) or _at(told, how)
    same = run if found == run.label else identified(run.model_copy(update={"id": "", "label": found}))
    rows = same.label.model_copy(update={"rows": (*about,)}) if about else same.label
    return same.model_copy(update={"label": rows})


def unmatched(how: How, matched: Container[int]) -> str:
    """What to tell of the rows of the user's file that are not among `matched`; "" where there is nothing."""
    if not how.labels:
        return ""
    rows = sorted((n, name or f"row {n + 1}") for name, told in given(how.labels).items() for n, _, _ in told)
    missed = [name for n, name in rows if n not in matched]
    named = ", ".join([*missed[:NAMED], *(["…"] if len(missed) > NAMED else [])])
    told = f"{len(missed)} of the {len(rows)} rows of {how.labels} are about no run in these logs: {named}"
    return told if missed else ""


def _at(told: Label, how: How) -> Label:
    """The label with the success that its score means to the user, and how near it came to that."""
    if how.success_at is None or told.score is None:
        return told
    success = told.score >= how.success_at
    near = 1.0 if success else part(told.score, how.success_at)
    return told.model_copy(update={"success": success, "reward": None, "reward_by": "", **reward(near)})


def _about(run: Trajectory, path: str) -> dict[int, Label]:
    """What the rows say that are about the run, by their numbers."""
    file, key = PurePosixPath(run.source.path), run.source.key
    own = "" if run.task_id and key.isdecimal() else key  # a place in a list is no task's number
    names = dict.fromkeys((run.id, own, run.task_id, run.source.path, file.name, file.stem))
    rows = given(path)
    found = (it for name in names if name for it in rows.get(name, ()))
    return {n: said for n, row, said in found if {*_names(row)} <= names.keys()}


def _of(about: dict[int, Label], how: How) -> Label | None:
    said = [_at(one, how) for one in about.values()]
    known = [one for one in said if one.success is not None or one.score is not None]
    if not known:
        return None
    file_name = Path(how.labels or "").name
    if len({one.success for one in known}) > 1:
        return Label(source=f"contradicting: rows of {file_name}")
    return known[0].model_copy(update={"source": f"{file_name}: {known[0].source}", "unread": ()})


@lru_cache(maxsize=4)
def given(path: str) -> dict[str, list[tuple[int, Row, Label]]]:
    """The rows of a file of labels with their numbers and what each says, by the first name that each gives, or "".

    Raises AgentHERError when it holds none.
    """
    rows: dict[str, list[tuple[int, Row, Label]]] = {}
    found = list(rows_of(Path(path), "labels"))
    row = found[-1] if found else {}
    told = False
    for n, (one, said) in enumerate(zip(found, together(list(map(label, found))), strict=True)):
        rows.setdefault(next(_names(one), ""), []).append((n, one, said))
        told = told or said.source != "none"
    if rows.keys() <= {""}:
        raise AgentHERError(f"{path} does not tell which runs its labels are of: {seen(row)}; name one {NAMES[0]}")
    if not told:
        raise AgentHERError(f"{path} tells no success: {seen(row)}; name one success or score")
    return rows


def _names(row: Row) -> Iterator[str]:
    return filter(None, (name_of(row.get(name)) for name in NAMES))


def rows_of(path: Path, what: str) -> Iterator[Row]:
    """The objects in a user's file. Raises AgentHERError when it cannot be read as `what` it is."""
    try:
        for _, _, value in Log(path, path.name, Folder(path.parent)).records():
            if isinstance(value, ReadError):
                raise value
            yield fields(value)
    except (ReadError, OSError) as error:
        raise AgentHERError(f"{path} cannot be read as {what}: {str(error).partition(chr(10))[0]}") from None

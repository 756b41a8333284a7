"""What came of the runs of a trial: told by a table, or by logs.

    id,success                              task,arm,repetition,score
    trial-3f…-77…,true                      pier-3,lesson,1,0.5

In logs, the task or the key of a run, or its file, is the id of the row.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from agenther.lessons.trial.records import Outcome, Row
from agenther.readers.find import check, files
from agenther.readers.labels.given import rows_of
from agenther.readers.labels.told import label, together
from agenther.readers.reading import items
from agenther.readers.tables import is_table
from agenther.readers.values import name_of
from agenther.records import Label, Trajectory
from agenther.settings import How

LINES = ".jsonl"


def outcomes(paths: Iterable[Path], rows: Iterable[Row], how: How) -> Iterator[Outcome]:
    """Of tables and logs, in order. Raises AgentHERError for a table that is none, and for a run folder."""
    ids = {row.id for row in rows}
    logs = []
    for path in paths:
        if _is_table(path):
            yield from _of_table(path)
        else:
            logs.append(path)
    check(logs)
    for item in items(files(tuple(logs)), how) if logs else ():
        if isinstance(item, Trajectory):
            yield _of_run(item, ids)


def _is_table(path: Path) -> bool:
    """Do its rows name an arm, or a row of a trial and nothing that a log would have?"""
    if not (path.is_file() and (is_table(path) or path.suffix == LINES)):
        return False
    first = next(rows_of(path, "results"), {})
    return "arm" in first or ("id" in first and not any(isinstance(value, list) for value in first.values()))


def _of_table(path: Path) -> Iterator[Outcome]:
    found = list(rows_of(path, "results"))
    told = together([label({name: value for name, value in row.items() if name not in NAMES}) for row in found])
    for n, (row, said) in enumerate(zip(found, told, strict=True), 1):
        yield Outcome(_name(row), _value(said), f"{path}, row {n}")


NAMES = ("id", "task", "arm", "repetition")


def _name(row: dict[str, Any]) -> str:
    name, *parts = (name_of(row.get(column)) for column in NAMES)
    return name or called(*parts)


def called(task: str, arm: str, repetition: str) -> str:
    """How a row is called that is not told by its id."""
    return ", ".join((task, arm, repetition or "1"))


def _of_run(run: Trajectory, ids: set[str]) -> Outcome:
    source = run.source
    names = [run.task_id, source.key, PurePosixPath(source.path).stem]
    name = next((one for one in names if one in ids), run.task_id or source.key or source.path)
    return Outcome(name, _value(run.label), f"{source.path}{source.key and f' {source.key}'}")


def _value(said: Label) -> float | None:
    return said.reward if said.success is None else float(said.success)

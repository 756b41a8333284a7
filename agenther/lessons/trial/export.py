"""A trial for an agent of the user's: three arms, none, the lesson and a placebo, all of them for each task."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from agenther import __version__
from agenther.errors import AgentHERError, StoreError
from agenther.files import locked, usable, writing
from agenther.lessons.alike import nearest
from agenther.lessons.export import system_prompt
from agenther.lessons.folder import lessons, made_with
from agenther.lessons.records import Lesson
from agenther.lessons.situation import Situation, digest, fitting, goal_key, unfit
from agenther.lessons.trial.placebo import Text, placebo
from agenther.lessons.trial.records import Arm, Left, Row, Task, Trial, Why
from agenther.packagers.selection.split import share

SEAL = "trial.json"


class _Given(NamedTuple):
    """A task with the texts of its arms."""

    task: str
    lesson: Text
    placebo: Text


def export(folder: Path, tasks: Path, out: Path, repetitions: int) -> Trial:
    """Writes a file for each arm, with a line for each run that is to be made.

    Raises StoreError for a folder without lessons and where there is something in `out`, and AgentHERError for tasks
    that are none, and where no task is left.
    """
    found, seal, given = lessons(folder), made_with(folder), _tasks(tasks)
    told = [seal.sha256, str(repetitions), *(task.model_dump_json() for task in given)]
    name = f"trial-{_hash(*told)}"
    left: list[Left] = []
    rows = list(_rows(name, list(_given(given, found, seal.tasks, left)), repetitions))
    if not rows:
        why = ", ".join(f"{one.task}: {one.why}" for one in left[:5])
        raise AgentHERError(f"no task of {tasks} can be tried ({why or 'there is none'})")
    files = {arm: _lines(row for row in rows if row.arm == arm) for arm in Arm}
    trial = Trial(
        id=name,
        version=__version__,
        lessons=seal.sha256,
        repetitions=repetitions,
        tasks=len({row.task for row in rows}),
        left_out=tuple(left),
        files={arm: sha256(lines).hexdigest() for arm, lines in files.items()},
    )
    with locked(out), usable(out):
        if any(out.iterdir()):
            raise StoreError(out, "is not empty; choose another --out")
        with writing(*(out / file_name(arm) for arm in Arm), out / SEAL) as parts:
            for part, lines in zip(parts, (*files.values(), _sealed(trial)), strict=True):
                part.write(lines)
    return trial


def file_name(arm: Arm) -> str:
    return f"{arm}.jsonl"


def _tasks(path: Path) -> list[Task]:
    """A task on each line."""
    found = []
    with usable(path), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                found += [Task.model_validate_json(line)] if line.strip() else []
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"]))
                told = f"{where}: {first['msg']}" if where else first["msg"]
                example = '{"task": "pier-3", "goal": "…", "tools": ["book_flight"]}'
                raise AgentHERError(f"{path}:{number}: {told}; a line is {example}") from None
    return found


def _given(tasks: Iterable[Task], found: Sequence[Lesson], seen: frozenset[str], left: list[Left]) -> Iterator[_Given]:
    names: set[str] = set()
    for task in tasks:
        chosen = None if task.task in names else _lesson(task, found)
        if task.task in names:
            why = Why.REPEATED
        elif not seen.isdisjoint(_keys(task)):
            why = Why.SEEN
        elif chosen is None:
            why = Why.NO_LESSON
        elif other := placebo(chosen, _unrelated(task, chosen, found)):
            yield _Given(task.task, Text(system_prompt([chosen]), (chosen.id,)), other)
            names.add(task.task)
            continue
        else:
            why = Why.NO_PLACEBO
        names.add(task.task)
        left.append(Left(task=task.task, why=why))


def _keys(task: Task) -> Iterator[str]:
    """What stands for it in `lessons.json`."""
    yield digest(f"task:{task.benchmark}/{task.task}")
    yield from goal_key(task.goal)


def _situation(task: Task) -> Situation:
    return Situation(frozenset(task.tools), frozenset(task.sites), task.template)


def _lesson(task: Task, found: Sequence[Lesson]) -> Lesson | None:
    """The one that fits what is at hand; where the task tells nothing of that, the nearest to its goal."""
    is_told = bool(task.tools or task.sites or task.template)
    fit = fitting(found, _situation(task)) if is_told else nearest(task.goal, found, 1)
    return next(iter(fit), None)


def _unrelated(task: Task, chosen: Lesson, found: Sequence[Lesson]) -> list[Lesson]:
    """Those of other tasks, that share no tool, site and template with the lesson itself either. By lot."""
    own = _named(chosen)
    return [one for one in unfit(found, _situation(task), task.task) if own.isdisjoint(_named(one))]


def _named(lesson: Lesson) -> set[str]:
    return {*lesson.when.tools, *lesson.when.sites, *lesson.when.templates}


def _rows(trial: str, given: Iterable[_Given], repetitions: int) -> Iterator[Row]:
    for task, lesson, other in given:
        texts = {Arm.NONE: Text("", ()), Arm.LESSON: lesson, Arm.PLACEBO: other}
        for repetition in range(1, repetitions + 1):
            names = {arm: f"{trial}-{_hash(task, str(repetition), arm)}" for arm in Arm}
            order = sorted(names.values(), key=share)
            for arm, (text, ids) in texts.items():
                row, turn = names[arm], order.index(names[arm]) + 1
                yield Row(id=row, task=task, arm=arm, repetition=repetition, turn=turn, text=text, lessons=ids)


def _hash(*told: str) -> str:
    return sha256(json.dumps(told).encode()).hexdigest()[:12]


def _lines(rows: Iterable[Row]) -> bytes:
    return b"".join(row.model_dump_json().encode() + b"\n" for row in rows)


def _sealed(trial: Trial) -> bytes:
    return trial.model_dump_json(indent=2).encode() + b"\n"

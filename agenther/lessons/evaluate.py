"""Lessons held against runs of tasks that taught them nothing: does the one that an agent would be given name what then
went wrong? Beside it the commonest lesson of all, and one of another task.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from agenther.errors import AgentHERError
from agenther.jobs.again import finished
from agenther.lessons.abstract import abstract, habit
from agenther.lessons.folder import lessons, made_with
from agenther.lessons.group import Key
from agenther.lessons.known import Known
from agenther.lessons.occasions import occasions
from agenther.lessons.records import Kind, Lesson, Signature
from agenther.lessons.situation import Situation, before, by_lot, fitting, task_key, task_keys, unfit
from agenther.records import Record, Rejection, Trajectory
from agenther.store.run_folder import stored
from agenther.tally.counts import Table
from agenther.tally.shares import Share, by_runs, exact


class Left(StrEnum):
    """Why a run is not held against the lessons."""

    CITED = "a lesson stands on it"
    SEEN = "of a task that taught the lessons"
    SUCCESS = "it met its goal"
    REPEATED = "the same run again"


class Score(Record):
    """One way to choose a lesson for a run."""

    method: str
    precision: Share
    """Of the runs that it gives a lesson, those in which just that went wrong."""
    recall: Share
    """Of the runs in which something went wrong that rules can tell, those in which the lesson names it."""


class Evaluation(Record):
    lessons: int
    untold: int
    """Lessons of a model that name no tool with an error: nothing mechanical can tell whether they came true."""
    runs: int
    """Failed ones, of other tasks."""
    tasks: int
    """Of these runs. Only so many count as independent."""
    nothing: int
    """Runs in which rules see nothing that went wrong."""
    left_out: dict[str, int]
    known: Share
    """Of the runs in which something went wrong, those where some lesson names it: no choice has a higher recall."""
    scores: tuple[Score, ...]


class Held(NamedTuple):
    """A run that is held against the lessons."""

    id: str
    task: str
    situation: Situation
    errors: frozenset[Signature]
    """What went wrong in it."""


Choose = Callable[[Held], Lesson | None]


def evaluate(folder: Path, runs: Iterable[Path]) -> Evaluation:
    """Of failed runs in finished run folders. Raises StoreError for a folder that is none of the two kinds, and
    AgentHERError where no run is left.
    """
    found, made = lessons(folder), made_with(folder)
    told = [one for one in found if one.when.signature.kind != Kind.TOLD or one.when.signature.error]
    left_out: Counter[str] = Counter()
    held = list(_held(_runs(runs), _Known.of(found, made.tasks), left_out, is_abstract=made.choices.abstract))
    if not (held and told):
        why = ", ".join(f"{count}: {name}" for name, count in sorted(left_out.items()))
        lacks = (
            f"no run is left to hold them against ({why or 'there is none'}); lessons made with --hold-out leave some"
        )
        raise AgentHERError(lacks if told else f"{folder} holds no lessons that can be held against runs")
    commonest = min(told, key=lambda one: (-one.runs, one.id))

    def placebo(one: Held) -> Lesson | None:
        chosen = _first(fitting(told, one.situation))
        return _first(unfit(told, one.situation, one.id) or by_lot((x for x in told if x != chosen), one.id))

    ways: dict[str, Choose] = {
        "the one that fits": lambda one: _first(fitting(told, one.situation)),
        "the commonest": lambda _: commonest,
        "of another task": placebo,
    }
    wrong = [one for one in held if one.errors]
    return Evaluation(
        lessons=len(found),
        untold=len(found) - len(told),
        runs=len(held),
        tasks=len({one.task for one in held}),
        nothing=len(held) - len(wrong),
        left_out=dict(sorted(left_out.items())),
        known=by_runs((one.task, any(_names(lesson, one) for lesson in told)) for one in wrong),
        scores=tuple(_score(method, choose, held) for method, choose in ways.items()),
    )


def _first(found: Sequence[Lesson]) -> Lesson | None:
    return next(iter(found), None)


class _Known(NamedTuple):
    """By which runs and tasks the lessons were taught."""

    runs: frozenset[str]
    tasks: frozenset[str]

    @classmethod
    def of(cls, found: Iterable[Lesson], tasks: Iterable[str]) -> "_Known":
        return cls(frozenset(run for one in found for run in one.run_ids), frozenset(tasks))

    def left(self, run: Trajectory) -> Left | None:
        if run.id in self.runs:
            return Left.CITED
        if not self.tasks.isdisjoint(task_keys(run)):
            return Left.SEEN
        return Left.SUCCESS if run.label.success else None


def _runs(folders: Iterable[Path]) -> Iterator[Trajectory]:
    for folder in folders:
        finished(folder)
        yield from (item[0] for item in stored(folder) if not isinstance(item, Rejection))


def _held(runs: Iterable[Trajectory], taught: _Known, left_out: Counter[str], *, is_abstract: bool) -> Iterator[Held]:
    seen: set[str] = set()
    for run in runs:
        why = Left.REPEATED if run.id in seen else taught.left(run)
        seen.add(run.id)
        if why:
            left_out[why] += 1
        else:
            yield _looked_at(run, is_abstract=is_abstract)


def _looked_at(run: Trajectory, *, is_abstract: bool) -> Held:
    known = Known(run)
    found = list(occasions(run, known))
    end = min((cited.step for one in found for cited in one.failures), default=len(run.steps) + 1)
    keys = [Key(one.signature, one.changes) for one in found]
    keys += [habit(key) for key in keys]
    if is_abstract:
        keys = [abstract(key, [""] * len(key.changes)) for key in keys]
    errors = frozenset(key.signature for key in keys)
    return Held(run.id, task_key(run), before(run, known, end), errors)


def _names(lesson: Lesson, run: Held) -> bool:
    """Is what the lesson warns of among what went wrong? What a model told has to name the tool and its error."""
    own = {lesson.when.signature, *lesson.when.others}
    if lesson.when.signature.kind != Kind.TOLD:
        return not own.isdisjoint(run.errors)
    return any((one.tool, one.error) == (other.tool, other.error) for one in own for other in run.errors)


def _score(method: str, choose: Choose, held: Iterable[Held]) -> Score:
    given = [(one, choose(one)) for one in held]
    named = [(one, lesson is not None and _names(lesson, one), lesson is not None) for one, lesson in given]
    return Score(
        method=method,
        precision=by_runs((one.task, is_so) for one, is_so, is_given in named if is_given),
        recall=by_runs((one.task, is_so) for one, is_so, _ in named if one.errors),
    )


def tables(found: Evaluation) -> Iterator[Table]:
    """To look at."""
    rows = tuple((one.method, shown(one.precision), shown(one.recall)) for one in found.scores)
    yield Table("Does the lesson given name what then went wrong?", ("lesson", "precision", "recall"), rows)


def shown(share: Share) -> str:
    low, high = exact(share)
    return f"{share.part} of {share.of} ({low:.1%} to {high:.1%})" if share.of else "none"


def in_short(found: Evaluation) -> str:
    """What was counted, in a line or two."""
    counted = f"{found.runs} failed runs of {found.tasks} other tasks"
    known = f"some lesson names what went wrong in {shown(found.known)}"
    left = ", ".join(f"{count} {name}" for name, count in found.left_out.items())
    told = f"; {found.untold} lessons of a model name no error, and were left out" if found.untold else ""
    return f"{counted}, in {found.nothing} of which rules see nothing wrong; {known}{told}\nleft out: {left or 'none'}"


def as_object(found: Evaluation) -> dict[str, object]:
    """For other programs: as it is, with the exact intervals at 95 %."""
    return {
        **found.model_dump(mode="json"),
        "known": _object(found.known),
        "scores": [
            {"method": one.method, "precision": _object(one.precision), "recall": _object(one.recall)}
            for one in found.scores
        ],
    }


def _object(share: Share) -> dict[str, object]:
    return {**share.model_dump(mode="json"), "interval": exact(share)}

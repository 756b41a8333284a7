"""Which lesson an agent would be given: told by what is at hand before anything went wrong, never by the error."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from agenther.lessons.abstract import kind
from agenther.lessons.errors import short
from agenther.lessons.known import Known
from agenther.lessons.occasion import is_call, tool
from agenther.lessons.pages import page, site
from agenther.lessons.records import Lesson
from agenther.packagers.selection.sameness import of_goal
from agenther.packagers.selection.split import share, task
from agenther.records import Trajectory


class Situation(NamedTuple):
    """What is at hand."""

    tools: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    template: str = ""


def before(run: Trajectory, known: Known, end: int) -> Situation:
    """The situation of a run before step `end`: the tools that its log declares, else those that it called by then."""
    calls = [step for step in run.steps[: end - 1] if is_call(step)]
    names = known.tools or {step.action.name for step in calls}
    first = next((where for step in run.steps[:end] if (where := page(step))), None)
    places = [where for step in calls if (where := page(step))] + ([first] if first else [])
    return Situation(
        frozenset(tool(name, known) for name in names), frozenset(site(one.site, known) for one in places), run.template
    )


def fits(lesson: Lesson, situation: Situation) -> bool:
    """Is one of its tools at hand, and one of its sites, where it is about any? A habit of agents is about none."""
    tools = situation.tools | {kind(name) for name in situation.tools}
    signature = lesson.when.signature
    named = lesson.when.tools if signature.tool or signature.domain else ()
    pairs = ((named, tools), (lesson.when.sites, situation.sites))
    return all(not named or not there.isdisjoint(named) for named, there in pairs)


def fitting(lessons: Iterable[Lesson], situation: Situation) -> list[Lesson]:
    """Those that fit, of the task's own template first, and in their order."""
    found, template = [one for one in lessons if fits(one, situation)], short("template", situation.template)
    return sorted(found, key=lambda one: template not in one.when.templates)


def by_lot(lessons: Iterable[Lesson], key: str) -> list[Lesson]:
    """In an order that is fixed by the key, and has nothing to do with what they say."""
    return sorted(lessons, key=lambda one: (share(f"{key}\0{one.id}"), one.id))


def unfit(lessons: Sequence[Lesson], situation: Situation, key: str) -> list[Lesson]:
    """Those of other tasks: that name a tool or a site, and none that is at hand. By lot."""
    return by_lot((one for one in lessons if not fits(one, situation)), key)


def task_key(run: Trajectory) -> str:
    """What stands for the task of a run where its name may not be told."""
    return digest(task(run))


def task_keys(run: Trajectory) -> set[str]:
    """The same, and what stands for its goal, by which another log or list may know it."""
    return {task_key(run), *goal_key(run.goal)}


def goal_key(goal: str) -> Iterator[str]:
    """None where there is no goal."""
    if goal.strip():
        yield digest(f"goal:{of_goal(goal)}")


def digest(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_held_out(run: Trajectory, part: float) -> bool:
    """Is its task among that share of all tasks? The same on every machine, and with other runs beside it."""
    return share(f"held out\0{task(run)}") < part

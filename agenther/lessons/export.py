"""Lessons for programs, for people, and for agents."""

from collections.abc import Callable, Iterable, Sequence

from agenther.lessons.alike import nearest
from agenther.lessons.errors import short
from agenther.lessons.records import Cited, Lesson


def fitting(lessons: Sequence[Lesson], task: str = "", tool: str = "") -> list[Lesson]:
    """Those for a task, told by its template or by its words, and for a tool; the best, or nearest, first."""
    found = [lesson for lesson in lessons if not tool or tool in lesson.when.tools]
    if not task:
        return found
    template = short("template", task)
    return [lesson for lesson in found if template in lesson.when.templates] or nearest(task, found)


def jsonl(lessons: Iterable[Lesson]) -> str:
    return "".join(f"{lesson.model_dump_json()}\n" for lesson in lessons)


def markdown(lessons: Iterable[Lesson]) -> str:
    """For people, with what shows each."""
    return "\n".join(map(_entry, lessons))


def _entry(lesson: Lesson) -> str:
    stands = f"{lesson.runs} run{'s' * (lesson.runs != 1)}{', marked: too few' * lesson.is_marked}"
    days = f", {lesson.first_seen} to {lesson.last_seen}" if lesson.first_seen else ""
    lines = [
        f"## {lesson.wrong}",
        "",
        f"**Instead:** {lesson.instead}",
        "",
        f"Stands on {stands}{days}. Would have warned {lesson.prevents:.1%} of the failed runs. `{lesson.id}`",
        "",
        *map(_shown, (*lesson.failures, *lesson.successes)),
    ]
    return "\n".join(lines) + "\n"


def _shown(cited: Cited) -> str:
    quote = " ".join(cited.quote.split()).replace("`", "'")
    return f"- {cited.run_id}, step {cited.step}: `{quote}` ({cited.text})"


def system_prompt(lessons: Iterable[Lesson]) -> str:
    """For an agent. Of logs it holds no words but names and kinds of values."""
    found = [f"- {lesson.wrong} {lesson.instead}" for lesson in lessons]
    return "\n".join(["From earlier runs:", *found]) + "\n" if found else ""


FORMATS: dict[str, Callable[[Iterable[Lesson]], str]] = {
    "jsonl": jsonl,
    "markdown": markdown,
    "system-prompt": system_prompt,
}

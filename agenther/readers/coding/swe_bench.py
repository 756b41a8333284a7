"""What runs of coding agents on SWE-bench share: reports of what they resolved, prompts that wrap an issue, endings."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import Message
from agenther.readers.content import content_text
from agenther.readers.json_text import parse, partial
from agenther.readers.log import HEAD_BYTES, Head, Log
from agenther.readers.values import each, fields
from agenther.records import Ending, Label, Source, Trajectory

SOURCE = "swe-bench report"
MOST_FILES = 50
"""JSON files of one folder that are looked at."""
MOST_BYTES = 16 * 1024 * 1024
ENDINGS = (
    (Ending.STEP_LIMIT, ("limits", "cost", "context", "time", "timeout", "iterations", "calls")),
    (Ending.PARSE_FAILURE, ("format",)),
    (Ending.GAVE_UP, ("forfeit",)),
    (Ending.ANSWERED, ("submitted",)),
    (Ending.CRASHED, ("error", "api", "exception")),
)
"""How a run ended, by the first of these that has a word of its exit status."""
NEAR = 200
"""Characters of a template around the task, by which its place in a prompt is known."""
_BLOCK = re.compile(r"<([a-z]{1,20}_(?:description|statement))>")
_WORD = re.compile(r"[A-Z]?[a-z]+")
_HOLE = re.compile(r"\{[{%#][^{}]{0,300}[}%#]\}|\{\w{1,60}\}")


class Prompt(NamedTuple):
    """The first message to an agent: what it is asked, and what stands around it."""

    goal: str
    around: str


def is_report(head: Head) -> bool:
    """Does a file tell which instances are resolved, or hold the patches that were handed in?"""
    inner = fields(next(iter(head.first.values()), None))
    return _tells(head.first) or any("model_patch" in patch and "instance_id" in patch for patch in (head.first, inner))


def resolved(log: Log, instance: str) -> Label:
    """Whether the reports beside a run, or in the folders above it up to the root of its logs, say it is resolved."""
    reports = log.folder.once(SOURCE, lambda path: _reports(path, log.name))
    said = {verdict for report in reports for verdict in _of(report, instance)}
    if not said:
        return Label()
    return Label(success=said.pop() if len(said) == 1 else None, source=SOURCE)


def _reports(folder: Path, name: str) -> list[dict[str, Any]]:
    above = [folder, *folder.parents][: name.count("/") + 1]
    return [report for place in above for report in _in(place)]


def _in(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.json"))[:MOST_FILES]:
        try:
            if path.stat().st_size > MOST_BYTES:
                continue
            with path.open("rb") as file:
                head = Head(path, file.read(HEAD_BYTES).decode("utf-8-sig", "replace"))
            if _tells(partial(head.text)):
                yield fields(parse(path.read_text("utf-8-sig", "replace")))
        except (OSError, ReadError):
            continue


def _tells(value: Any) -> bool:
    """Does a report begin so: lists of instances, or an object for each?"""
    report = fields(value)
    if any("resolved" in name and isinstance(ids, list) for name, ids in report.items()):
        return True
    return isinstance(fields(next(iter(report.values()), None)).get("resolved"), bool)


def _of(report: dict[str, Any], instance: str) -> Iterator[bool]:
    one = fields(report.get(instance)).get("resolved")
    if isinstance(one, bool):
        yield one
    listed = {name for name, ids in report.items() if isinstance(ids, list) and instance in ids}
    if listed & {"resolved", "resolved_ids"}:
        yield True
    elif listed and not any("error" in name or "incomplete" in name for name in listed):
        yield False


def ending(status: Any) -> Ending:
    """How a run ended, by its exit status: `submitted (exit_cost)`, `LimitsExceeded`."""
    words = {word.lower() for word in _WORD.findall(status)} if isinstance(status, str) else set()
    return next((how for how, marks in ENDINGS if words & set(marks)), Ending.UNKNOWN)


def unwrapped(text: str, template: Any, name: str) -> Prompt | None:
    """The task in a prompt that `template` made, in which {{name}} or {name} stood; None where it did not make it."""
    hole = re.search(r"\{\{\s*" + name + r"\s*\}\}|\{" + name + r"\}", template) if isinstance(template, str) else None
    if hole is None:
        return None
    before = (
        _HOLE.split(template[max(hole.start() - NEAR, 0) : hole.start()])[-1].rpartition("}}")[2].rpartition("%}")[2]
    )
    after = _HOLE.split(template[hole.end() : hole.end() + NEAR])[0].partition("{{")[0].partition("{%")[0].rstrip()
    start = text.find(before)
    end = text.rfind(after) if after else len(text)
    if start < 0 or end < start + len(before):
        return None
    start += len(before)
    return Prompt(text[start:end].strip(), text[:start] + text[end:])


def _described(text: str) -> Prompt | None:
    """The task in a prompt that has it in a block such as <pr_description>."""
    opening = _BLOCK.search(text)
    end = text.find(f"</{opening[1]}>", opening.end()) if opening else -1
    if opening is None or end < 0:
        return None
    around = text[: opening.start()].strip() + "\n" + text[end + len(opening[0]) + 1 :].strip()
    return Prompt(text[opening.end() : end].strip(), around.strip())


def reader(
    about: str,
    name: str,
    recognizes: Callable[[Head], Fit],
    run: Callable[[Log, Source, dict[str, Any]], Trajectory],
    needs: tuple[str, ...],
) -> Reader:
    """Of a format of which each record is a run, and beside whose logs such reports lie."""

    def read(log: Log) -> Iterator[Trajectory | ReadError]:
        return each(log, name, log.records(), lambda source, record: run(log, source, fields(record)))

    return Reader(about, recognizes, read, ("preds.json", "all_preds.jsonl"), is_report, needs=needs)


def run(
    log: Log, source: Source, messages: list[Message], info: dict[str, Any], instance: str, **told: Any
) -> Trajectory:
    """The run on an instance, with what `info` says of how it ended and handed in, and what reports say of it."""
    how = ending(info.get("exit_status"))
    if how != Ending.UNKNOWN:
        told |= {"ending": how, "answer": content_text(info.get("submission")).strip() or None}
        told["failure_reason"] = None if how == Ending.ANSWERED else str(info["exit_status"])
    told |= {"task_id": instance, "label": resolved(log, instance)}
    return conversations.run(source, messages, info, **told)


def asking(messages: list[Message], unwrap: Callable[[str], Prompt | None]) -> list[Message]:
    """The messages with the task that `unwrap` finds in the user's first as the goal, and the rest of it as context."""
    at = next((n for n, message in enumerate(messages) if message.role == "user"), None)
    prompt = (unwrap(messages[at].text) or _described(messages[at].text)) if at is not None else None
    if at is None or prompt is None or not prompt.goal:
        return messages
    apart = (Message("system", prompt.around), messages[at]._replace(text=prompt.goal))
    return [*messages[:at], *apart, *messages[at + 1 :]]

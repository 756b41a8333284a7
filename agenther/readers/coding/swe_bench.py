"""What runs of coding agents on SWE-bench share: reports of what they resolved, prompts that wrap an issue, endings."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import Message
from agenther.readers.content import content_text
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields
from agenther.records import Ending, Source, Trajectory

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
    """Does a file list which instances are resolved, or hold the patches that were handed in?"""
    inner = fields(next(iter(head.first.values()), None))
    is_list = any("resolved" in name and isinstance(ids, list) for name, ids in head.first.items())
    return is_list or any("model_patch" in patch and "instance_id" in patch for patch in (head.first, inner))


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
    run: Callable[[Source, dict[str, Any]], Trajectory],
    needs: tuple[str, ...],
) -> Reader:
    """Of a format of which each record is a run, and beside whose logs reports of SWE-bench lie."""

    def read(log: Log) -> Iterator[Trajectory | ReadError]:
        return each(log, name, log.records(), lambda source, record: run(source, fields(record)))

    return Reader(about, recognizes, read, ("preds.json", "all_preds.jsonl"), is_report, needs=needs)


def run(source: Source, messages: list[Message], info: dict[str, Any], instance: str, **told: Any) -> Trajectory:
    """The run on an instance, with what `info` says of how it ended and handed in."""
    how = ending(info.get("exit_status"))
    if how != Ending.UNKNOWN:
        told |= {"ending": how, "answer": content_text(info.get("submission")).strip() or None}
        told["failure_reason"] = None if how == Ending.ANSWERED else str(info["exit_status"])
    return conversations.run(source, messages, info, task_id=instance, **told)


def asking(messages: list[Message], unwrap: Callable[[str], Prompt | None]) -> list[Message]:
    """The messages with the task that `unwrap` finds in the user's first as the goal, and the rest of it as context."""
    at = next((n for n, message in enumerate(messages) if message.role == "user"), None)
    prompt = (unwrap(messages[at].text) or _described(messages[at].text)) if at is not None else None
    if at is None or prompt is None or not prompt.goal:
        return messages
    apart = (Message("system", prompt.around), messages[at]._replace(text=prompt.goal))
    return [*messages[:at], *apart, *messages[at + 1 :]]

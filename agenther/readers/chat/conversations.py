"""Chat logs: where their conversations are, and what a record says beside its messages.

A file holds one conversation (a list of messages, or an object with such a list), a list of conversations, or one on
each line.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import reads
from agenther.readers.build import identified, tools
from agenther.readers.chat.dialects import messages_of
from agenther.readers.chat.messages import Message, read_all
from agenther.readers.chat.roles import kind_of
from agenther.readers.chat.text_actions import acting
from agenther.readers.chat.turns import RESPOND, conversation
from agenther.readers.content import content_text, joined
from agenther.readers.json_text import partial
from agenther.readers.labels.told import label
from agenther.readers.labels.verdicts import QUESTIONS
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, items, name_of, unpacked
from agenther.records import Ending, Reason, Source, Trajectory

LISTS = ("messages", "conversations", "conversation", "contents")
"""Fields under which a record keeps its messages."""


def read(name: str) -> Callable[[Log], Iterator[Trajectory | ReadError]]:
    """How chat logs of the format `name` are read: every conversation is a run."""
    return reads(name, _chat, lambda log: log.records(_opens))


def _chat(source: Source, value: Any) -> Trajectory:
    found = listed(value)
    if not found:  # its list has another name
        found = next((one for one in fields(value).values() if isinstance(one, list) and _opens(one)), found)
    return run(source, messages_in(unpacked(found)), fields(value))


def messages_in(raw: Any) -> list[Message]:
    """The messages of a log's list, of any dialect, with the calls that their texts tell. Raises ReadError for none."""
    return acting(read_all(raw, messages_of))


def run(source: Source, messages: Iterable[Message], record: dict[str, Any], **told: Any) -> Trajectory:
    """The run that `messages` tell, with what `record` says beside them; `told` holds what the format knows better.

    Its `flags`, each with whether it holds, come on top, a `system` of it before the conversation's. Where it tells an
    answer, the last step gives it. With `is_run`, words alone are a run, too.
    """
    said = conversation(messages)
    if not told.pop("is_run", False) and all(step.final or step.action.name == RESPOND for step in said.steps):
        words = content_text(said.steps[0].action.arguments.get("content")).strip()
        why = f"no call of a tool is understood; {said.speakers}; the agent's words begin with {words[:80]!r}"
        raise ReadError(Reason.NO_STEPS, why)
    closed = said.steps[-1].final
    draft = {
        "goal": said.goal or _goal(record),
        "task_id": name_of(record.get("task_id", record.get("id"))),
        "tools": tools(unpacked(record.get("tools") or record.get("functions"))),
        "start": said.start,
        "steps": said.steps,
        "answer": said.reply if closed else None,
        "ending": Ending.ANSWERED if closed and said.reply is not None else Ending.UNKNOWN,
        "label": label(record),
    }
    system = joined([told.pop("system", _instructions(record)), said.system])
    flags = tuple(dict.fromkeys((*(name for name, holds in told.pop("flags", {}).items() if holds), *said.flags)))
    if told.get("answer"):
        told["steps"] = (*said.steps[:-1], said.steps[-1].model_copy(update={"final": True}))
    return identified(Trajectory(id="", source=source, **(draft | told), system=system, flags=flags))


def _goal(record: dict[str, Any]) -> str:
    """What a record says beside its messages that the agent was asked; a single word may be a task's name."""
    return next((text for name in QUESTIONS if isinstance(text := record.get(name), str) and len(text.split()) > 1), "")


def _instructions(record: dict[str, Any]) -> str:
    """The system prompt that stands beside the messages; Gemini's comes in parts."""
    told = record.get("system", record.get("systemInstruction", record.get("system_instruction")))
    return content_text(fields(told).get("parts", told))


def listed(value: Any) -> Any:
    """The list of messages of a conversation, be it an object that holds the list or the list itself."""
    if isinstance(value, dict):
        told = [value[name] for name in LISTS if value.get(name) is not None]
        return next(filter(None, told), told[0] if told else listed(value.get("values")))
    return value


def first_messages(head: Head) -> list[dict[str, Any]]:
    """The messages of the first conversation, as far as the head shows them; [] if it is no chat."""
    value = head.value
    if isinstance(value, list) and not _opens(value):
        value = next((item for item in value if isinstance(item, dict | list)), None)
    messages = listed(value)
    if isinstance(messages, str):
        messages = partial(messages)
    return [item for item in items(messages) if _is_message(item)]


def _opens(values: list[Any]) -> bool:
    """Is a list one conversation, by its first element?"""
    return any(map(_is_message, values[:1]))


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and (isinstance(value.get("role", value.get("from")), str) or bool(kind_of(value)))

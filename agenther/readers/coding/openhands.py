"""Events of OpenHands: lists of actions and observations, alone or as the `history` of an `output.jsonl`.

    [{"id": 0, "source": "user", "action": "message", "args": {"content": "Mend the lamp."}},
     {"id": 3, "source": "agent", "action": "run", "args": {"command": "ls", "thought": "Look around."},
      "tool_call_metadata": {"function_name": "execute_bash", "tool_call_id": "c1", "model_response": {…}}},
     {"id": 4, "source": "agent", "observation": "run", "cause": 3, "content": "lamp.py",
      "extras": {"metadata": {"exit_code": 0}}},
     {"id": 5, "source": "agent", "action": "finish", "args": {"final_thought": "It glows."}}]
    {"instance_id": "lamp-1", "instruction": "…", "history": […], "test_result": {"report": {"resolved": true}}}

An observation belongs to the action that is its `cause`. Events that only keep books (states, recalls) are left out.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.calls import call_of
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.coding import swe_bench
from agenther.readers.coding.swe_bench import Prompt
from agenther.readers.content import content_text
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.values import each, fields, name_of
from agenther.records import Ending, Label, Reason, Source, Trajectory

NAME = "openhands"
STILL_RUNS = -1
"""The exit code of a command that has not ended."""
BOOKS = frozenset(
    "null agent_state_changed change_agent_state recall system condensation condensation_request task_tracking".split()
)
"""Kinds of events that neither the agent did nor saw."""
BESIDE = frozenset(
    "thought is_input blocking keep_prompt hidden confirmation_state security_risk impl_source timeout"
    " translated_ipython_code wait_for_response image_urls file_urls".split()
)
"""Arguments of an action that are none of the call."""


def recognizes(head: Head) -> Fit:
    """Does an event tell its source and its action or observation?"""
    found = head.first.get("history", head.value)
    events = found if isinstance(found, list) else []
    return Fit.SIGNATURE if any(map(_is_event, _flat(events)[:2])) else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, NAME, log.records(_is_history), lambda source, record: _run(log, source, record))


def _is_event(value: Any) -> bool:
    event = fields(value)
    return "source" in event and ("action" in event or "observation" in event)


def _is_history(values: list[Any]) -> bool:
    return any(map(_is_event, _flat(values)[:1]))


def _flat(events: list[Any]) -> list[Any]:
    """The events of a history, which older ones keep in pairs of action and observation."""
    return [one for event in events for one in (event if isinstance(event, list) else [event])]


def _run(log: Log, source: Source, value: Any) -> Trajectory:
    record = fields(value)
    history = record.get("history", value)
    if not isinstance(history, list):
        raise ReadError(Reason.MALFORMED, "no list of events")
    events = [event for event in _flat(history) if isinstance(event, dict)]
    instance = name_of(record.get("instance_id"))
    stated = fields(record.get("instance")).get("problem_statement")
    messages = swe_bench.asking(list(read_all(events, _messages_of)), lambda text: _issue(text, stated))
    last = next((event for event in reversed(events) if "action" in event), {})
    told: dict[str, Any] = {"task_id": instance, "label": _label(log, record, instance)}
    if last.get("action") == "finish" and (answer := _answer(fields(last.get("args")))):
        told |= {"answer": answer, "ending": Ending.ANSWERED}
    if isinstance(why := record.get("error"), str) and why:
        told |= {"failure_reason": why, "ending": Ending.CRASHED}
    return conversations.run(source, messages, record, **told)


def _issue(text: str, stated: Any) -> Prompt | None:
    start = text.find(stated) if isinstance(stated, str) and stated else -1
    return Prompt(stated.strip(), text[:start] + text[start + len(stated) :]) if start >= 0 else None


def _answer(args: dict[str, Any]) -> str:
    return next(
        (text for name in ("final_thought", "message", "thought") if (text := content_text(args.get(name)))), ""
    )


def _label(log: Log, record: dict[str, Any], instance: str) -> Label:
    """By the record itself, the report in it, or the reports beside it."""
    tested = fields(record.get("test_result"))
    for place in (record, fields(record.get("report")), tested, fields(tested.get("report"))):
        if (found := label(place)).source != "none":
            return found
    return swe_bench.resolved(log, instance) if instance else Label()


def _messages_of(event: dict[str, Any]) -> Iterator[Message]:
    kind = event.get("action", event.get("observation"))
    if not isinstance(kind, str) or kind in BOOKS or (kind == "think" and "observation" in event):
        return
    if "action" in event:
        yield _acted(event, kind, fields(event.get("args")))
    elif kind == "error":
        yield Message("result", content_text(event.get("content")), answers=_id(event, "cause"), beside={"error": True})
    else:
        extras = fields(event.get("extras"))
        code = fields(extras.get("metadata")).get("exit_code", extras.get("exit_code"))
        beside = {} if code == STILL_RUNS else {"exit_code": code}
        yield Message("result", content_text(event.get("content")), answers=_id(event, "cause"), beside=beside)


def _acted(event: dict[str, Any], kind: str, args: dict[str, Any]) -> Message:
    if kind == "message":
        return Message("agent" if event.get("source") == "agent" else "user", content_text(args.get("content")))
    asked = fields(event.get("tool_call_metadata"))
    call = Call("", kind, {name: value for name, value in args.items() if name not in BESIDE})
    choices = fields(asked.get("model_response")).get("choices")
    answer = fields(fields(choices[0]).get("message")) if isinstance(choices, list) and choices else {}
    for made in answer["tool_calls"] if isinstance(answer.get("tool_calls"), list) else ():
        if fields(made).get("id") == asked.get("tool_call_id"):
            call = call_of(made) or call
    return Message("agent", thought=content_text(args.get("thought")), calls=(call._replace(id=_id(event, "id")),))


def _id(event: dict[str, Any], name: str) -> str:
    return name_of(event.get(name))


READER = Reader("Events of OpenHands", recognizes, read, (), swe_bench.is_report)

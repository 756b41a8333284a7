"""Events of OpenHands: lists of actions and observations, alone or as the `history` of an `output.jsonl`.

    [{"id": 0, "source": "user", "action": "message", "args": {"content": "Mend the lamp."}},
     {"id": 3, "source": "agent", "action": "run", "args": {"command": "ls", "thought": "Look around."},
      "tool_call_metadata": {"function_name": "execute_bash", "tool_call_id": "c1", "model_response": {…}}},
     {"id": 4, "source": "agent", "observation": "run", "cause": 3, "content": "lamp.py",
      "extras": {"metadata": {"exit_code": 0}}},
     {"id": 5, "source": "agent", "action": "finish", "args": {"final_thought": "It glows."}}]
    {"instance_id": "lamp-1", "instruction": "…", "history": […], "test_result": {"report": {"resolved": true}}}

An observation belongs to the action that is its `cause`. Events that only keep books (states, recalls) are left out.
Those of the newer agent SDK are told in `openhands_sdk`.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import tools
from agenther.readers.chat import conversations
from agenther.readers.chat.calls import call_of
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.coding import openhands_sdk as sdk
from agenther.readers.coding import swe_bench
from agenther.readers.coding.swe_bench import Prompt
from agenther.readers.content import content_text
from agenther.readers.json_values import Record
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.values import fields, first_in, items, name_of
from agenther.records import Ending, Label, Reason, Source, Trajectory

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
    if sdk.is_event(head.first) and _is_alone(head):
        return Fit.sure(sdk.is_first(head.path))
    history = items(head.first.get("history", head.value))
    return Fit.sure(_is_history(history) or (head.is_lines and _is_event(head.first)))


def _is_alone(head: Head) -> bool:
    return isinstance(head.value, dict) and not head.is_lines


def _records(log: Log) -> Iterator[Record]:
    """Histories, of which one may have a file for each event, or a line."""
    if sdk.is_event(log.head.first) and _is_alone(log.head):
        yield None, "", sdk.events(log.path.parent)
    elif log.is_lines and _is_event(log.head.first):
        yield None, "", [value for _, _, value in log.records()]
    else:
        yield from log.records(_is_history)


def _is_event(value: Any) -> bool:
    event = fields(value)
    return sdk.is_event(event) or ("source" in event and ("action" in event or "observation" in event))


def _is_history(values: list[Any]) -> bool:
    return any(map(_is_event, _flat(values)[:2]))


def _flat(events: list[Any]) -> list[Any]:
    """The events of a history, which older ones keep in pairs of action and observation."""
    return [one for event in events for one in (event if isinstance(event, list) else [event])]


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    history = record.get("history", value)
    if not isinstance(history, list):
        raise ReadError(Reason.MALFORMED, "no list of events")
    flat = _flat(history)
    events = [event for event in flat if isinstance(event, dict)]
    instance = name_of(record.get("instance_id"))
    stated = fields(record.get("instance")).get("problem_statement")
    messages = swe_bench.asking(list(read_all(events, _messages_of)), lambda text: _issue(text, stated))
    last = next((event for event in reversed(events) if "action" in event), {})
    told: dict[str, Any] = {"task_id": instance, "label": _label(record)}
    told |= {"tools": tools(next(filter(None, map(sdk.tools, events)), []))} if not record.get("tools") else {}
    told["flags"] = {"events-unreadable": len(events) < len(flat)}
    if last.get("action") == "finish":
        said = (content_text(fields(last.get("args")).get(name)) for name in ("final_thought", "message", "thought"))
        if answer := next(filter(None, said), ""):
            told |= {"answer": answer, "ending": Ending.ANSWERED}
    broke = next((event for event in events if event.get("kind") == "ConversationErrorEvent"), {})
    if isinstance(why := record.get("error") or broke.get("detail"), str) and why:
        is_limit = swe_bench.ending(broke.get("code")) == Ending.STEP_LIMIT
        told |= {"failure_reason": why, "ending": Ending.STEP_LIMIT if is_limit else Ending.CRASHED}
    return conversations.run(source, messages, record, is_run=True, **told)


def _issue(text: str, stated: Any) -> Prompt | None:
    start = text.find(stated) if isinstance(stated, str) and stated else -1
    return Prompt(stated.strip(), text[:start] + text[start + len(stated) :]) if start >= 0 else None


def _label(record: dict[str, Any]) -> Label:
    """By the record itself, or the report in it."""
    tested = fields(record.get("test_result"))
    found = map(label, (record, fields(record.get("report")), tested, fields(tested.get("report"))))
    return next((one for one in found if one.source != "none"), Label())


def _messages_of(event: dict[str, Any]) -> Iterator[Message]:
    if isinstance(event.get("kind"), str):
        yield from sdk.messages_of(event)
        return
    kind = event.get("action", event.get("observation"))
    if not isinstance(kind, str) or kind in BOOKS or (kind == "think" and "observation" in event):
        return
    if "action" in event:
        yield _acted(event, kind, fields(event.get("args")))
        return
    beside = {"error": True} if kind == "error" else sdk.ended(fields(event.get("extras")))
    yield Message("result", content_text(event.get("content")), answers=name_of(event.get("cause")), beside=beside)


def _acted(event: dict[str, Any], kind: str, args: dict[str, Any]) -> Message:
    if kind == "message":
        return Message("agent" if event.get("source") == "agent" else "user", content_text(args.get("content")))
    asked = fields(event.get("tool_call_metadata"))
    call = Call("", kind, {name: value for name, value in args.items() if name not in BESIDE})
    answer = fields(first_in(fields(asked.get("model_response")).get("choices")).get("message"))
    for made in items(answer.get("tool_calls")):
        if fields(made).get("id") == asked.get("tool_call_id"):
            call = call_of(made) or call
    call = call._replace(id=name_of(event.get("id")))
    return Message("agent", thought=content_text(args.get("thought")), calls=(call,))


READER = Reader(
    "Events of OpenHands",
    recognizes,
    reads("openhands", _run, _records),
    ("base_state.json",),
    lambda head: sdk.is_later(head) or swe_bench.is_report(head),
    needs=("history[].source", "history[].action"),
)

r"""Step dumps of browser agents, as open-operator-evals keeps them: each step with the whole prompt of its model calls.

    {"success": true, "eval": {"eval": "failure", "reason": "The price is missing."}, "agent_answer": "Two are left.",
     "task": {"id": "shop--3", "question": "How many are left?", "url": "https://…", "website_name": "Shop"},
     "steps": [{"url": "about:blank", "llm_calls": [{"messages_in": […], "message_out": {…}}]}]}

A step holds one action or several, told as a tool call of each (Convergence), as one call of `AgentOutput`
(BrowserUse), or as JSON in the message (Notte):

    {"current_state": {"memory": "…", "next_goal": "…"}, "action": [{"click_element": {"index": 3}}]}

What a step led to stands in the next one's prompt, behind the last message of the agent. `success` is the agent's own
claim, and no label; `eval` is the judge's.
"""

from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import act, run
from agenther.readers.chat.calls import call_of
from agenther.readers.content import content_text, joined
from agenther.readers.labels.told import verdict
from agenther.readers.log import Head
from agenther.readers.values import fields, items, name_of, text, unpacked
from agenther.readers.web.pages import Page, steps
from agenther.records import Action, Ending, Label, Reason, Source, Trajectory

ACTIONS = ("action", "actions")
STATES = ("current_state", "state")
FAILED = ("Action error", "❌")
"""How BrowserUse and Notte begin to tell that an action failed."""
_SPEAKS = frozenset({"assistant", "ai", "tool"})
"""Roles and types of messages behind which something new begins."""


def recognizes(head: Head) -> Fit:
    first = head.first
    listed = first.get("steps")
    dumped = isinstance(listed, list) and (not listed or "llm_calls" in fields(listed[0]))
    return Fit.sure(dumped and "eval" in first and "success" in first)


def _run(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    task, judged = fields(record.get("task")), fields(record.get("eval"))
    listed = record.get("steps")
    if not isinstance(listed, list):
        raise ReadError(Reason.MALFORMED, "no list of steps")
    pages = [_page(fields(step)) for step in listed]
    made = steps(pages)
    said = text(record.get("agent_answer"))
    closes = bool(made and said) and said in made[-1].action.arguments.values()
    success = verdict(judged.get("eval", record.get("eval")))
    task_id = name_of(record.get("task_id", task.get("id")))
    return run(
        source,
        made,
        said if closes else None,
        goal=text(record.get("task_description")) or text(task.get("question")),
        task_id=task_id,
        benchmark=task_id.partition("--")[0],
        domain=text(record.get("task_website")) or text(task.get("website_name")),
        template=task_id,
        system=_system(listed),
        start=pages[0].seen if pages else None,
        label=Label() if success is None else Label(success=success, source="eval"),
        failure_reason=text(judged.get("reason")) if success is False else None if closes else said,
        **({} if made else {"ending": Ending.CRASHED}),
    )


def _page(step: dict[str, Any]) -> Page:
    """What the step's last model call saw and did. A step without one is told as a page without act."""
    call = fields(next(reversed(items(step.get("llm_calls"))), None))
    thought, acts = _did(fields(call.get("message_out")))
    new = _new(call.get("messages_in"))
    told = next((one for one in new if one.startswith(FAILED)), None)
    return Page(joined(new), acts, thought, text(step.get("url")), told)


def _new(prompt: Any) -> list[str]:
    """What is new in a prompt: all behind the agent's last message, up to the page, which comes in parts."""
    messages = list(map(fields, items(prompt)))
    spoken = [n for n, message in enumerate(messages) if _role(message) in _SPEAKS]
    new = messages[spoken[-1] + 1 if spoken else 0 :]
    paged = [n for n, message in enumerate(new) if isinstance(message.get("content"), list)]
    first = 0 if spoken else paged[-1] if paged else len(new)
    end = paged[-1] + 1 if paged else len(new)
    return [content_text(message.get("content")).strip() for message in new[first:end]]


def _role(message: dict[str, Any]) -> str:
    return text(message.get("role", message.get("type")))


def _did(out: dict[str, Any]) -> tuple[str, tuple[Action, ...]]:
    """(thought, actions) of what the model answered."""
    words = content_text(out.get("content"))
    calls = [call for item in items(out.get("tool_calls")) if (call := call_of(item))]
    for inner in (*(call.arguments for call in calls), words):
        told = fields(unpacked(inner))
        if listed := next((told[name] for name in ACTIONS if isinstance(told.get(name), list)), None):
            return thought(told), acts(listed)
    return words, tuple(act(call.name, call.arguments) for call in calls)


def thought(told: dict[str, Any]) -> str:
    """What an agent of BrowserUse or Notte says of its state, a line for each thing that it says."""
    state = next((fields(told[name]) for name in STATES if name in told), told)
    return joined(f"{name}: {value}" for name, value in state.items() if isinstance(value, str) and value)


def acts(listed: list[Any]) -> tuple[Action, ...]:
    """The actions of one step, each an object whose only set field is the action's name."""
    given = [{name: value for name, value in fields(item).items() if value is not None} for item in listed]
    return tuple(act(name, value) for item in given for name, value in list(item.items())[:1])


def _system(listed: list[Any]) -> str:
    """The system prompt of the first model call."""
    calls = next((calls for step in listed if (calls := items(fields(step).get("llm_calls")))), [None])
    messages = map(fields, items(fields(calls[0]).get("messages_in")))
    return joined(content_text(message.get("content")) for message in messages if _role(message) == "system")


READER = Reader(
    "browser agents' step dumps (open-operator-evals)",
    recognizes,
    reads("open-operator", _run, key=("run_id",)),
    needs=("steps[].llm_calls", "eval", "success"),
)

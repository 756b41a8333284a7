"""tau-bench result files: a list of trials, each a dialogue between an agent with tools and a simulated user.

    [{"task_id": 3, "trial": 0, "reward": 0.0,
      "info": {"task": {"user_id": "…", "instruction": "You are … and want …", "actions": [{"name": …, "kwargs": …}]},
               "reward_info": {…}},
      "traj": [{"role": "system", "content": "<policy>"}, {"role": "user", "content": "Hi, I want to …"},
               {"role": "assistant", "content": null, "tool_calls": [{"id": …, "function": {"name", "arguments"}}]},
               {"role": "tool", "tool_call_id": …, "name": …, "content": "…"},
               {"role": "assistant", "content": "Done."}, {"role": "user", "content": "###STOP###"}]}]

The goal is the instruction, which only the simulated user knew. A trial that crashed has an empty `traj` and
`info: {"error", "traceback"}`. The `act` and `react` agents write their calls as text, "Thought: … Action: {"name": …,
"arguments": …}", and get "API output: …" from the user's role.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import identified
from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.chat.turns import RESPOND, Conversation, conversation
from agenther.readers.content import joined
from agenther.readers.json_text import parse
from agenther.readers.labels.told import label
from agenther.readers.log import Head
from agenther.readers.values import fields, items, name_of, text, unpacked
from agenther.records import Ending, Label, Reason, Source, Step, Trajectory

NAME = "tau-bench"
TRIAL = ("task_id", "trial")
"""Fields of the key of a trial."""
PASSED = 1 - 1e-6
HANDED_OVER = "transfer_to_human_agents"
STOPPED = "###STOP###"
API_OUTPUT = "API output: "
DOMAINS = {"airline": ("reservation", "flight"), "retail": ("order", "product")}
"""Words in the names of a domain's tools; only the title of its policy may name the domain itself."""


def recognizes(head: Head) -> Fit:
    return Fit.sure(isinstance(head.first.get("traj"), list | str) and "task_id" in head.first)


def _trial(source: Source, value: Any) -> Trajectory:
    record = fields(value)
    info = fields(record.get("info"))
    task = fields(info.get("task"))
    crash = info.get("error") or info.get("traceback")
    if not record:
        raise ReadError(Reason.MALFORMED, "a trial is no object")
    if crash and not record.get("traj"):
        raise ReadError(Reason.NO_STEPS, f"the trial crashed before its first message: {str(crash)[:500]}")
    said = conversation(read_all(unpacked(record.get("traj")), _messages_of))
    task_id = name_of(record.get("task_id"))
    draft = Trajectory(
        id="",
        source=source,
        goal=text(task.get("instruction")),
        goal_seen=False,
        task_id=task_id,
        benchmark=NAME,
        domain=_domain(task, said),
        template=f"{NAME}/{task_id}" if task_id else "",
        system=said.system,
        start=joined([said.goal, said.start]),
        steps=_closed(said),
        answer=said.reply,
        ending=Ending.CRASHED if crash else _ending(said),
        label=rewarded(record),
        failure_reason=str(crash) if crash else None,
        flags=said.flags,
    )
    return identified(draft)


def rewarded(record: dict[str, Any]) -> Label:
    """By the reward, all of which passes; anything less fails."""
    told = label({"reward": record.get("reward")})
    return told if told.score is None else told.model_copy(update={"success": told.score >= PASSED})


def _ending(said: Conversation) -> Ending:
    calls = [step.action.name for step in said.steps if step.action.name != RESPOND]
    if calls and calls[-1] == HANDED_OVER:
        return Ending.GAVE_UP
    answered = said.reply is not None and STOPPED in (said.steps[-1].observation or STOPPED)
    return Ending.ANSWERED if answered else Ending.UNKNOWN


def _closed(said: Conversation) -> tuple[Step, ...]:
    """The steps; the last is final also when the user's answer to it was only the word to stop."""
    *steps, last = said.steps
    return (*steps, last.model_copy(update={"final": _ending(said) is not Ending.UNKNOWN}))


def _domain(task: dict[str, Any], said: Conversation) -> str:
    gold = [str(fields(action).get("name")) for action in items(task.get("actions"))]
    names = [*gold, *(step.action.name for step in said.steps)]
    title = said.system.partition("\n")[0].lower()
    found = [
        domain
        for domain, words in DOMAINS.items()
        if domain in title or any(word in name for name in names for word in words)
    ]
    return found[0] if len(found) == 1 else ""


def _messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, also of the agents that write their calls as text."""
    role, said = raw.get("role"), text(raw.get("content"))
    if role == "user" and said.startswith(API_OUTPUT):
        yield Message("result", said.removeprefix(API_OUTPUT))
    elif role == "assistant" and (message := _written(said)):
        yield message
    else:
        yield from dialects.messages_of(raw)


def _written(content: str) -> Message | None:
    """The call or reply that stands as JSON after the last "Action:"; None if none does."""
    thought, marker, written = content.rpartition("Action:")
    try:
        call = fields(parse(written)) if marker else {}
    except ReadError:
        return None
    name, arguments = call.get("name"), call.get("arguments")
    if not isinstance(name, str):
        return None
    thought = thought.strip().removeprefix("Thought:").strip()
    reply = fields(arguments).get("content")
    if name == RESPOND and isinstance(reply, str):
        return Message("agent", reply, thought)
    return Message("agent", thought=thought, calls=(Call("", name, arguments),))


READER = Reader(
    "tau-bench result lists",
    recognizes,
    reads(NAME, _trial, key=TRIAL),
    needs=("task_id", "traj[].role"),
)

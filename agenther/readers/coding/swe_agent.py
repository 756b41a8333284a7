r"""Runs of SWE-agent (`.traj`): what the agent did, and the chat in which it did so.

    {"environment": "main",
     "trajectory": [{"action": "ls -F", "thought": "Look around.", "response": "Look around. …", "state": {…},
                     "observation": "lamp.py"}],
     "history": [{"role": "system", "content": "…", "agent": "main", "message_type": "system_prompt"},
                 {"role": "user", "content": "…ISSUE:\nThe lamp is dark.\n\nINSTRUCTIONS:\n…"},
                 {"role": "assistant", "action": "ls -F", "thought": "Look around.", "tool_calls": [{…}]}],
     "info": {"exit_status": "submitted", "submission": "diff --git …"},
     "replay_config": {"problem_statement": {"text": "The lamp is dark."}, "agent": {"templates": {…}}}}

A demonstration has the history alone. Whether the issue is resolved stands in SWE-bench's reports.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit
from agenther.readers.chat.calls import call_of
from agenther.readers.chat.messages import Call, Message
from agenther.readers.coding import swe_bench
from agenther.readers.coding.swe_bench import Prompt
from agenther.readers.content import content_text
from agenther.readers.log import Head
from agenther.readers.values import fields, first_in, objects, unpacked
from agenther.records import Reason, Source, Trajectory

NAME = "swe-agent"
ISSUE, INSTRUCTIONS = "ISSUE:\n", "\nINSTRUCTIONS:"
"""What stands around the issue in the prompt of older versions."""


def recognizes(head: Head) -> Fit:
    """Does a step hold the agent's answer beside its action, or a message the agent's name beside its kind?"""
    step, message = first_in(head.first.get("trajectory")), first_in(head.first.get("history"))
    ours = {"action", "observation", "response"} <= step.keys() or {"role", "content", "agent"} <= message.keys()
    return Fit.sure(ours)


def _run(source: Source, record: dict[str, Any]) -> Trajectory:
    history = objects(record.get("history"))
    said = [message for message in history if message.get("is_demo") is not True]
    answers = [message for message in said if message.get("role") == "assistant"]
    steps = objects(record.get("trajectory")) or list(_acted(said))
    if not steps:
        raise ReadError(Reason.NO_STEPS, "neither a trajectory nor an answer in the history")
    replay = fields(unpacked(record.get("replay_config")))
    instance = PurePosixPath(source.path).stem
    aligned = len(answers) == len(steps)
    messages = [*_before(said), *_messages(steps, answers if aligned else [{}] * len(steps))]
    asking = swe_bench.asking(messages, lambda text: _issue(text, replay))
    flags = {"examples-dropped": len(said) < len(history)}
    return swe_bench.run(source, asking, fields(record.get("info")), instance, flags=flags)


def _before(history: list[dict[str, Any]]) -> Iterator[Message]:
    """What the agent was told before it first answered."""
    for message in history:
        if message.get("role") not in ("system", "user"):
            return
        yield Message("user" if message["role"] == "user" else "system", content_text(message.get("content")))


def _acted(history: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The steps of a history: each answer of the agent, and what came after it."""
    for message, after in pairwise([*history, {}]):
        if message.get("role") == "assistant":
            seen = after.get("content") if after.get("role") in ("user", "tool") else None
            yield message | {"response": message.get("content"), "observation": seen}


def _messages(steps: list[dict[str, Any]], answers: list[dict[str, Any]]) -> Iterator[Message]:
    for n, (step, answer) in enumerate(zip(steps, answers, strict=True)):
        action, seen = content_text(step.get("action")).strip(), content_text(step.get("observation"))
        thought, calls = content_text(step.get("thought")).strip(), objects(answer.get("tool_calls"))
        call = call_of(calls[0]) if len(calls) == 1 else None
        if not action and call is None:
            yield Message("agent", content_text(step.get("response")).strip())
            yield Message("environment", seen)
            continue
        call = call or Call("", "bash", {"command": action})
        yield Message("agent", thought=thought, calls=(call._replace(id=str(n)),))
        if seen or n + 1 < len(steps):
            yield Message("result", seen, answers=str(n))


def _issue(text: str, replay: dict[str, Any]) -> Prompt | None:
    """What the user asks in the first message: told beside the run, or known by the prompt that wraps it."""
    stated = fields(replay.get("problem_statement")).get("text")
    if isinstance(stated, str) and (start := text.find(stated)) >= 0:
        return Prompt(stated.strip(), text[:start] + text[start + len(stated) :])
    template = fields(fields(replay.get("agent")).get("templates")).get("instance_template")
    start, end = text.find(ISSUE) + len(ISSUE), text.rfind(INSTRUCTIONS)
    within = Prompt(text[start:end].strip(), text[:start] + text[end:]) if len(ISSUE) <= start <= end else None
    return swe_bench.unwrapped(text, template, "problem_statement") or within


READER = swe_bench.reader(
    "Runs of SWE-agent",
    NAME,
    recognizes,
    _run,
    ("trajectory[].action", "trajectory[].observation", "trajectory[].response"),
)

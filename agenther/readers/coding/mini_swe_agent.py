r"""Runs of mini-swe-agent (`.traj.json`): a chat, how it ended, and the settings that it ran with.

    {"info": {"exit_status": "Submitted", "submission": "diff --git …", "mini_version": "2.2.4",
              "config": {"agent": {"instance_template": "Please solve this issue: {{task}}\n\nYou can …"}}},
     "messages": [
        {"role": "user", "content": "Please solve this issue: The lamp is dark.\n\nYou can …"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "function": {"name": "bash", …}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "<returncode>0</returncode>…", "extra": {"returncode": 0}},
        {"role": "user", "content": "No tool calls found.", "extra": {"interrupt_type": "FormatError"}},
        {"role": "exit", "content": "diff --git …"}],
     "trajectory_format": "mini-swe-agent-1.1", "instance_id": "lamp-1"}

Older ones have a fenced block in the agent's text for a call. Whether the issue is resolved stands in the reports of
SWE-bench.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from agenther.readers.base import Fit
from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Message, read_all
from agenther.readers.chat.text_actions import acting
from agenther.readers.coding import swe_bench
from agenther.readers.log import Head
from agenther.readers.values import fields, items, name_of
from agenther.records import Source, Trajectory

NAME = "mini-swe-agent"


def recognizes(head: Head) -> Fit:
    """Does a record name its format, or tell how the agent ended beside its messages?"""
    form, info = head.first.get("trajectory_format"), fields(head.first.get("info"))
    told = "mini_version" in info or ("messages" in head.first and {"exit_status", "submission"} <= info.keys())
    return Fit.sure(told or (isinstance(form, str) and form.startswith(NAME)))


def _run(source: Source, record: dict[str, Any]) -> Trajectory:
    info, raw = fields(record.get("info")), record.get("messages")
    template = fields(fields(info.get("config")).get("agent")).get("instance_template")
    messages = acting(read_all(raw, _messages_of))
    instance = name_of(record.get("instance_id")) or PurePosixPath(source.path).name.partition(".")[0]
    asking = swe_bench.asking(messages, lambda text: swe_bench.unwrapped(text, template, "task"))
    flags = {"format-errors-dropped": any(map(_is_interrupt, items(raw)))}
    return swe_bench.run(source, asking, info, instance, flags=flags)


def _messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, if the agent or its environment said it."""
    return iter(()) if raw.get("role") == "exit" or _is_interrupt(raw) else dialects.messages_of(raw)


def _is_interrupt(message: Any) -> bool:
    """Is it said in the user's name to an agent whose answer held no call?"""
    return "interrupt_type" in fields(fields(message).get("extra"))


READER = swe_bench.reader(
    "Runs of mini-swe-agent", NAME, recognizes, _run, ("messages[].role", "info.exit_status", "info.submission")
)

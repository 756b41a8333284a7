"""AgentHER's own format: one object for each run, as a JSON list, as JSONL, or alone.

    {"trajectory_id": "t1", "original_prompt": "Find a tent under $50.",
     "steps": [{"thought": "Search.", "action_name": "search", "action_input": {"q": "tent"},
                "observation": "Dome tent, $60"}],
     "final_answer": "None is that cheap.", "failure_reason": "No tent under $50.", "metadata": {"domain": "shop"}}

A step may also hold `action`, as {"name" or "tool": …, "arguments" or "input": …} or as text: `search`,
`search {"q": "tent"}`, `click [12]`. `success` may stand beside or instead of `failure_reason`.
"""

import re
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader, reads
from agenther.readers.build import act, identified, tools
from agenther.readers.content import content_text
from agenther.readers.failures import failure
from agenther.readers.labels.told import label
from agenther.readers.log import Head
from agenther.readers.values import fields, name_of, unpacked
from agenther.records import Action, Ending, Label, Reason, Source, Step, Trajectory

NAMES = ("action_name", "action", "tool", "tool_name", "name")
ARGUMENTS = ("action_input", "arguments", "input", "args", "parameters", "tool_input")
CALL = re.compile(r"([\w.:/-]+)\s*([(\[{].*)", re.DOTALL)


def recognizes(head: Head) -> Fit:
    """Records with a schema's version are of some other kind, which has ids of that name too."""
    first = head.first
    if not isinstance(first.get("steps"), list):
        return Fit.NO
    if "original_prompt" in first:
        return Fit.SIGNATURE
    return Fit.SHAPE if "trajectory_id" in first and "schema_version" not in first else Fit.NO


def run(source: Source, value: Any, **told: Any) -> Trajectory:
    """The run of a record; `told` holds what another format knows better."""
    record = fields(value)
    steps = record.get("steps")
    if not isinstance(steps, list):
        raise ReadError(Reason.MALFORMED, "no list of steps")
    if not steps:
        raise ReadError(Reason.NO_STEPS, "the list of steps is empty")
    about = {**fields(record.get("metadata")), **record}
    answer = content_text(record.get("final_answer"))
    failure = content_text(record.get("failure_reason"))
    success = label(record)
    if success.source == "none" and failure.strip():
        success = Label(success=False, source="failure_reason")
    draft: dict[str, Any] = {
        "goal": content_text(record.get("original_prompt")),
        "task_id": name_of(about.get("task_id")),
        "benchmark": name_of(about.get("benchmark")),
        "domain": name_of(about.get("domain")),
        "system": content_text(record.get("system")),
        "tools": tools(unpacked(record.get("tools"))),
        "steps": tuple(_step(n, step) for n, step in enumerate(steps, 1)),
        "answer": answer,
        "ending": Ending.ANSWERED if answer.strip() else Ending.UNKNOWN,
        "label": success,
        "failure_reason": failure,
    }
    return identified(Trajectory(id="", source=source, **(draft | told)))


def _step(n: int, raw: Any) -> Step:
    action = _action(fields(raw))
    if action is None:
        raise ReadError(Reason.MALFORMED, f"step {n} names no action")
    observation = None if raw.get("observation") is None else content_text(raw["observation"])
    url = raw.get("url")
    return Step(
        n=n,
        turn=n,
        thought=content_text(raw.get("thought")) or None,
        action=action,
        observation=observation,
        error=failure(observation or "", raw),
        url=url if isinstance(url, str) else None,
    )


def _action(raw: dict[str, Any]) -> Action | None:
    """What a step or its `action` object tells of a call; None if it names none."""
    named = next((raw[name] for name in NAMES if raw.get(name)), None)
    if isinstance(named, dict):
        return _action(named)
    if not isinstance(named, str):
        return None
    given = next((raw[name] for name in ARGUMENTS if name in raw), None)
    if given is not None or not any(character.isspace() or character in "([{" for character in named):
        return act(named, given)
    call = CALL.fullmatch(named.strip())
    if call is None:
        return act("act", named)  # a sentence, not a call
    text = call[2]
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    parsed = act(call[1], inner)
    return parsed if parsed.raw is None else act(call[1], text)


READER = Reader(
    "AgentHER's own JSON and JSONL",
    recognizes,
    reads("agenther", run, key=("trajectory_id",)),
    needs=("original_prompt", "steps"),
)

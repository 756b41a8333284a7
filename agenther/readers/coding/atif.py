"""Agent Trajectory Interchange Format (ATIF 1.0 to 1.8), alone or in the job folders of Harbor.

    {"schema_version": "ATIF-v1.6", "session_id": "s1", "agent": {"name": "…", "tool_definitions": [{…}]},
     "steps": [
        {"step_id": 1, "source": "user", "message": "Mend the lamp."},
        {"step_id": 2, "source": "agent", "message": "", "reasoning_content": "Look around.",
         "tool_calls": [{"tool_call_id": "call_1", "function_name": "bash", "arguments": {"command": "ls"}}],
         "observation": {"results": [{"source_call_id": "call_1", "content": "lamp.py"}]}}],
     "subagent_trajectories": [{"trajectory_id": "t2", "steps": […]}]}

Ids of calls may come again in later steps, and hold within their own. Each embedded subagent is a run of its own.
Harbor's converters mark steps that another run did (`is_copied_context`, `extra.is_sidechain`), and write a call anew
beside its result. Of `<job>/<trial>/agent/trajectory.json` the reward stands in `verifier/reward.txt` or `.json`, and
the task and what broke in `result.json`. The steps of a trial that has several lie in `<trial>/steps/<step>`, each with
its own `agent` and `verifier`, and a place in `step_results`.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import tools
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import OTHERS, Call, Message, read_all
from agenther.readers.chat.roles import role_of
from agenther.readers.coding import swe_bench
from agenther.readers.content import content_text
from agenther.readers.json_text import partial
from agenther.readers.json_values import Record
from agenther.readers.labels.told import judged, part
from agenther.readers.labels.told import reward as near
from agenther.readers.log import HEAD_BYTES, Head, Log
from agenther.readers.values import each, fields, first_in, items, name_of, number, seen
from agenther.records import Ending, Label, Reason, Source, Trajectory

NAME = "atif"
REWARDS = ("verifier/reward.txt", "verifier/reward.json")
TRIAL = frozenset({"trial_name", "n_total_trials", "job_name"})
"""Fields by which the settings and results of a job or a trial are known."""
DEEPEST = 20
"""Levels of subagents that are read."""
_MAIN = re.compile(r"trajectory(?:\.cont-\d+)?\.json")
"""Of the trajectories of a trial, those that its reward is about."""


def recognizes(head: Head) -> Fit:
    if _tells_version(head.first):
        return Fit.SIGNATURE
    return Fit.SHAPE if {"step_id", "source", "message"} <= first_in(head.first.get("steps")).keys() else Fit.NO


def _tells_version(record: dict[str, Any]) -> bool:
    version = record.get("schema_version")
    return isinstance(version, str) and version.startswith("ATIF")


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    is_main = log.path.parent.name == "agent" and "/" in log.name and _MAIN.fullmatch(log.path.name)
    trial = log.path.parent.parent if is_main else None
    found = (one for line, key, value in log.records() for one in _agents(line, key, value))
    return each(log, NAME, found, lambda source, record: _run(source, record[0], record[1], trial))


def _agents(line: int | None, key: str, value: Any, depth: int = 0) -> Iterator[Record]:
    """A trajectory and those of its subagents, which have its key before their own; each with its depth."""
    if isinstance(value, ReadError):
        yield line, key, value
        return
    record = fields(value)
    key = key if depth else name_of(record.get("trajectory_id")) or key
    yield line, key, (record, depth)
    for n, one in enumerate(items(record.get("subagent_trajectories")) if depth < DEEPEST else ()):
        own = name_of(fields(one).get("trajectory_id")) or str(n)
        yield from _agents(line, f"{key}/{own}".strip("/"), one, depth + 1)


def _run(source: Source, record: dict[str, Any], depth: int, trial: Path | None) -> Trajectory:
    agent, steps = fields(record.get("agent")), items(record.get("steps"))
    asks = any(_source(step) == "user" and not _is_copied(step) and not _is_sidechain(step) for step in steps)

    def own(step: dict[str, Any]) -> Iterator[Message]:
        """What was copied from an earlier run tells the task where nothing else does."""
        is_earlier = _is_copied(step) and (asks or _source(step) == "agent")
        return iter(()) if is_earlier or _is_sidechain(step) else _messages_of(step)

    flags = {
        "continued-elsewhere": bool(record.get("continued_trajectory_ref")),
        "copied-context-dropped": any(map(_is_copied, steps)),
        OTHERS: any(map(_is_sidechain, steps)),
        "subagent": depth > 0,
    }
    told = {
        "tools": tools(agent.get("tool_definitions")),
        "task_id": name_of(record.get("session_id")),
        "flags": flags,
    }
    if trial and not depth:
        told |= _of_trial(trial)
    return conversations.run(source, _once(read_all(record.get("steps"), own)), record, **told)


def _source(step: Any) -> str:
    return role_of(name_of(fields(step).get("source")))


def _is_copied(step: Any) -> bool:
    return fields(step).get("is_copied_context") is True


def _is_sidechain(step: Any) -> bool:
    """Did a subagent of Claude Code do it?"""
    return fields(fields(step).get("extra")).get("is_sidechain") is True


def _messages_of(step: dict[str, Any]) -> Iterator[Message]:
    role, text = _source(step), content_text(step.get("message"))
    calls = tuple(map(_call, items(step.get("tool_calls"))))
    if role == "agent" or calls:
        yield Message("agent", text, content_text(step.get("reasoning_content")), calls)
    elif text:
        yield Message("system" if role == "system" else "user", text)
    for result in map(fields, items(fields(step.get("observation")).get("results"))):
        yield _result(result, fields(step.get("extra")) if len(calls) == 1 else {}, is_of_call=bool(calls))


def _result(result: dict[str, Any], beside: dict[str, Any], *, is_of_call: bool) -> Message:
    """A result as the agent saw it: Harbor adds what Claude Code knew of it, and keeps the text itself apart."""
    extra = {**beside, **fields(result.get("extra"))}
    told = fields(extra.get("tool_result_metadata"))
    raw = fields(told.get("raw_tool_result"))
    text = content_text(raw["content"] if "content" in raw else result.get("content"))
    is_error = True in (extra.get("tool_result_is_error"), told.get("is_error"), raw.get("is_error"))
    marks = {**result, **extra, **fields(told.get("tool_use_result"))} | ({"is_error": True} if is_error else {})
    answers = name_of(result.get("source_call_id"))
    return Message("result" if is_of_call else "environment", text, answers=answers, beside=marks)


def _once(messages: Iterator[Message]) -> Iterator[Message]:
    """The messages without calls that are written anew beside their results, and what is said there."""
    waiting: dict[str, Call] = {}
    for message in messages:
        if message.role == "result":
            waiting.pop(message.answers, None)
        elif message.calls and all(waiting.get(call.id) == call for call in message.calls):
            continue
        waiting |= {call.id: call for call in message.calls if call.id}
        yield message


def _call(value: Any) -> Call:
    call = fields(value)
    if not isinstance(call.get("function_name"), str):
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(value)}")
    return Call(name_of(call.get("tool_call_id")), call["function_name"], call.get("arguments"))


def _of_trial(trial: Path) -> dict[str, Any]:
    """What Harbor keeps beside a trajectory: the task, the reward, and the exception that ended the trial or its step.

    A reward that Harbor itself calls none, since what broke was not the agent's doing, tells nothing.
    """
    step = trial.name if trial.parent.name == "steps" else ""
    whole = fields(_json((trial.parent.parent if step else trial) / "result.json"))
    of_step = (one for one in map(fields, items(whole.get("step_results"))) if one.get("step_name") == step)
    result = next(of_step, {}) if step else whole
    found = [_json(trial / name) for name in REWARDS]
    rewards = fields(result.get("verifier_result")).get("rewards")
    reward = next((score for value in (*found, rewards) if (score := _reward(value)) is not None), None)
    task = name_of(whole.get("task_name")) or (trial.parent.parent if step else trial).name
    told: dict[str, Any] = {"task_id": "/".join(filter(None, (task, step)))}
    broke = fields(result.get("exception_info"))
    if reward is not None and fields(broke.get("policy")).get("has_valid_reward") is False:
        told["label"] = Label(source="reward-not-valid")
    elif reward is not None:
        told["label"] = Label(success=judged(reward), source="reward", score=reward, **near(part(reward)))
    if broke:
        kind = name_of(broke.get("exception_type"))
        told["ending"] = Ending.STEP_LIMIT if swe_bench.ending(kind) == Ending.STEP_LIMIT else Ending.CRASHED
        told["failure_reason"] = f"{kind}: {content_text(broke.get('exception_message'))}".strip(": ")
    return told


def _reward(value: Any) -> float | None:
    """A number, the one called so, or the only one."""
    named = fields(value)
    only = next(iter(named.values())) if len(named) == 1 else None
    return number(named.get("reward", only) if named else value)


def _json(path: Path) -> Any:
    """What a small file beside a run holds; None where there is none."""
    try:
        with path.open("rb") as file:
            return partial(file.read(HEAD_BYTES).decode("utf-8-sig", "replace"))
    except OSError:
        return None


def _is_of_job(head: Head) -> bool:
    return not TRIAL.isdisjoint(head.first)


def _holds_again(log: Log) -> bool:
    """Is it the agent's own log of a trial, from which Harbor made the trajectory?"""
    below = PurePosixPath(log.name).parts[:-1]
    if "agent" not in below or _tells_version(log.head.first):
        return False
    return _tells_version(fields(_json(log.path.parents[below[::-1].index("agent")] / "trajectory.json")))


READER = Reader(
    "ATIF trajectories, and Harbor's job folders",
    recognizes,
    read,
    ("verifier/*",),
    _is_of_job,
    _holds_again,
    needs=("schema_version", "steps[].step_id", "steps[].source", "steps[].message"),
)

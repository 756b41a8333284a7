"""Agent Trajectory Interchange Format (ATIF 1.0 to 1.7), alone or in the job folders of Harbor.

    {"schema_version": "ATIF-v1.6", "session_id": "s1", "agent": {"name": "…", "tool_definitions": [{…}]},
     "steps": [
        {"step_id": 1, "source": "user", "message": "Mend the lamp."},
        {"step_id": 2, "source": "agent", "message": "", "reasoning_content": "Look around.",
         "tool_calls": [{"tool_call_id": "call_1", "function_name": "bash", "arguments": {"command": "ls"}}],
         "observation": {"results": [{"source_call_id": "call_1", "content": "lamp.py"}]}}]}

Ids of calls may come again in later steps, and hold within their own. Of `<job>/<trial>/agent/trajectory.json` the
reward stands in `verifier/reward.txt` or `.json`, and the task and what broke in `result.json`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import tools
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import Call, Message, read_all
from agenther.readers.chat.roles import role_of
from agenther.readers.coding import swe_bench
from agenther.readers.content import content_text
from agenther.readers.json_text import partial
from agenther.readers.labels.told import judged
from agenther.readers.log import HEAD_BYTES, Head, Log
from agenther.readers.values import each, fields, name_of, number, seen
from agenther.records import Ending, Label, Reason, Source, Trajectory

NAME = "atif"
REWARDS = ("verifier/reward.txt", "verifier/reward.json")
TRIAL = frozenset({"trial_name", "n_total_trials", "job_name"})
"""Fields by which the settings and results of a job or a trial are known."""


def recognizes(head: Head) -> Fit:
    version = head.first.get("schema_version")
    return Fit.SIGNATURE if isinstance(version, str) and version.startswith("ATIF") else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    trial = log.path.parent.parent if log.path.parent.name == "agent" and "/" in log.name else None
    return each(log, NAME, log.records(), lambda source, record: _run(source, fields(record), trial), _key)


def _key(record: Any) -> str:
    return name_of(fields(record).get("trajectory_id"))


def _run(source: Source, record: dict[str, Any], trial: Path | None) -> Trajectory:
    agent = fields(record.get("agent"))
    told: dict[str, Any] = {"tools": tools(agent.get("tool_definitions")), "task_id": name_of(record.get("session_id"))}
    if record.get("continued_trajectory_ref"):
        told["flags"] = ["continued-elsewhere"]
    if trial:
        told |= _of_trial(trial)
    return conversations.run(source, read_all(record.get("steps"), _messages_of), record, **told)


def _messages_of(step: dict[str, Any]) -> Iterator[Message]:
    role, text = role_of(name_of(step.get("source"))), content_text(step.get("message"))
    calls = tuple(_call(call) for call in _list(step.get("tool_calls")))
    if role == "agent" or calls:
        yield Message("agent", text, content_text(step.get("reasoning_content")), calls)
    elif text:
        yield Message("system" if role == "system" else "user", text)
    for result in map(fields, _list(fields(step.get("observation")).get("results"))):
        seen_text, answers = content_text(result.get("content")), name_of(result.get("source_call_id"))
        yield Message(
            "result" if calls else "environment", seen_text, answers=answers, beside=fields(result.get("extra"))
        )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _call(value: Any) -> Call:
    call = fields(value)
    if not isinstance(call.get("function_name"), str):
        raise ReadError(Reason.MALFORMED, f"a tool call without a name: {seen(value)}")
    return Call(name_of(call.get("tool_call_id")), call["function_name"], call.get("arguments"))


def _of_trial(trial: Path) -> dict[str, Any]:
    """What Harbor keeps beside a trajectory: the task, the reward, and the exception that ended the trial."""
    result = fields(_json(trial / "result.json"))
    rewards = fields(fields(result.get("verifier_result")).get("rewards"))
    found = [_json(trial / name) for name in REWARDS]
    reward = next((score for value in (*found, rewards) if (score := _reward(value)) is not None), None)
    told: dict[str, Any] = {"task_id": name_of(result.get("task_name")) or trial.name}
    if reward is not None:
        told["label"] = Label(success=judged(reward), source="reward", score=reward)
    if broke := fields(result.get("exception_info")):
        kind = name_of(broke.get("exception_type"))
        told["ending"] = Ending.STEP_LIMIT if swe_bench.ending(kind) == Ending.STEP_LIMIT else Ending.CRASHED
        told["failure_reason"] = f"{kind}: {content_text(broke.get('exception_message'))}".strip(": ")
    return told


def _reward(value: Any) -> float | None:
    return number(fields(value).get("reward", value))


def _json(path: Path) -> Any:
    """What a small file beside a run holds; None where there is none."""
    try:
        with path.open("rb") as file:
            return partial(file.read(HEAD_BYTES).decode("utf-8-sig", "replace"))
    except OSError:
        return None


def _is_of_job(head: Head) -> bool:
    return not TRIAL.isdisjoint(head.first)


READER = Reader("ATIF trajectories, and Harbor's job folders", recognizes, read, ("verifier/*",), _is_of_job)

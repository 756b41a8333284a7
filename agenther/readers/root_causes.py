"""AgentRx's ground truth: which failure was the root cause, in files beside the trajectories or in `ground_truth`.

    {"trajectory_id": "t1", "root_cause": {"failure_id": 2, "reason_for_root_cause": "…"}, "failures": [
        {"failure_id": 2, "step_number": 5, "step_reason": "…", "failed_agent": "Websurfer"}]}

Trajectories may have a longer id than their truth: "tau_retail_2" for "2".
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.log import Folder, Head, Log
from agenther.readers.values import fields, items, name_of

FOLDER = "ground_truth"
TOLD_BY = frozenset({"failures", "root_cause", "root_cause_step"})


class RootCause(NamedTuple):
    """Of a trajectory that failed."""

    step: int
    """Its number, as the trajectory tells it."""
    agent: str
    reason: str


def accompanies(head: Head) -> bool:
    """Does the file tell which step of which trajectory failed?"""
    return "trajectory_id" in head.first and not TOLD_BY.isdisjoint(head.first)


def root_cause(log: Log, trajectory_id: str) -> RootCause | None:
    """What the files beside a log say of the trajectory; None where they say nothing, or name several steps."""
    known = log.folder.once("root causes", _near)
    told = known.get(trajectory_id) or known.get(trajectory_id.rpartition("_")[2]) or {}
    return next(iter(told.values())) if len(told) == 1 else None


def _near(folder: Path) -> dict[str, dict[tuple[int, str], RootCause]]:
    """By trajectory, what is said of it, each step and agent once."""
    found: dict[str, dict[tuple[int, str], RootCause]] = {}
    for place in (folder, folder / FOLDER, folder.parent / FOLDER):
        for path in sorted((*place.glob("*.json"), *place.glob("*.jsonl"))):
            for trajectory_id, cause in _told(Log(path, path.name, Folder(place))):
                found.setdefault(trajectory_id, {}).setdefault((cause.step, plain(cause.agent)), cause)
    return found


def _told(log: Log) -> Iterator[tuple[str, RootCause]]:
    try:
        if not accompanies(log.head):
            return
        for _, _, value in log.records():
            record = fields(value)
            if cause := _cause(record):
                yield name_of(record.get("trajectory_id")), cause
    except (OSError, ReadError):
        return  # the walk over the folder rejects it


def _cause(record: dict[str, Any]) -> RootCause | None:
    """That which is named, or the only failure."""
    failures = [*map(fields, items(record.get("failures")))]
    root = fields(record.get("root_cause"))
    named = name_of(root.get("failure_id", record.get("root_cause_failure_id")))
    found = [one for one in failures if not named or name_of(one.get("failure_id")) == named]
    if len(found) != 1:
        return None
    step = name_of(found[0].get("step_number"))
    reasons = (root.get("reason_for_root_cause"), record.get("root_cause_reason"), found[0].get("step_reason"))
    reason = next(filter(None, map(name_of, reasons)), "")
    agent = name_of(found[0].get("failed_agent"))
    return RootCause(int(step), agent, reason) if step.isdecimal() and len(step) < 9 else None


def plain(name: str) -> str:
    """A speaker's name without spaces, underscores and case."""
    return name.replace("_", "").replace(" ", "").casefold()

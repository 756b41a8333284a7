"""Logs that other people's tools wrote, against an independent count; skipped where they are absent."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agenther.readers.find import files, read
from agenther.readers.log import Log
from agenther.records import Ending, Rejection, Trajectory

ROOT = Path(__file__).parents[2]
CORPORA = ROOT / "../shared/corpora"
real = pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora on this machine")


def found(folder: Path, pattern: str) -> list[Trajectory | Rejection]:
    logs = [log for log in files([folder]) if isinstance(log, Log) and log.path.match(pattern)]
    assert logs
    return [item for log in logs for item in read(log)]


def trials() -> list[tuple[Trajectory, dict[str, Any]]]:
    """Each trial as read, and as it stands in its file."""
    (path,) = (CORPORA / "tau_bench").glob("historical_trajectories/*.json")
    return list(zip(found(path, "*"), json.loads(path.read_text("utf-8")), strict=True))


@real
def test_tau_bench_as_counted():
    (expected,) = (
        count for path, count in json.loads((CORPORA / "COUNTS.json").read_text()).items() if "tau_bench" in path
    )
    runs = [run for run, _ in trials()]
    labels = Counter(run.label.success for run in runs)
    assert {"success": labels[True], "failed": labels[False], "unknown": labels[None]} == {
        name: expected[name] for name in ("success", "failed", "unknown")
    }
    assert (len(runs), sum(len(run.steps) for run in runs)) == (expected["runs"], expected["steps"])


@real
def test_tau_bench_keeps_every_word():
    for run, record in trials():
        messages = record["traj"]
        results = [message["content"] for message in messages if message["role"] == "tool"]
        replies = [message["content"] for message in messages[2:] if message["role"] == "user"]
        assert [step.observation for step in run.steps if step.answered_by == "user"] == replies
        assert [step.observation for step in run.steps if step.action.name != "respond"] == results
        assert run.start == messages[1]["content"]
        assert run.goal == record["info"]["task"]["instruction"].strip()
        assert run.domain == "airline"


@real
def test_tau_bench_endings():
    for run, record in trials():
        stopped = record["traj"][-1]["role"] == "user" and "###STOP###" in record["traj"][-1]["content"]
        handed_over = any(message.get("name") == "transfer_to_human_agents" for message in record["traj"])
        expected = Ending.GAVE_UP if handed_over else Ending.ANSWERED if stopped else Ending.UNKNOWN
        assert run.ending == expected


@real
def test_calls_in_fenced_blocks():
    for run in found(CORPORA / "mini_swe_agent", "*.traj.json"):
        assert isinstance(run, Trajectory)
        assert {step.action.name for step in run.steps} == {"bash"}
        assert not run.is_dialogue
        assert run.label.success is None


def test_our_own_samples():
    runs = [item for name in ("tau_bench", "agenther", "chat") for item in found(ROOT / "data" / name, "*")]
    assert [item.key for item in runs if isinstance(item, Rejection)] == ["1/1"]  # a trial that crashed at once
    labels = Counter((run.source.format, run.label.success) for run in runs if isinstance(run, Trajectory))
    assert labels == {
        ("tau-bench", True): 1,
        ("tau-bench", False): 3,
        ("agenther", True): 1,
        ("agenther", False): 5,
        ("openai-chat", False): 17,
        ("openai-chat", None): 1,
        ("sharegpt", False): 2,
        ("anthropic", False): 1,
    }

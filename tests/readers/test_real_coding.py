"""Logs of coding agents and of inspect that other people made, against a count of their JSON; skipped without them."""

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agenther.readers.find import files, read
from agenther.readers.log import Log
from agenther.records import Trajectory

CORPORA = Path(__file__).parents[2] / "../shared/corpora"
real = pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora on this machine")


def runs(folder: str) -> dict[tuple[str, str], Trajectory]:
    """Every run, by its file below the folder and its key."""
    logs = [log for log in files([CORPORA / folder]) if isinstance(log, Log)]
    found = [item for log in logs for item in read(log)]
    return {(run.source.path, run.source.key): run for run in found if isinstance(run, Trajectory)}


def documents(folder: str, pattern: str) -> Iterator[tuple[str, Any]]:
    for path in sorted((CORPORA / folder).rglob(pattern)):
        yield path.relative_to(CORPORA / folder).as_posix(), json.loads(path.read_text("utf-8"))


@real
def test_sessions_of_claude_code():
    found = runs("claude_code/tau2_mermaid")
    assert len(found) == 5
    for (name, _), run in found.items():
        lines = map(json.loads, (CORPORA / "claude_code/tau2_mermaid" / name).read_text("utf-8").splitlines())
        messages = [line["message"] for line in lines if "message" in line]
        blocks = [block for message in messages if isinstance(message["content"], list) for block in message["content"]]
        calls = [(block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"]
        results = [block for block in blocks if block["type"] == "tool_result"]
        assert [(step.action.name, step.action.arguments) for step in run.steps[:-1]] == calls
        assert sum(step.observation is not None for step in run.steps) == len(results) == len(calls)
        assert run.answer == run.steps[-1].action.arguments["content"] == blocks[-1]["text"]
        assert run.goal == messages[0]["content"].strip()


@real
def test_trajectories_of_swe_agent():
    found, count = runs("swe_agent"), 0
    for name, document in documents("swe_agent", "*.traj"):
        run, count = found[name, ""], count + 1
        said = [
            message for message in document["history"] if message["role"] == "assistant" and not message.get("is_demo")
        ]
        assert len(run.steps) == len(document.get("trajectory") or said)
        assert run.answer == (document.get("info", {}).get("submission") or "").strip() or run.answer is None
        assert [step.observation or "" for step in run.steps] == [
            step["observation"] for step in document.get("trajectory", ())
        ] or name.endswith("function_calling_simple.traj")
    assert len(found) == count == 22


@real
@pytest.mark.parametrize(("folder", "success"), [("mini_swe_agent", None), ("mini_swe_agent_live", True)])
def test_trajectories_of_mini_swe_agent(folder: str, success: bool | None):
    found = runs(folder)
    for name, document in documents(folder, "*.traj.json"):
        messages = document if isinstance(document, list) else document["messages"]
        run = found.pop((name, ""))
        assert len(run.steps) == sum(message["role"] == "assistant" for message in messages)
        assert {step.action.name for step in run.steps} == {"bash"}
        assert run.label.success is success
    assert not found


@real
def test_events_of_openhands():
    found = runs("openhands_trajs")
    for name, events in documents("openhands_trajs", "*.json"):
        run = found.pop((name, ""))
        acts = [event for event in events if event["source"] == "agent" and "action" in event]
        assert len(run.steps) == len(acts)
        assert (
            run.goal == next(event["args"]["content"] for event in events if event.get("action") == "message").strip()
        )
    assert not found


@real
def test_samples_of_inspect():
    found = runs("inspect_ai") | runs("inspect_scout")
    labels = Counter[bool | None]()
    for folder in ("inspect_ai", "inspect_scout"):
        listed = [(name, document.get("samples") or []) for name, document in documents(folder, "*.json")]
        for path in sorted((CORPORA / folder).rglob("*.eval")):
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if name.startswith("samples/")]
                samples = [json.loads(archive.read(name)) for name in names]
            listed.append((path.relative_to(CORPORA / folder).as_posix(), samples))
        for name, samples in listed:
            for sample in samples:
                answers = [message for message in sample["messages"] if message["role"] == "assistant"]
                calls = sum(len(message.get("tool_calls") or ()) for message in answers)
                run = found.pop((name, f"{sample['id']}/{sample['epoch']}"), None)
                assert (run is not None) == (calls > 0)
                if run:
                    assert len(run.steps) == calls + 1
                    labels[run.label.success] += 1
    assert {run.source.format for run in found.values()} == {"openai-chat"}, "telemetry of another program"
    assert labels == {True: 1, False: 1}

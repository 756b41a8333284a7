"""Whatever is done to a log, reading it gives runs and rejections, one for each record, and nothing else."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agenther.readers.find import read
from agenther.readers.log import Folder, Log
from agenther.records import Rejection, Trajectory
from agenther.settings import How

DATA = Path(__file__).parents[2] / "data"
LOGS = {
    "tau-bench": "tau_bench/gpt-4o-library.json",
    "agenther": "agenther/runs.jsonl",
    "openai-chat": "chat/openai_trip.json",
    "sharegpt": "chat/sharegpt_recipes.json",
    "anthropic": "chat/anthropic_library.jsonl",
    "claude-code": "../tests/cases/readers/claude-code/session/5f0c.jsonl",
    "mini-swe-agent": "../tests/cases/readers/mini-swe-agent/calls/lamp-1/lamp-1.traj.json",
    "swe-agent": "../tests/cases/readers/swe-agent/run/lamp__lamp-1.traj",
    "tau2-bench": "../tests/cases/readers/tau2-bench/lone/simulations/7_0.json",
    "crew": "../tests/cases/readers/crew/orchestrator/1.json",
    "webvoyager": "../tests/cases/readers/webvoyager/run/interact_messages.json",
    "open-operator": "../tests/cases/readers/open-operator/dumps/browser_use.json",
    "browser-use": "../tests/cases/readers/browser-use/history/told.json",
    "agent-occam": "../tests/cases/readers/agent-occam/run/42.json",
    "openhands": "../tests/cases/readers/openhands/events/lamp.json",
    "atif": "../tests/cases/readers/atif/trials/job/lamp__x1/agent/trajectory.json",
    "openai-responses": "../tests/cases/readers/openai-responses/items/response.json",
    "codex": "../tests/cases/readers/codex/rollouts/rollout-2.jsonl",
    "inspect": "../tests/cases/readers/inspect/samples/lamps.json",
    "langchain": "../tests/cases/readers/langchain/forms/lines.jsonl",
    "gemini": "../tests/cases/readers/gemini/forms/log.jsonl",
    "smolagents": "../tests/cases/readers/smolagents/memory/rows.jsonl",
    "langsmith": "../tests/cases/readers/langsmith/traces/runs.jsonl",
    "otlp": "../tests/cases/readers/otlp/traces/spans.jsonl",
    "general-agent-bench": "../tests/cases/readers/general-agent-bench/verdicts/a/traces/shop_7.json",
    "agentbench": "../tests/cases/readers/agentbench/rows/runs.jsonl",
    "swe-agent-trajectories": "../tests/cases/readers/swe-agent-trajectories/rows/rows.jsonl",
}
ONE_RUN = ("claude-code", "codex", "langsmith", "otlp", "openhands", "inspect")
"""Formats of which a whole file is a run, or a record holds several."""
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["{}", "assistant", "Error: x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["name", "type"]), inner),
    max_leaves=6,
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def sample(name: str) -> list[Any]:
    """The records of the sample log, which is a list, an object or JSONL."""
    text = (DATA / LOGS[name]).read_text("utf-8")
    if LOGS[name].endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return value if isinstance(value := json.loads(text), list) else [value]


def places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value inside."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in [(value, key), *places(item)]]


def outcome(name: str, text: str, suffix: str) -> list[Trajectory | Rejection]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log{suffix}"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = list(read(Log(path, path.name, Folder(path.parent)), How(log_format=name)))
    assert all(isinstance(item, Trajectory | Rejection) for item in found)
    for run in found:
        assert type(run).model_validate_json(run.model_dump_json()) == run
    return found


@pytest.mark.parametrize("name", LOGS)
@QUICK
@given(data=st.data())
def test_values_of_other_types(name: str, data: st.DataObject):
    records = sample(name)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(records)))
        container[key] = data.draw(ODD)
    assume(records[1:] or not isinstance(records[0], list))  # a list alone in a file is one of records
    found = outcome(name, "\n".join(map(json.dumps, records)), ".jsonl")
    assert found if name in ONE_RUN else len(found) == len(records)


@pytest.mark.parametrize("name", LOGS)
@QUICK
@given(data=st.data())
def test_values_left_out(name: str, data: st.DataObject):
    records = sample(name)
    container, key = data.draw(st.sampled_from([place for record in records for place in places(record)]))
    del container[key]
    found = outcome(name, json.dumps(records), ".json")
    assert found if name in ONE_RUN else len(found) == len(records)


@pytest.mark.parametrize("name", LOGS)
@QUICK
@given(data=st.data())
def test_cut_text(name: str, data: st.DataObject):
    text = (DATA / LOGS[name]).read_text("utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    suffix = data.draw(st.sampled_from([".json", ".jsonl"]))
    assert outcome(name, text[:start] + data.draw(st.text(max_size=3)) + text[end:], suffix)


@pytest.mark.parametrize("name", LOGS)
@given(text=st.text())
@QUICK
def test_any_text(name: str, text: str):
    assert outcome(name, text, ".json")

"""A log of spans gives the same runs, be its traces held to its end or no longer than up to their last spans."""

from pathlib import Path

import pytest

from agenther.readers.reading import read
from agenther.readers.spans import trace
from agenther.records import Trajectory

CASES = Path(__file__).parents[1] / "cases/readers"


@pytest.mark.parametrize("name", ["otlp", "langsmith"])
def test_traces_of_a_large_log(name: str, monkeypatch: pytest.MonkeyPatch):
    found = list(read([CASES / name]))
    monkeypatch.setattr(trace, "MOST_HELD", 0)
    again = list(read([CASES / name]))
    assert sorted(map(repr, again)) == sorted(map(repr, found))
    assert any(isinstance(run, Trajectory) for run in found)


def test_a_trace_is_held_up_to_its_last_span(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trace, "MOST_HELD", 0)
    spans = [span("long", 1), span("short", 2), span("long", 3)]
    log = tmp_path / "spans.jsonl"
    log.write_text("\n".join(spans), "utf-8")
    runs = [run for run in read([log]) if isinstance(run, Trajectory)]
    assert [(run.source.key, len(run.steps)) for run in runs] == [("short", 1), ("long", 2)]


def span(of: str, n: int) -> str:
    return (
        f'{{"name": "find", "context": {{"trace_id": "{of}", "span_id": "{n}"}}, "start_time": "{n}", "attributes":'
        ' {"gen_ai.operation.name": "execute_tool", "input.value": "Find Dune.", "output.value": "none"}}'
    )

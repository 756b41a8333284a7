"""Damaged ToolBench logs: whatever is cut, lost or replaced, each record ends as a run or as a rejection."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenther.readers.find import read
from agenther.readers.log import Folder, Log
from agenther.records import Rejection, Trajectory
from agenther.settings import How

CASES = Path(__file__).parents[1] / "cases/readers"
LOGS = {
    "toolbench": [
        *(CASES / "toolbench/answered_path").rglob("3*.json"),
        *(CASES / "toolbench/trained_give_up").rglob("3*.json"),
        *(CASES / "toolbench/cot_without_finish").rglob("3*.json"),
    ],
    "toolbench-converted": [
        *(CASES / "toolbench-converted/branching").rglob("G*.json"),
        *(CASES / "toolbench-converted/oddities").rglob("my*.json"),
        *(CASES / "toolbench-converted/cut_strings").rglob("G*.json"),
    ],
    "toolbench-training": list((CASES / "toolbench-training/one_run_per_query").rglob("G*.json")),
}
DOCUMENTS = [(name, json.loads(path.read_text("utf-8"))) for name, paths in LOGS.items() for path in paths]
assert len(DOCUMENTS) == 7

strange = st.one_of(
    st.sampled_from(
        [None, True, 7, -1, 10**400, 1e308, "", "Finish", "{", "\ud800", '{"a": "\\ud800"}', '{"a": NaN}', [], {}, [[]],
         {"role": "tool"}, {"next": {}}, "{'name': 'x', 'arguments': {1: (2,)}, 'response': b''}",
         "[" * 500 + "]" * 500,
         '{"error": [1]}', '{"return_type": ["give_answer"], "final_answer": {"a": 1}}', '{"return_type": 1e999}']
    ),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    waiting = [value]
    while waiting:
        container = waiting.pop()
        for key in range(len(container)) if isinstance(container, list) else list(container):
            yield container, key
            if isinstance(container[key], list | dict):
                waiting.append(container[key])


@st.composite
def damaged(draw) -> tuple[str, Any]:
    name, document = draw(st.sampled_from(DOCUMENTS))
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        if not found:
            break
        container, key = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()):
            container[key] = deepcopy(draw(strange))
        else:
            del container[key]
    return name, document


def outcomes(name: str, text: str) -> list[Trajectory | Rejection]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "7_DFS.json"
        path.write_bytes(text.encode("utf-8", "replace"))
        return list(read(Log(path, path.name, Folder(path.parent)), How(log_format=name)))


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_every_record_ends_as_a_run_or_a_rejection(case):
    name, document = case
    found = outcomes(name, json.dumps(document))
    for item in found:
        assert isinstance(item, Trajectory | Rejection)
        if isinstance(item, Trajectory):
            assert Trajectory.model_validate_json(item.model_dump_json()) == item
    if name == "toolbench-converted" and document:
        assert [item.source.key if isinstance(item, Trajectory) else item.key for item in found] == list(document)
    elif name == "toolbench":
        assert len(found) == 1
    else:
        assert 1 <= len(found) <= max(len(document), 1)


@settings(max_examples=100, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", LOGS)
def test_a_cut_file_loses_what_was_cut(name, data):
    text = json.dumps(data.draw(st.sampled_from([document for form, document in DOCUMENTS if form == name])))
    found = outcomes(name, text[: data.draw(st.integers(0, len(text) - 1))])
    reasons = [item.reason.value for item in found if isinstance(item, Rejection)]
    assert reasons.count("not-json") + reasons.count("empty") == 1
    assert len(found) == 1 or name != "toolbench", "only there is the file one record"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(LOGS)), strange)
def test_any_other_json_is_rejected(name, document):
    found = outcomes(name, json.dumps(document))
    assert found
    assert all(isinstance(item, Rejection) for item in found)

"""Every case folder `tests/cases/readers/<format>/<case>/` gives exactly the runs that its `expected.jsonl` tells.

All other files of the folder are the logs. They are found and read as a user's would be. `expected.jsonl` has one
line for each run and each rejection, in the order in which they come out; a side file makes no line.

    {"format": "tau-bench", "key": "3/0", "goal": "Cancel order 17.", "success": false, "label_source": "reward",
     "answer": "Done.", "ending": "answered", "steps": [["find_order", {"id": 17}, "{\"status\": \"sent\"…"],
     ["respond", {"content": "Done."}, null]]}
    {"rejected": "not-json", "path": "broken.json", "line": 4}

A step is [action, arguments, observation] and, where it matters, an object of more fields of the step:
["click", {"id": "12"}, null, {"thought": "…", "url": "http://shop/", "final": true}]. Arguments that are not an object
are the text as logged. A text that ends in "…" stands for every text with that beginning.

Only the fields that a line names are compared, so a case names what it is about; every run names its format and its
steps. Besides those above: `path`, `line`, `score` and every field of `Trajectory`; for a rejection also `key` and
`detail`.
"""

import json
from itertools import zip_longest
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest

from agenther.readers.find import Ignored, files, read
from agenther.readers.formats import READERS
from agenther.records import Rejection, Step, Trajectory

CASES = Path(__file__).parents[1] / "cases/readers"
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/expected.jsonl"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case(folder: Path, tmp_path: Path):
    alone = copytree(folder, tmp_path / folder.name, ignore=ignore_patterns("expected.jsonl"))
    logs = list(files([alone]))
    found = [item for log in logs for item in ([log] if isinstance(log, Ignored | Rejection) else read(log))]
    found = [shown(item) for item in found if not isinstance(item, Ignored)]
    expected = [json.loads(line) for line in (folder / "expected.jsonl").read_text("utf-8").splitlines()]
    assert [named(*pair) for pair in zip_longest(found, expected)] == expected


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_format_has_a_case(name: str):
    assert list(CASES.glob(f"{name}/*/expected.jsonl"))


def test_the_docs_tell_of_every_format():
    table = (Path(__file__).parents[2] / "docs/formats.md").read_text("utf-8")
    named = {line.split("`")[1] for line in table.partition("## What")[0].splitlines() if line.startswith("| `")}
    assert named == {*READERS}


@pytest.mark.parametrize("folder", sorted(CASES.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_case_tells_what_it_expects(folder: Path):
    lines = (folder / "expected.jsonl").read_text("utf-8").splitlines()
    assert lines
    for line in map(json.loads, lines):
        assert "rejected" in line or {"format", "steps"} <= line.keys()
    assert len(list(folder.iterdir())) > 1, "a case needs a log"
    assert folder.parent.name in READERS


def shown(item: Trajectory | Rejection) -> dict[str, Any]:
    """Everything that a line may name."""
    if isinstance(item, Rejection):
        return {"rejected": item.reason.value, **item.model_dump(include={"path", "line", "key", "detail"})}
    fields = item.model_dump(mode="json", exclude={"steps", "source", "label"})
    label = {"success": item.label.success, "label_source": item.label.source, "score": item.label.score}
    return fields | item.source.model_dump() | label | {"steps": [shown_step(step) for step in item.steps]}


def shown_step(step: Step) -> list[Any]:
    arguments = step.action.arguments if step.action.raw is None else step.action.raw
    return [step.action.name, arguments, step.observation, step.model_dump(mode="json")]


def named(found: dict[str, Any] | None, line: dict[str, Any] | None) -> Any:
    """Of `found` only the fields that `line` names, so that the two can be compared by `==`."""
    if found is None or line is None:
        return found
    fields = {name: shortened(found.get(name, "no such field"), value) for name, value in line.items()}
    if "steps" in line and "steps" in found:
        fields["steps"] = [named_step(*pair) for pair in zip_longest(found["steps"], line["steps"])]
    return fields


def named_step(found: list[Any] | None, expected: list[Any] | None) -> Any:
    if found is None or expected is None:
        return found
    more = [named(found[3], expected[3])] if len(expected) > 3 else []
    return [*(shortened(*pair) for pair in zip(found[:3], expected[:3], strict=True)), *more]


def shortened(found: Any, expected: Any) -> Any:
    """`found`, with "…" for what `expected` leaves open."""
    if isinstance(found, str) and isinstance(expected, str) and expected.endswith("…"):
        return expected if found.startswith(expected[:-1]) else found
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        return [shortened(*pair) for pair in zip(found, expected, strict=True)]
    if isinstance(found, dict) and isinstance(expected, dict):
        return {name: shortened(value, expected.get(name)) for name, value in found.items()}
    return found

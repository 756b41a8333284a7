"""Verdicts in files beside the logs: whose they are not, and whose they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from agenther.readers.reading import read
from agenther.records import Trajectory

ASKED = "Find a tent for two people that costs less than fifty dollars."


def run(task: str) -> dict[str, Any]:
    step = {"action_name": "search", "action_input": {"q": "tent"}, "observation": "none"}
    return {"task_id": task, "original_prompt": f"Answer in a word. {ASKED}", "steps": [step]}


def line(*tasks: str) -> str:
    return "\n".join(json.dumps(run(task)) for task in tasks)


ONE, TWO = {"logs/a.json": line("a")}, {"logs/m1.jsonl": line("a", "b"), "logs/m2.jsonl": line("a", "b")}
NONE = (None, "none")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(ONE | {"logs/r.json": {"task_id": "b", "success": False}}, [NONE], id="another task"),
        pytest.param(ONE | {"logs/r.json": {"success": False}}, [NONE], id="of nobody"),
        pytest.param(ONE | {"evals/a.json": {"task_id": "b", "success": False}}, [NONE], id="a name and another task"),
        pytest.param(
            ONE | {"other/a.json": line("a"), "other/r.json": {"a": {"success": True}}},
            [NONE, (True, "r.json: success")],
            id="of another folder's logs",
        ),
        pytest.param(
            ONE | {"other/runs/a.json": line("a"), "other/r.json": {"a": {"success": True}}},
            [NONE, (True, "other: success")],
            id="of another folder's logs, deeper",
        ),
        pytest.param(
            ONE | {"others/a.json": line("a"), "evals/r.json": {"a": {"success": True}}},
            [NONE, NONE],
            id="of one of two folders of logs",
        ),
        pytest.param({"logs/7.json": line("7"), "evals/r.json": {"7": {"success": True}}}, [NONE], id="a number"),
        pytest.param(
            {"logs/7.json": line("7"), "evals/7.json": {"task_id": 7, "success": True}},
            [(True, "evals: success")],
            id="a number, by name",
        ),
        pytest.param(ONE | {"evals/deep/r.json": {"a": {"success": True}}}, [NONE], id="further away"),
        pytest.param(ONE | {"evals/r.json": '{"a": {"success": tr'}, [NONE], id="broken"),
        pytest.param(ONE | {"evals/r.json": {"question": "Find a tent.", "success": True}}, [NONE], id="short"),
        pytest.param(TWO | {"logs/r.json": {"a": {"success": True}}}, [NONE] * 4, id="of one of two models"),
        pytest.param(
            ONE | {"evals/r.json": {"a": {"passed": 1}}, "logs/s.json": {"a": {"passed": 0}}},
            [(None, "contradicting: s.json: passed, evals: passed")],
            id="contradicting",
        ),
        pytest.param(ONE | {"evals/a.json": {"success": False}}, [(False, "evals: success")], id="by the log's name"),
        pytest.param(
            ONE | {"evals/r.json": {"question": ASKED, "score": "0"}}, [(False, "evals: score")], id="by the question"
        ),
        pytest.param(
            ONE | {"logs/r.json": [{"id": "a", "score": 1}, {"id": "b", "score": 0}]},
            [(True, "r.json: score")],
            id="by id",
        ),
        pytest.param(
            ONE | {"evals/r.json": {"accuracy": 0.5, "results": [{"id": "a", "ok": 1, "correct": False}]}},
            [(False, "evals: correct")],
            id="in a summary",
        ),
        pytest.param(
            {"m/logs/a.json": line("a"), "m/r.json": {"a": {"success": False}}}, [(False, "m: success")], id="above"
        ),
        pytest.param(ONE | {"logs/r.csv": "id,success\nb,1\na,0\n"}, [(False, "r.csv: success")], id="in a table"),
        pytest.param(
            TWO | {"evals/m1.jsonl": {"a": {"success": True}, "b": {"success": False}}},
            [(True, "evals: success"), (False, "evals: success"), NONE, NONE],
            id="by name and id",
        ),
    ],
)
def test_verdicts_beside_the_logs(tmp_path: Path, files: dict[str, Any], found: list[tuple[bool | None, str]]):
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(value if isinstance(value, str) else json.dumps(value))
    runs = [item for item in read([tmp_path]) if isinstance(item, Trajectory)]
    assert [(one.label.success, one.label.source) for one in runs] == found

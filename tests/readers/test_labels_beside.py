"""Verdicts in files beside the logs: whose they are not, and whose they are."""

import json
import os
from collections import Counter
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


def chat(**beside: str) -> str:
    call = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    said = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    return json.dumps({"messages": [*said, {"role": "tool", "tool_call_id": "c", "content": "none"}], **beside})


def models(files: str, **folders: str) -> dict[str, str]:
    """Chats `files` in each of these folders, and what `folders` hold under the same names."""
    return {f"{folder}/{file}": text for folder, text in folders.items() for file in files.split()}


ONE, TWO = {"logs/a.json": line("a")}, {"logs/m1.jsonl": line("a", "b"), "logs/m2.jsonl": line("a", "b")}
CHAT, NONE = chat(), (None, "none")


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
        pytest.param(
            {"a_0.json": chat(task_id="t"), "a_1.json": chat(task_id="t"), "r.json": {"t": {"success": True}}},
            [NONE] * 2,
            id="two trials",
        ),
        pytest.param(
            {"a.jsonl": "\n".join([chat(task_id="t")] * 2), "r.json": {"t": {"success": True}}},
            [NONE] * 2,
            id="two trials in a file",
        ),
        pytest.param(
            {
                "m1/a.json": CHAT,
                "m1/b.json": CHAT,
                "m2/b.json": CHAT,
                "evals/r.json": {"a": {"ok": 1, "success": True}, "b": {"success": False}},
            },
            [NONE] * 3,
            id="of one of two models, with other runs",
        ),
        pytest.param(
            {"m1/a.json": CHAT, "m2/a.json": CHAT, "report.json": {"resolved_ids": ["a"]}}, [NONE] * 2, id="two names"
        ),
        pytest.param({"a.json": CHAT, "done.json": {"a": True}}, [NONE], id="true of something"),
        pytest.param(
            {"a.json": CHAT, "b.json": CHAT, "results.json": {"a": 0, "b": 1, "c": 2}}, [NONE] * 2, id="places"
        ),
        pytest.param({"a.json": CHAT, "r.json": {"success": 17, "failed": 3}}, [NONE], id="counts"),
        pytest.param({"a.json": CHAT, "results.json": {"accuracy": 0.0, "total": 9}}, [NONE], id="a sum"),
        pytest.param(
            {"1.json": CHAT, "2.json": CHAT, "results.txt": "PASS: 1\nFAIL: 2\n"}, [NONE] * 2, id="a sum in words"
        ),
        pytest.param({"a.json": CHAT, "b.json": CHAT, "reward.txt": "1"}, [NONE] * 2, id="a reward of one of two"),
        pytest.param({"j/x/agent/a.json": CHAT, "j/y/verifier/reward.txt": "1"}, [NONE], id="another trial's reward"),
        pytest.param({"logs/1.json": CHAT, "results.json": {"1": True}}, [NONE], id="a number above"),
        pytest.param(
            models(
                "a.json b.json", **{"t/m1": CHAT, "t/m2": CHAT, "e/m1": '{"success": true}', "e/m2": '{"passed": "no"}'}
            ),
            [(True, "m1: success")] * 2 + [(False, "m2: passed")] * 2,
            id="a folder for each model",
        ),
        pytest.param(
            {
                "m1/a.json": CHAT,
                "m2/a.json": CHAT,
                "results_m1.json": {"a": True},
                "m2.json": {"a": {"resolved": False}},
            },
            [(True, "FOLDER: verdict"), (False, "FOLDER: resolved")],
            id="called like a folder",
        ),
        pytest.param({"a.json": CHAT, "results.json": {"a": False}}, [(False, "results.json: verdict")], id="false"),
        pytest.param(
            {"a.json": CHAT, "x.json": {"task_id": "a", "success": True, "scores": {"b": 0}, "failed": ["c"]}},
            [(True, "x.json: success")],
            id="with marks",
        ),
        pytest.param({"a.json": CHAT, "scores.json": {"a": 1.0}}, [(True, "scores.json: score")], id="a score"),
        pytest.param({"a.json": CHAT, "x.json": {"a": "failed"}}, [(False, "x.json: verdict")], id="a word"),
        pytest.param(
            {"1.json": CHAT, "results.json": {"1": True}}, [(True, "results.json: verdict")], id="a number here"
        ),
        pytest.param(
            models("a.json b.json c.json", logs=CHAT)
            | {"m.run.json": {"resolved_ids": ["a"], "submitted_ids": ["a", "b", "c"], "error_ids": ["c"]}},
            [(True, "FOLDER: resolved"), (False, "FOLDER: resolved"), NONE],
            id="a report of SWE-bench",
        ),
        pytest.param(
            {"t/a/a.json": CHAT, "t/b/log.json": CHAT, "r.json": {"passed": ["a"], "failed": ["b"]}},
            [(True, "FOLDER: verdict"), (False, "FOLDER: verdict")],
            id="a folder for each run",
        ),
        pytest.param(
            {"t-1.json": CHAT, "t-2.json": CHAT, "results.txt": "t-1: PASS\nt-2 FAIL\n\n1 passed, 1 failed\n"},
            [(True, "results.txt: verdict"), (False, "results.txt: verdict")],
            id="lines",
        ),
        pytest.param(
            {"logs/7.json": CHAT, "logs/results.txt": "12:00 - INFO - [Result] (FAIL) /tmp/x/7.json\n"},
            [(False, "results.txt: verdict")],
            id="a line of WebArena",
        ),
        pytest.param(
            models("a.json b.json", t=CHAT) | {"t/scores.csv": "task,score\na,1\nb,5\n"},
            [(None, "scores.csv: score"), (None, "scores.csv: score")],
            id="a scale of more than 1",
        ),
        pytest.param(
            {f"{trial}/agent/a.json": CHAT for trial in "xy"}
            | {"x/verifier/reward.txt": "1.0\n", "y/verifier/reward.txt": "0"},
            [(True, "verifier: reward"), (False, "verifier: reward")],
            id="rewards of trials",
        ),
    ],
)
def test_verdicts_beside_the_logs(tmp_path: Path, files: dict[str, Any], found: list[tuple[bool | None, str]]):
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(value if isinstance(value, str) else json.dumps(value))
    runs = [item for item in read([tmp_path]) if isinstance(item, Trajectory)]
    above = f"{tmp_path.name}: "
    assert [(one.label.success, one.label.source.replace(above, "FOLDER: ")) for one in runs] == found


def test_a_verdict_of_more_than_one_run_is_told(tmp_path: Path):
    for name, text in models("a.json", m1=chat(), m2=chat()).items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / "report.json").write_text('{"resolved_ids": ["a"]}')
    told = (f"{tmp_path.name}: resolved, of more than one run",)
    assert [item.label.unread for item in read([tmp_path]) if isinstance(item, Trajectory)] == [told, told]


def test_the_tree_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for n in range(40):
        for name, text in models(f"{n}.json", **{f"t/f{n}": CHAT, f"e/f{n}": '{"success": true}'}).items():
            (tmp_path / name).parent.mkdir(parents=True)
            (tmp_path / name).write_text(text)
    scanned: list[Any] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: scanned.append(path) or real(path))
    assert [one.label.success for one in read([tmp_path]) if isinstance(one, Trajectory)] == [True] * 40
    assert max(Counter(map(str, scanned)).values()) == 2  # to find the logs, and to find what is beside them


@pytest.mark.parametrize(
    "document",
    [
        '{{"success": true, "history": {0}}}',
        '{{"history": {0}, "metadata": {{"success": true}}}}',
        '{{"metadata": {{"success": true}}, "history": {0}, "model": "m"}}',
        '{{"success": true, "messages": [], "conversations": {0}}}',
    ],
)
def test_what_stands_beside_messages_of_any_name_is_about_their_run(tmp_path: Path, document: str):
    (tmp_path / "a.json").write_text(document.format(json.dumps(json.loads(CHAT)["messages"])))
    assert [item.label.success for item in read([tmp_path]) if isinstance(item, Trajectory)] == [True]


@pytest.mark.parametrize("document", ['{{"data": [{0}, {0}], "model": "m"}}', '{{"results": {{"a": {0}, "b": {0}}}}}'])
def test_runs_within_a_field(tmp_path: Path, document: str):
    (tmp_path / "a.json").write_text(document.format(CHAT))
    assert [item.source.format for item in read([tmp_path]) if isinstance(item, Trajectory)] == ["openai-chat"] * 2

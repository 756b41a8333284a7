"""Labels that the user gives: refusals first, then which rows are about which runs."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agenther.errors import AgentHERError
from agenther.readers.labels.given import given
from agenther.readers.reading import read

STEPS = [{"action_name": "search", "action_input": {"q": "tent"}, "observation": "none"}]
RUNS = [
    {"trajectory_id": f"t{n}", "task_id": task, "original_prompt": "Find a tent.", "reward": reward, "steps": STEPS}
    for n, (task, reward) in enumerate([("a", 0.25), ("b", 0.75), ("b", None)])
]


def labels_of(folder: Path, **choices: Any) -> list[tuple[bool | None, str]]:
    log = folder / "runs.jsonl"
    log.write_text("\n".join(map(json.dumps, RUNS)))
    return [(run.label.success, run.label.source) for run in read([log], **choices)]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("l.csv", "", "cannot be read as labels"),
        ("l.csv", "id,success\n", "does not tell which runs"),
        ("l.csv", "who,success\nt0,true\n", "an object with `who`, `success`"),
        ("l.csv", "id,opinion\nt0,good\n", "an object with `id`, `opinion`; name one success or score"),
        ("l.csv", "id,success\nt0,maybe\n", "tells no success"),
        ("l.jsonl", '{"id": "t0", "succ', "cannot be read as labels"),
        ("l.json", "[1, 2]", "does not tell which runs"),
        ("l.json", "{", "cannot be read as labels"),
        ("l.parquet", "PAR1", "cannot be read as labels"),
    ],
)
def test_what_is_no_file_of_labels(tmp_path: Path, name: str, text: str, why: str):
    (tmp_path / name).write_text(text)
    with pytest.raises(AgentHERError, match=why):
        given(str(tmp_path / name))


OWN, NONE = (None, "reward"), (None, "none")
SURE, FALSE = (True, "{}: success"), (False, "{}: success")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([{"id": "x", "success": True}], [OWN, OWN, NONE], id="of other runs"),
        pytest.param([{"id": "t0", "task": "b", "success": True}], [OWN, OWN, NONE], id="names of two runs"),
        pytest.param([{"id": "0", "success": True}], [OWN, OWN, NONE], id="a place in the file"),
        pytest.param(
            [{"id": "t0", "success": None}, {"id": "x", "success": True}],
            [OWN, OWN, NONE],
            id="nothing said",
        ),
        pytest.param([{"id": "t0", "success": True}], [SURE, OWN, NONE], id="a key"),
        pytest.param([{"task": "b", "success": False}], [OWN, FALSE, FALSE], id="a task"),
        pytest.param([{"task_id": "b", "id": "t2", "success": False}], [OWN, OWN, FALSE], id="a key and its task"),
        pytest.param([{"path": "runs.jsonl", "success": True}], [SURE] * 3, id="a file"),
        pytest.param([{"id": "t0", "score": 0.5}], [(None, "{}: score"), OWN, NONE], id="a score between"),
        pytest.param(
            [{"id": "t0", "success": True}, {"task": "a", "success": False}],
            [(None, "contradicting: rows of {}"), OWN, NONE],
            id="contradicting",
        ),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_rows_and_the_runs_that_they_are_about(
    tmp_path: Path, suffix: str, rows: list[dict[str, Any]], found: list[tuple[bool | None, str]]
):
    path = tmp_path / f"l{suffix}"
    if suffix == ".csv":
        pl.DataFrame(rows).write_csv(path)
    elif suffix == ".parquet":
        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)))
    assert labels_of(tmp_path, labels=path) == [(success, source.format(path.name)) for success, source in found]


def test_the_least_score_of_a_success(tmp_path: Path):
    assert labels_of(tmp_path, success_at=0.5) == [(False, "reward"), (True, "reward"), NONE]
    (tmp_path / "l.csv").write_text("id,score\nt2,0.5\n")
    found = labels_of(tmp_path, labels=tmp_path / "l.csv", success_at=0.5)
    assert found == [(False, "reward"), (True, "reward"), (True, "l.csv: score")]
    (tmp_path / "m.csv").write_text("id,score\nt2,0.5\nt2,0.2\n")
    found = labels_of(tmp_path, labels=tmp_path / "m.csv", success_at=0.5)
    assert found[2] == (None, "contradicting: rows of m.csv")


def test_one_is_not_the_most_where_others_have_more(tmp_path: Path):
    (tmp_path / "n.csv").write_text("id,score\nt0,1\nt1,5\nt2,0\n")
    found = labels_of(tmp_path, labels=tmp_path / "n.csv")
    assert found == [(None, "n.csv: score"), (None, "n.csv: score"), (False, "n.csv: score")]


def test_a_run_with_another_label_has_an_id_of_its_own(tmp_path: Path):
    labels_of(tmp_path)
    before = [run.id for run in read([tmp_path / "runs.jsonl"])]
    after = [run.id for run in read([tmp_path / "runs.jsonl"], success_at=0.5)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, True]

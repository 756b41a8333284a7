"""Labels that the user gives: refusals first, then which rows are about which runs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from agenther.assemble import assemble
from agenther.cli import main
from agenther.errors import AgentHERError
from agenther.jobs import loop
from agenther.readers.labels.given import given
from agenther.readers.reading import read
from agenther.settings import Settings

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


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([{"task": "b", "success": False}], "", id="one row of two runs"),
        pytest.param([{"id": "t0", "success": False}, {"path": "runs.jsonl", "success": None}], "", id="a row of all"),
        pytest.param(
            [
                {"id": "t0", "success": False},
                {"id": "t0", "task": "b", "success": False},
                {"id": "t7", "success": True},
            ],
            "2 of the 3 rows of {} are about no run in these logs: t0, t7",
            id="names of two runs, and of none",
        ),
        pytest.param(
            [{"id": "t0", "success": False}, {"id": "", "success": False}],
            "1 of the 2 rows of {} are about no run in these logs: row 2",
            id="a row without a name",
        ),
        pytest.param(
            [{"id": f"x{n}", "success": False} for n in range(7)],
            "7 of the 7 rows of {} are about no run in these logs: x0, x1, x2, x3, x4, …",
            id="more than are named",
        ),
    ],
)
@pytest.mark.parametrize("command", [["inspect"], ["inspect", "--json"], ["run", "--out", "out"]])
def test_rows_about_no_run_are_counted_and_named_once(tmp_path: Path, monkeypatch, command, rows, told):
    labels_of(tmp_path)
    (given := tmp_path / "given.jsonl").write_text("\n".join(map(json.dumps, rows)))
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        result = CliRunner().invoke(main, [*command, "runs.jsonl", "--labels", str(given)])
        assert result.exit_code == 0
        warned = [line for line in result.stderr.splitlines() if "rows of" in line]
        assert warned == ([f"agenther: warning: {told.format(given)}"] if told else [])


def test_rows_are_found_by_an_id_that_the_label_changes_and_by_other_processes(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(loop, "SMALL", 0)
    labels_of(tmp_path)
    run_id = next(iter(read([tmp_path / "runs.jsonl"]))).id
    (tmp_path / "given.jsonl").write_text(
        json.dumps({"id": run_id, "success": True}) + '\n{"id": "x", "success": true}'
    )
    settings = Settings(labels=str(tmp_path / "given.jsonl"))
    job = replace(assemble(settings), processes=2)
    done = loop.run((tmp_path / "runs.jsonl",), tmp_path / "out", job, lambda _progress: None)
    assert done.found.rows == {0}
    for file in (tmp_path / "out").glob("*.jsonl"):
        assert b'"rows"' not in file.read_bytes()

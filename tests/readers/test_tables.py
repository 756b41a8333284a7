import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from agenther.errors import ReadError
from agenther.readers.find import Ignored, files, read
from agenther.readers.log import Folder, Log
from agenther.records import Rejection, Trajectory

MESSAGES = [
    {"role": "user", "content": "Is Dune in?", "tool_calls": None, "tool_call_id": None},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "find", "arguments": '{"title": "Dune"}'}}],
        "tool_call_id": None,
    },
    {"role": "tool", "content": "No copies.", "tool_calls": None, "tool_call_id": "c"},
]


def log(path: Path) -> Log:
    return Log(path, path.name, Folder(path.parent))


def records(path: Path) -> list[object]:
    return [(line, key, getattr(value, "reason", value)) for line, key, value in log(path).records()]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", "a,b\n1,x\n", [(2, "", {"a": "1", "b": "x"})], id="text stays text"),
        pytest.param("a.tsv", "a\tb\n1\tx,y\n", [(2, "", {"a": "1", "b": "x,y"})], id="tabs"),
        pytest.param("a.csv", "a;b\n1;x\n", [(2, "", {"a": "1", "b": "x"})], id="semicolons"),
        pytest.param("a.csv", "\ufeffa,b\r\n1,\r\n\r\n2,", [(2, "", {"a": "1"}), (4, "", {"a": "2"})], id="m"),
        pytest.param("a.csv", 'a\n"[{""b"": 1}]"\n', [(2, "", {"a": [{"b": 1}]})], id="JSON"),
        pytest.param("a.csv", "a\n\"[{'b': None}]\"\n", [(2, "", {"a": [{"b": None}]})], id="Python"),
        pytest.param("a.csv", "a\n[urgent] go\n", [(2, "", {"a": "[urgent] go"})], id="neither"),
        pytest.param("a.csv", 'a,b\n"1\n2",x\n3\n4,y\n', [(3, "", {"a": "1\n2", "b": "x"}), (4, "", "malformed"),
                     (5, "", {"a": "4", "b": "y"})], id="a cell too few"),
        pytest.param("a.csv", 'a\n"x" y\nz\n', [(2, "", "malformed"), (3, "", {"a": "z"})], id="a stray quote"),
        pytest.param("a.csv", "a\n\udcff\nz\n", [(2, "", "encoding"), (3, "", {"a": "z"})], id="a byte"),
    ],
)  # fmt: skip
def test_csv(tmp_path: Path, name: str, text: str, expected: list[object]):
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert records(tmp_path / name) == expected


def test_parquet(tmp_path: Path):
    rows = [
        {"id": n, "day": dt.date(2026, 1, 2), "score": float("nan"), "raw": b"\xff", "messages": MESSAGES}
        for n in range(200)
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    found = records(tmp_path / "a.parquet")
    assert [key for _, key, _ in found] == list(map(str, range(200)))
    assert found[7][2] == {
        "id": 7,
        "day": "2026-01-02",
        "raw": "[binary]",
        "messages": [{name: value for name, value in message.items() if value is not None} for message in MESSAGES],
    }


def test_an_empty_csv_file(tmp_path: Path):
    (tmp_path / "a.csv").touch()
    with pytest.raises(ReadError, match="no names of columns"):
        records(tmp_path / "a.csv")


def test_a_damaged_parquet_file(tmp_path: Path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ReadError, match="Parquet"):
        records(tmp_path / "a.parquet")


def test_runs_in_tables(tmp_path: Path):
    rows = [{"id": str(n), "success": False, "messages": MESSAGES} for n in range(3)]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    text = pl.DataFrame([{**row, "messages": json.dumps(MESSAGES)} for row in rows])
    text.write_parquet(tmp_path / "b.parquet")
    text.write_csv(tmp_path / "c.csv")
    found = [run for entry in files([tmp_path]) if isinstance(entry, Log) for run in read(entry)]
    assert [run.task_id for run in found if isinstance(run, Trajectory)] == ["0", "1", "2"] * 3
    for run in found:
        assert isinstance(run, Trajectory)
        assert [(step.action.name, step.action.arguments, step.observation) for step in run.steps] == [
            ("find", {"title": "Dune"}, "No copies.")
        ]


def test_a_table_without_runs_is_no_log(tmp_path: Path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("task,success\n1,0\n")
    found = [item for entry in files([tmp_path]) for item in (read(entry) if isinstance(entry, Log) else [entry])]
    assert found == [Ignored("a.parquet", "a table without runs"), Ignored("b.csv", "labels")]


def test_a_table_that_is_none_is_rejected(tmp_path: Path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    (found,) = read(log(tmp_path / "a.parquet"))
    assert isinstance(found, Rejection)

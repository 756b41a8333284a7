"""A new format is one module and one line: here a toy that other readers know nothing of."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agenther.cli import main
from agenther.errors import AgentHERError, ReadError, StoreError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import act, identified
from agenther.readers.find import Ignored, files
from agenther.readers.formats import READERS
from agenther.readers.log import Head, Log
from agenther.readers.reading import items, read
from agenther.readers.values import each
from agenther.records import Rejection, Source, Step, Trajectory
from agenther.settings import BY_CONTENT

TOY = {"toy": 1, "messages": [{"role": "user", "content": "Feed the cat."}], "did": [["open", "the tin is open"]]}
"""Has messages, as other chats have."""


def recognizes(head: Head) -> Fit:
    return Fit.SIGNATURE if "toy" in head.first else Fit.NO


def read_toys(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, "toy", log.records(), run)


def run(source: Source, record: dict) -> Trajectory:
    steps = [Step(n=n, turn=n, action=act(name), observation=seen) for n, (name, seen) in enumerate(record["did"], 1)]
    return identified(Trajectory(id="", source=source, goal=record["messages"][0]["content"], steps=tuple(steps)))


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    toy = Reader("Toys", recognizes, read_toys, ("toys.md", "marks/*.json"), lambda head: "settings" in head.first)
    monkeypatch.setitem(READERS, "toy", toy)
    (tmp_path / "marks").mkdir()
    (tmp_path / "a.json").write_text(json.dumps([TOY, TOY]))
    (tmp_path / "b.json").write_text(json.dumps({"messages": TOY["messages"]}))
    (tmp_path / "c.json").write_text(json.dumps({"settings": {}}))
    (tmp_path / "marks/a.json").write_text("[1, 0]")
    (tmp_path / "toys.md").write_text("Toys")
    (tmp_path / "other.md").write_text("Others")
    return tmp_path


def test_its_logs_are_read_and_others_are_left_to_their_readers(logs: Path):
    runs = [item for item in read([logs]) if isinstance(item, Trajectory)]
    assert [(item.source.format, item.source.path, item.source.key) for item in runs] == [
        ("toy", "a.json", "0"),
        ("toy", "a.json", "1"),
    ]
    assert [(step.action.name, step.observation) for step in runs[0].steps] == [("open", "the tin is open")]
    (rejected,) = (item for item in read([str(logs)]) if isinstance(item, Rejection))
    assert (rejected.path, rejected.detail) == (
        "b.json",
        "no message of an agent after the request; messages by role: user 1",
    )


def test_its_side_files_are_known_by_name_and_by_content(logs: Path):
    ignored = {item.name: item.why for item in items(files([logs]), BY_CONTENT) if isinstance(item, Ignored)}
    assert ignored.pop("other.md") == ".md files hold no runs"
    assert ignored == dict.fromkeys(("c.json", "marks/a.json", "toys.md"), "a side file")


def test_its_logs_are_inspected(logs: Path):
    told = CliRunner().invoke(main, ["inspect", "--json", str(logs)])
    assert [json.loads(line)["kind"] for line in told.stdout.splitlines()] == ["run", "run", "rejected"]
    assert "  toy " in CliRunner().invoke(main, ["formats"]).stdout


def test_a_format_can_be_named(logs: Path):
    assert [type(item) for item in read([logs / "a.json"], "toy")] == [Trajectory, Trajectory]
    with pytest.raises(AgentHERError, match=r"no log format is called toys; there are webarena, .*, toy"):
        read([logs], "toys")


def test_a_run_folder_is_refused_at_once(logs: Path):
    (logs / "run.json").write_text('{"made_with": {}}')
    with pytest.raises(StoreError, match="holds no logs"):
        read([logs])

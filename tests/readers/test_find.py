import inspect
import os
import sys
from pathlib import Path
from shutil import copytree

import pytest

from agenther.errors import StoreError
from agenther.readers.find import Ignored, check, files, read
from agenther.readers.log import Log
from agenther.records import Reason, Rejection, Trajectory
from agenther.settings import How

CASES = Path(__file__).parents[1] / "cases/readers"
RUN = '{"trajectory_id": "t", "original_prompt": "g", "steps": [{"action": "a", "observation": "o"}]}'


def names(*logs: Path) -> list[str]:
    return [item.name for item in files(logs) if isinstance(item, Log)]


def outcome(*logs: Path) -> list[tuple[str, str]]:
    """(path, reason or "run" or why it is ignored) for all that is found under `logs`."""
    found = [item for log in files(logs) for item in (read(log) if isinstance(log, Log) else [log])]
    return [told(item) for item in found]


def told(item: Trajectory | Rejection | Ignored) -> tuple[str, str]:
    if isinstance(item, Trajectory):
        return item.source.path, "run"
    return (item.name, item.why) if isinstance(item, Ignored) else (item.path, item.reason.value)


def test_natural_order_folders_among_files(tmp_path: Path):
    for name in (
        "render_10.json",
        "render_2.json",
        "render_2a.json",
        "b/9.json",
        "b/10.json",
        "a.json",
        "Z.json",
        "007.json",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(RUN)
    expected = ["Z.json", "a.json", "b/9.json", "b/10.json", "render_2.json", "render_2a.json", "render_10.json"]
    assert sorted(names(tmp_path)) == sorted(["007.json", *expected])
    assert [name for name in names(tmp_path) if name != "007.json"] == expected


@pytest.mark.parametrize(
    "name", ["a b.json", "Who&When.json", "a#1.json", "gpt:4o.json", "ü@%20.json", ".hidden", "a\nb"]
)
def test_odd_names(tmp_path: Path, name: str):
    (tmp_path / "in side").mkdir()
    (tmp_path / "in side" / name).write_text(RUN)
    assert outcome(tmp_path) == [(f"in side/{name}", "run")]
    assert outcome(tmp_path / "in side" / name) == [(name, "run")]


def test_a_name_that_is_not_utf_8(tmp_path: Path):
    try:
        (tmp_path / os.fsdecode(b"\xff.json")).write_text(RUN)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert outcome(tmp_path) == [("\ufffd.json", "run")]


def test_links(tmp_path: Path):
    logs = tmp_path / "logs"
    (logs / "sub").mkdir(parents=True)
    (logs / "run.json").write_text(RUN)
    (logs / "sub/again.json").symlink_to(logs / "run.json")
    (logs / "sub/up").symlink_to(logs)
    (logs / "to-a").symlink_to(logs / "to-b")
    (logs / "to-b").symlink_to(logs / "to-a")
    (logs / "nowhere.json").symlink_to(logs / "absent")
    assert outcome(logs) == [
        ("nowhere.json", "unreadable"),
        ("run.json", "run"),
        ("to-a", "unreadable"),
        ("to-b", "unreadable"),
    ]


@pytest.mark.parametrize("named", ["logs run.json", "run.json logs", "logs logs", "logs .", "link logs"])
def test_everything_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/run.json").write_text(RUN)
    (tmp_path / "link").symlink_to(tmp_path / "logs")
    (tmp_path / "run.json").symlink_to(tmp_path / "logs/run.json")
    monkeypatch.chdir(tmp_path)
    assert outcome(*map(Path, named.split())) == [("run.json", "run")]


def test_what_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "README.md").write_text("# Logs")
    (tmp_path / "shot.PNG").write_bytes(b"\x89PNG")
    assert outcome(tmp_path) == [
        ("README.md", ".md files hold no runs"),
        ("fifo.json", "not a regular file"),
        ("shot.PNG", ".png files hold no runs"),
    ]


@pytest.mark.parametrize("name", ["run.json", "journal.jsonl"])
def test_a_run_folder_holds_no_logs(tmp_path: Path, name: str):
    out = tmp_path / "runs/a"
    (out / "dataset").mkdir(parents=True)
    (out / name).write_text('{\n  "made_with": {"agenther": "1"}}')
    (out / "dataset/train.jsonl").write_text(RUN)
    (tmp_path / "log.json").write_text(RUN)
    assert outcome(tmp_path) == [("log.json", "run"), ("runs/a", "a run folder of agenther")]
    with pytest.raises(StoreError, match="is a run folder of agenther"):
        check((tmp_path, out))


def test_a_folder_with_files_of_such_names_is_read(tmp_path: Path):
    (tmp_path / "run.json").write_text(RUN)
    (tmp_path / "journal.jsonl").write_text(RUN.replace("a", "b"))
    check((tmp_path,))
    assert [name for name, _ in outcome(tmp_path)] == ["journal.jsonl", "run.json"]


def test_an_argument_that_does_not_exist(tmp_path: Path):
    assert outcome(tmp_path / "absent") == [("absent", "unreadable")]


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b.json").write_text(RUN)
    listing = os.scandir

    def refuse(path: Path):
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert outcome(tmp_path) == [("a", "unreadable"), ("b.json", "run")]


def test_a_file_that_goes_away(tmp_path: Path):
    (tmp_path / "a.json").write_text(RUN)
    (tmp_path / "b.json").write_text(RUN)
    found = list(files([tmp_path]))
    (tmp_path / "a.json").unlink()
    assert [told(item) for log in found for item in read(log)] == [("a.json", "unreadable"), ("b.json", "run")]


def test_folders_in_folders_deeper_than_the_stack(tmp_path: Path):
    logs = tmp_path / "/".join("d" * 300)
    logs.mkdir(parents=True)
    (logs / "run.json").write_text(RUN)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 200)
    try:
        assert names(tmp_path) == ["d/" * 300 + "run.json"]
    finally:
        sys.setrecursionlimit(limit)


def test_one_folder_object_for_the_files_of_a_folder(tmp_path: Path):
    for name in ("a/1.json", "a/2.json", "b/3.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(RUN)
    first, second, third = (item.folder for item in files([tmp_path]) if isinstance(item, Log))
    assert first is second
    assert first is not third


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf\n ", "empty", id="blank"),
        pytest.param(RUN.encode("utf-16"), "encoding", id="UTF-16"),
        pytest.param(RUN.encode("utf-16-be"), "encoding", id="UTF-16 without a mark"),
        pytest.param(RUN.replace("g", "Zürich").encode("latin-1"), "encoding", id="Latin-1"),
        pytest.param(RUN[:-1].encode(), "not-json", id="truncated"),
        pytest.param(RUN.replace('"o"', "[" * 400 + "]" * 400).encode(), "not-json", id="400 deep"),
        pytest.param(RUN.replace('"o"', r'"\ud800"').encode(), "run", id="half of a surrogate pair"),
        pytest.param(b"\x80\x04\x95cos\nsystem\n", "encoding", id="a pickle"),
        pytest.param(b"\x1f\x8b\x08\x00\x00", "unreadable", id="gzip"),
        pytest.param(b"just text", "not-json", id="text"),
        pytest.param(b'{"some": ', "not-json", id="cut before any format shows"),
        pytest.param(b'{"some": "object"}', "unknown-format", id="no log"),
        pytest.param(b"[]", "unknown-format", id="empty list"),
        pytest.param(RUN.encode("utf-8-sig"), "run", id="byte-order mark"),
    ],
)
def test_one_outcome_for_one_file(tmp_path: Path, raw: bytes, expected: str):
    (tmp_path / "a.json").write_bytes(raw)
    assert outcome(tmp_path) == [("a.json", expected)]


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        pytest.param("cut", b'{"messages": [', "not-json", id="JSON under any name"),
        pytest.param("a.traj", b"\x80\x04", "encoding", id="a log by its name"),
        pytest.param("a.zip", b"PK\3\4\0", "unreadable", id="a zip archive"),
        pytest.param("a", b"a.json" + b"\0" * 251 + b"ustar", "unreadable", id="a tar archive"),
        pytest.param("a.json", b'{"success": false, "trajectory": [{"do": "x"}]}', "unknown-format", id="acts"),
        pytest.param("a.json", b'{"success": false, "log": "%s"}' % (b"x" * 5000), "unknown-format", id="long text"),
        pytest.param("a.json", b'[{"id": 1, "passed": 0}, {"id": 2}, {}]', "unknown-format", id="not all labels"),
        pytest.param("a.txt", RUN.encode(), "run", id="a run in a text file"),
        pytest.param("a.txt", b"As it is.", ".txt files without JSON", id="text"),
        pytest.param("LICENSE", b"As it is.", "files without JSON", id="no suffix"),
        pytest.param("fix.patch", b"--- a\n+++ b\n", ".patch files without JSON", id="a patch"),
        pytest.param("core.bin", b"\0\1\2\xff", ".bin files without JSON", id="binary"),
        pytest.param("a.json", b'{"id": "pier-1", "success": false, "why": ["a", "b"]}', "labels", id="one label"),
        pytest.param("a.json", b'{"pier-1": {"resolved": 1}, "pier-2": {"resolved": 0}}', "labels", id="labels by id"),
        pytest.param("a.jsonl", b'{"id": 1, "passed": 0}\n' * 9000, "labels", id="many labels"),
        pytest.param("a.csv", b"task,score\npier-1,0.5\n", "labels", id="a table of labels"),
    ],
)
def test_what_is_no_log_is_told_from_a_log_that_is_not_understood(tmp_path: Path, name: str, raw: bytes, expected: str):
    (tmp_path / name).write_bytes(raw)
    assert outcome(tmp_path) == [(name, expected)]


def test_half_of_a_surrogate_pair_in_jsonl_named_json(tmp_path: Path):
    (tmp_path / "a.json").write_text(RUN.replace('"o"', r'"\ud800"') + "\n" + RUN)
    assert outcome(tmp_path) == [("a.json", "run")] * 2


def test_a_file_without_a_run_is_rejected(tmp_path: Path):
    (tmp_path / "a.json").write_text("[]")
    (log,) = files([tmp_path])
    (item,) = read(log, How(log_format="agenther"))
    assert told(item) == ("a.json", Reason.EMPTY.value)


def test_a_long_line_is_rejected_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agenther.readers.log.MAX_LINE_BYTES", 2000)
    (tmp_path / "a.jsonl").write_text(RUN + "\n" + RUN.replace("o", "o" * 2000) + "\n" + RUN + "\n")
    (log,) = files([tmp_path])
    run, rejection, last = read(log)
    assert isinstance(run, Trajectory)
    assert (rejection.reason, rejection.line) == (Reason.TOO_LARGE, 2)
    assert last.source.line == 3


def test_a_run_that_a_trial_holds_in_two_forms_is_read_once(tmp_path: Path):
    trial = copytree(CASES / "atif/trials/job/lamp__x1", tmp_path / "job/lamp__x1")
    session = trial / "agent/sessions/-lamp/5f0c.jsonl"
    session.parent.mkdir(parents=True)
    session.write_bytes((CASES / "claude-code/session/5f0c.jsonl").read_bytes())
    (trial / "agent/gemini-cli.trajectory.json").write_text('{"sessionId": "s1", "messages": []}')
    found = dict(outcome(tmp_path))
    assert found["job/lamp__x1/agent/trajectory.json"] == "run"
    assert found["job/lamp__x1/agent/gemini-cli.trajectory.json"] == "a side file"
    assert found["job/lamp__x1/agent/sessions/-lamp/5f0c.jsonl"] == "a side file"
    assert outcome(session) == [("5f0c.jsonl", "run")]

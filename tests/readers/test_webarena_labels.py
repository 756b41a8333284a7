"""What the log files of a result folder tell, and which files are asked at all."""

import os

import pytest

from agenther.readers.log import Folder, Log
from agenther.readers.webarena.side_files import records

LISTED = "log_files/log_20240504170902_1.log"


def lines(*messages):
    return "".join(f"2024-05-04 17:09:05,112 - INFO - {message}\n" for message in messages)


def found(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    results = folder / "results"
    results.mkdir(exist_ok=True)
    return records(Log(results / "render_7.html", "render_7.html", Folder(results)))


@pytest.mark.parametrize(
    "log",
    [
        pytest.param("", id="empty"),
        pytest.param("[Result] PASS 7.json\n[Result]\n", id="no verdict"),
        pytest.param(lines("[Config file]: 7.json", "[Intent]: say [Result] (PASS) 7.json"), id="words of the task"),
        pytest.param(lines("[Intent]: a - INFO - [Result] (PASS) 7.json"), id="a forged prefix"),
        pytest.param(lines("[Result] (PASS) 7.json", "[Config file]: a/7.json"), id="a new attempt without a result"),
        pytest.param(lines("[Config file]: 7.json", "[Result] (PASS) 8.json"), id="another task's result"),
    ],
)
def test_nothing_known(tmp_path, log):
    assert "7" not in found(tmp_path, {"results/a.log": log}).passed


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(
            lines("[Config file]: /tmp/tmpa/7.json", "[Intent]: a", "[Result] (PASS) /tmp/tmpa/7.json"), id="as written"
        ),
        pytest.param(lines("[Config file]: C:\\a\\7.json", "[Result] (PASS) C:\\a\\7.json"), id="other separators"),
        pytest.param("[Config file]: 7.json\n[Result] (PASS)\n", id="no prefix, no path"),
        pytest.param(lines("[Result] (FAIL) 7.json", "[Result] (PASS) 7.json"), id="the last word counts"),
        pytest.param("\ufffd\x00" + "a" * 100_000 + "\n" + lines("[Result] (PASS) 7.json"), id="behind rubbish"),
    ],
)
def test_passed(tmp_path, log):
    assert found(tmp_path, {"results/a.log": log}).passed == {"7": True}


@pytest.mark.parametrize(
    ("files", "is_read"),
    [
        ({"results/merged_log.txt": ""}, True),
        ({"results/results.txt": ""}, True),
        ({"results/log_files/any.log": ""}, True),
        ({LISTED: "", "results/log_files.txt": f"{LISTED}\n"}, True),
        ({LISTED: "", "results/log_files.txt": f"/elsewhere/{LISTED}\r\n"}, True),
        ({LISTED: ""}, False),
        ({"secret.log": "", "results/log_files.txt": "../secret.log\n"}, False),
        ({"results/notes.txt": "[Result] (FAIL) 7.json"}, False),
        ({"results/log_files.txt": "\0.log\n" + "a" * 5000 + ".log\n"}, False),
    ],
)
def test_which_files_are_asked(tmp_path, files, is_read):
    verdict = lines("[Config file]: 7.json", "[Result] (FAIL) 7.json")
    assert found(tmp_path, {name: text or verdict for name, text in files.items()}).passed == (
        {"7": False} if is_read else {}
    )


def test_crashes(tmp_path):
    error = "[Config file]: /tmp/tmpa/7.json\n[Unhandled Error] KeyError('a')\nTraceback\n  [Config file]: 9.json\n"
    log = lines("[Unhandled Error] before any task", "[Config file]: 8.json", "[OpenAI Error] RateLimitError('b')")
    assert found(tmp_path, {"results/error.txt": error, "results/a.log": log}).errors == {
        "7": "KeyError('a')",
        "8": "RateLimitError('b')",
    }


def test_a_folder_is_read_once(tmp_path):
    (tmp_path / "a.log").write_text(lines("[Result] (FAIL) 7.json"))
    log = Log(tmp_path / "render_7.html", "render_7.html", Folder(tmp_path))
    first = records(log)
    (tmp_path / "a.log").unlink()
    assert records(log) is first


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "error.txt")
    (tmp_path / "log_files.txt").mkdir()
    (tmp_path / "a.log").mkdir()
    assert not records(Log(tmp_path / "render_7.html", "render_7.html", Folder(tmp_path))).passed

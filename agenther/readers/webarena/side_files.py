"""What WebArena's log files say about the runs of a result folder.

    2024-05-04 17:09:05,112 - INFO - [Config file]: /tmp/tmpx1/7.json
    2024-05-04 17:09:05,112 - INFO - [Intent]: How many ...
    2024-05-04 17:11:48,630 - INFO - [Result] (FAIL) /tmp/tmpx1/7.json

The result folder names its log files in `log_files.txt`, relative to where the harness was started:
somewhere above. `error.txt` holds the crashes. Reruns append: the last word on a task counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os.path import isfile  # unlike Path.is_file it answers False for a name that no file can have
from pathlib import Path

from agenther.readers.log import HEAD_BYTES, Head, Log

SIDE_FILES = (
    "log_files.txt",
    "error.txt",
    "merge_log.txt",
    "merged_log.txt",
    "results.txt",
    "log_[0-9]*_[0-9]*.log",
    "traces/*.zip",
)
BEGINS = "[Config file]: "
LEVELS_UP = 4
RECORD = re.compile(
    r"(?:[\d:,. -]+ - [A-Z]+ - )?\[(?P<kind>Config file|Result|Unhandled Error|OpenAI Error)\]:? ?(?P<text>.*)"
)
VERDICT = re.compile(r"\((PASS|FAIL)\)(.*)")


@dataclass(frozen=True)
class Records:
    """By task id: did the run pass, and with which error did it crash."""

    passed: dict[str, bool] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def records(log: Log) -> Records:
    """The records for the folder of `log`, read once."""
    return log.folder.once("webarena labels", _records)


def accompanies(head: Head) -> bool:
    """A side file of a result folder, by its content: a log file, settings, task configs."""
    if head.path.suffix in {".log", ".txt"}:
        return BEGINS in head.text
    first = head.first
    is_settings = {"result_dir", "test_start_idx"} <= first.keys()
    is_task = {"task_id", "intent", "eval", "sites"} <= first.keys()
    return is_settings or (is_task and "messages" not in first)


def _records(folder: Path) -> Records:
    found = Records()
    for path in filter(isfile, (folder / "error.txt", *_log_files(folder))):
        _collect(_lines(path), found)
    return found


def _lines(path: Path) -> Iterator[str]:
    """Those of a text; none of a file that cannot be read, which the walk over the folder rejects."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from lines
    except OSError:
        return


def _log_files(folder: Path) -> Iterator[Path]:
    """Texts that hold what others do come first, under whatever name: the last word counts."""
    yield from filter(_is_log, filter(isfile, sorted(folder.glob("*.txt"))))
    own = {path.name: path for path in (*folder.glob("*.log"), *folder.glob("log_files/*.log"))}
    yield from (own[name] for name in sorted(own))
    for name in _listed(folder):
        # only by its last name: a list of log files says nothing about files elsewhere
        above = (place / "log_files" / name for place in list(folder.absolute().parents)[:LEVELS_UP])
        if name not in own and (path := next(filter(isfile, above), None)):
            yield path


def _is_log(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return BEGINS in file.read(HEAD_BYTES)
    except OSError:
        return False


def _listed(folder: Path) -> list[str]:
    names = (re.split(r"[\\/]", line.strip())[-1] for line in _lines(folder / "log_files.txt"))
    return [name for name in dict.fromkeys(names) if name.endswith(".log")]


def _collect(lines: Iterable[str], found: Records) -> None:
    task = ""
    for line in lines:
        if not (record := RECORD.match(line)):
            continue
        kind, text = record["kind"], record["text"].strip()
        if kind == "Config file":
            task = _task_id(text)
            found.passed.pop(task, None)  # a new attempt, which may never come to its result
        elif kind == "Result":
            if verdict := VERDICT.match(text):
                found.passed[_task_id(verdict[2]) or task] = verdict[1] == "PASS"
        elif task:
            found.errors[task] = text.removesuffix("]")  # the log closes a bracket that it never opened


def _task_id(path: str) -> str:
    """7 for /tmp/tmpx1/7.json."""
    return re.split(r"[\\/]", path.strip())[-1].removesuffix(".json")

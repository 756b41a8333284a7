"""The nightly job in docs/examples, as cron starts it; and what its page tells GitHub's actions to do."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from folders import content, write_logs
from llm.player import Player, lamp_logs
from llm.server import Server, hang

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/guides/nightly.md").read_text("utf-8")


@pytest.fixture
def begin(tmp_path):
    """Begins a night in a folder of its own."""
    program = tmp_path / "bin/agenther"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m agenther "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    script = ["sh", str(ROOT / "docs/examples/extending/nightly.sh")]
    return lambda *words: subprocess.Popen(
        [*script, *words], cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.fixture
def night(begin, tmp_path):
    """A whole one: how it ended, what it said on stderr, and the folder as it then is."""

    def whole(*words):
        process = begin(*words)
        _, said = process.communicate()
        return process.returncode, said, content(tmp_path / "runs/nightly") if process.returncode == 0 else {}

    return whole


def runs(folder):
    return len(folder["trajectories.jsonl"].splitlines())


def test_a_night_without_logs_is_told(night, tmp_path):
    (tmp_path / "logs").mkdir()
    code, said, _ = night()
    assert (code, said.count("\n")) == (1, 1)
    assert "no run was found in logs" in said


def test_a_night_twice_is_a_night_and_more_logs_are_added(night, tmp_path):
    write_logs(tmp_path / "logs", [1, 2])
    first = night()
    assert first[:2] == (0, "")
    assert night() == first
    write_logs(tmp_path / "logs", [3], "more.jsonl")
    assert runs(night()[2]) == 3


def test_what_is_rotated_away_stays_and_what_grows_counts_once(night, tmp_path):
    write_logs(tmp_path / "logs", [1, 2], "monday.jsonl")
    write_logs(tmp_path / "logs", [3], "tuesday.jsonl")
    night()
    (tmp_path / "logs/monday.jsonl").unlink()
    write_logs(tmp_path / "logs", [3, 4], "tuesday.jsonl")
    code, said, folder = night()
    assert (code, runs(folder)) == (0, 4)
    assert said == "agenther: 2 runs of before are of other logs, and stay; --replace would leave them out\n"


def test_only_new_logs_are_paid_for(night, tmp_path):
    lamp_logs(tmp_path / "logs", range(2))
    paid = []
    with Server(Player()) as server:
        words = ("--model", "m", "--judge", "j", "--base-url", server.url)
        for logs in (range(2), range(2), range(3)):
            lamp_logs(tmp_path / "logs", logs)
            assert night(*words)[0] == 0
            paid.append(len(server.bodies))
    assert paid[0] == paid[1] > 0
    assert 0 < paid[2] - paid[1] < paid[0]


def test_a_second_one_is_refused_and_a_killed_one_is_carried_on_with(begin, night, tmp_path):
    lamp_logs(tmp_path / "logs", range(2))
    with Server(hang) as server:
        words = ("--model", "m", "--judge", "j", "--base-url", server.url)
        first = begin(*words)
        while not server.bodies:
            time.sleep(0.05)
        code, said, _ = night(*words)
        assert code == 1
        assert said.splitlines()[-1].startswith("agenther: runs/nightly: ")
        first.send_signal(signal.SIGKILL)
        first.communicate()
    with Server(Player()) as server:
        assert runs(night("--model", "m", "--judge", "j", "--base-url", server.url)[2]) == 2


def test_github_runs_one_at_a_time_and_keeps_what_is_done(monkeypatch):
    text = PAGE.partition("```yaml\n")[2].partition("```")[0]
    told = yaml.safe_load(text)
    assert told["concurrency"]
    [job] = told["jobs"].values()
    kept = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/save"))
    brought = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/cache/restore"))
    assert kept["if"] == "always()"
    assert kept["with"]["path"] == brought["with"]["path"]
    assert kept["with"]["key"].startswith(brought["with"]["restore-keys"])
    [command] = [step for step in job["steps"] if step.get("run", "").startswith("agenther ")]
    words = shlex.split(command["run"])
    assert words[words.index("--out") + 1] in kept["with"]["path"].split()
    assert command["env"]["AGENTHER_CACHE"] in kept["with"]["path"].split()

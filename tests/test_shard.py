"""A part of the logs for each job of a queue: together they are all of them, and no run is in two."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from folders import a_job, by_rules, content, done, rows, write_logs

from agenther.cli import main
from agenther.errors import AgentHERError
from agenther.jobs import loop
from agenther.jobs.shard import Shard, parsed

FILES = [f"{folder}/{n}.jsonl" for folder in ("a", "b") for n in range(9)]


@pytest.fixture
def logs(tmp_path):
    for n, name in enumerate(FILES):
        path = tmp_path / "logs" / name
        write_logs(path.parent, [2 * n, 2 * n + 1], path.name)
    (tmp_path / "logs/bad.json").write_text("{", "utf-8")
    (tmp_path / "logs/read.md").write_text("Read", "utf-8")
    return tmp_path / "logs"


def of(shard, job=None):
    return replace(job or a_job(), shard=shard)


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1.0/3", "a/b", "1/3 ", "١/٣"])
def test_what_is_no_part_is_refused(text, tmp_path, logs):
    with pytest.raises(AgentHERError, match="is not I/N"):
        parsed(text)
    result = CliRunner().invoke(main, ["run", str(logs), "--out", str(tmp_path / "out"), "--shard", text])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_each_path_is_in_one_part(number):
    for name in (*FILES, "", "é\ufffd"):
        assert [Shard(n + 1, number).holds(name) for n in range(number)].count(True) == 1


def test_a_part_is_the_same_on_every_machine():
    assert [n for n in range(12) if parsed("1/3").holds(f"runs/{n}.json")] == [1, 2, 3, 6, 7, 11]


@pytest.mark.parametrize("processes", [1, 2])
def test_all_parts_together_are_one_run(tmp_path, logs, processes, monkeypatch):
    monkeypatch.setattr(loop, "SMALL", 0)
    done(logs, tmp_path / "all", by_rules())
    parts = [tmp_path / f"part{n}" for n in (1, 2, 3)]
    for n, out in enumerate(parts, 1):
        found = done(logs, out, of(Shard(n, 3), by_rules(processes))).found
        assert 0 < found.files < 20
    for name in ("trajectories", "samples", "rejections", "diagnoses"):
        wanted = (tmp_path / f"all/{name}.jsonl").read_text("utf-8").splitlines()
        assert sorted(line for out in parts for line in (out / f"{name}.jsonl").read_text("utf-8").splitlines()) == (
            sorted(wanted)
        )
    files = [{row["path"] for row in rows(out / "inputs.jsonl")} for out in parts]
    assert sorted(path for part in files for path in part) == sorted({*FILES, "bad.json", "read.md"})


def test_other_parts_may_be_added_to_a_folder(tmp_path, logs):
    done(logs, tmp_path / "all")
    for n in (2, 3, 1, 2):
        done(logs, tmp_path / "out", of(Shard(n, 3)))
    assert content(tmp_path / "out") == content(tmp_path / "all")


def test_a_part_of_changed_logs_leaves_the_others_alone(tmp_path, logs):
    done(logs, tmp_path / "out")
    for name in FILES:
        write_logs((logs / name).parent, [50 + FILES.index(name)], Path(name).name)
    changed = done(logs, tmp_path / "out", of(Shard(1, 3)))
    assert 0 < changed.gone < 36
    assert changed.counts.read == 37 - changed.gone // 2
    assert changed.kept > 0


def test_parts_are_asked_for_by_option(tmp_path, logs):
    shutil.rmtree(logs / "b")
    told = []
    for n in range(1, 41):
        result = CliRunner().invoke(main, ["run", str(logs), "--out", str(tmp_path / f"{n}"), "--shard", f"{n}/40"])
        assert result.exit_code == 0, result.output
        told.append(result.stdout.splitlines()[-1])
    assert sum(len(rows(tmp_path / f"{n}/trajectories.jsonl")) for n in range(1, 41)) == 18
    assert any(line.startswith("0 samples from 0 runs, 0 rejected ->") for line in told), "an empty part is no error"

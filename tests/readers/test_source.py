"""Every run knows the bytes that it was read from; who it is does not depend on them."""

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest
from folders import by_rules, done, rows, write_logs

from agenther.readers.find import files, read
from agenther.records import Source, Trajectory

DATA = Path(__file__).parents[2] / "data"
CASES = Path(__file__).parents[1] / "cases/readers"


def runs(*logs):
    return [run for log in files(logs) for run in (read(log) if hasattr(log, "folder") else ())]


def test_of_every_format():
    found = [run for run in runs(DATA) if isinstance(run, Trajectory)]
    assert len({run.source.format for run in found}) > 4
    for run in found:
        assert run.source.sha256 == hashlib.sha256((DATA / run.source.path).read_bytes()).hexdigest()


def test_a_line_more_changes_no_other_run(tmp_path):
    before = runs(write_logs(tmp_path / "a", range(3)))
    after = runs(write_logs(tmp_path / "b", range(4)))
    assert [run.id for run in after[:3]] == [run.id for run in before]
    assert {run.source.sha256 for run in before}.isdisjoint(run.source.sha256 for run in after)


def test_a_file_is_hashed_once(tmp_path, monkeypatch):
    hashed = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *given: hashed.append(given) or digest(*given))
    assert len(runs(write_logs(tmp_path, range(5)))) == 5
    assert len(hashed) == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_it_stands_in_the_run_folder(tmp_path, processes, monkeypatch):
    monkeypatch.setattr("agenther.jobs.loop.SMALL", 0)
    done(DATA, tmp_path / "out", by_rules(processes))
    for name in ("trajectories", "samples"):
        for row in rows(tmp_path / f"out/{name}.jsonl"):
            path = DATA / row["source"]["path"]
            assert row["source"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_records_of_before_have_none():
    assert Source.model_validate({"format": "f", "path": "a.json"}).sha256 == ""


def test_a_run_of_several_files_knows_the_bytes_of_all(tmp_path):
    folder = CASES / "browsergym/experiments/2026-01-05_Agent_on_miniwob.click-dialog_14"
    shutil.copytree(folder, tmp_path / "logs")
    (before,) = (one for one in runs(tmp_path) if isinstance(one, Trajectory))
    for name in ("goal_object.pkl.gz", "exp_args.pkl", "step_1.pkl.gz"):
        path = tmp_path / "logs" / name
        raw = path.read_bytes()
        path.write_bytes(raw + gzip.compress(b"") if name.endswith(".gz") else raw + b" ")
        (after,) = (one for one in runs(tmp_path) if isinstance(one, Trajectory))
        assert (after.id, after.source.sha256 == before.source.sha256) == (before.id, False)
        path.write_bytes(raw)

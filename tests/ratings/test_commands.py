"""From a run to a gate, as a user does it."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from agenther.cli import main
from agenther.gate import Gate
from agenther.records import Sample
from agenther.store.book import RATINGS
from agenther.store.lines import records

DATA = Path(__file__).parents[2] / "data"


def called(*words):
    return CliRunner().invoke(main, [*map(str, words)])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("rated") / "run"
    assert called("run", DATA, "--out", out).exit_code == 0
    return out


def filled(run, path, *, wrong=0):
    """A sheet in which all rows are rated."""
    assert called("audit", run, "--export", path).exit_code == 0
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows({**row, "rater": "ada", "valid": "no" if n < wrong else "yes"} for n, row in enumerate(rows))
    return len(rows)


def a_gate(folder, **changes):
    path = folder / "gate.json"
    path.write_text(
        Gate(
            threshold=0.6, target=0.9, risk=0.05, rated=60, wrong=0, precision=1, low=0.95, **changes
        ).model_dump_json()
    )
    return path


def test_no_run_no_audit(tmp_path):
    result = called("audit", tmp_path)
    assert result.exit_code == 1
    assert "holds no finished run" in result.stderr


@pytest.mark.parametrize(
    "words", [("audit",), ("audit", "--export", "pairs.csv"), ("calibrate", "--target-precision", "0.9")]
)
def test_a_run_that_is_being_carried_on_with_is_not_rated(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(run, "run")
    Path("run", "journal.jsonl").touch()
    result = called(words[0], "run", *words[1:])
    assert result.exit_code == 1
    assert "holds no finished run" in result.stderr
    assert not Path("pairs.csv").exists()


def test_a_table_is_written_or_read(run, tmp_path):
    result = called("audit", run, "--export", tmp_path / "a.csv", "--export-rated", tmp_path / "b.csv")
    assert result.exit_code == 2
    assert "give one of --export" in result.stderr


def test_too_few_ratings_write_no_gate(run):
    result = called("calibrate", run, "--target-precision", "0.97")
    assert result.exit_code == 1
    assert "it takes 99 runs with a rating and no fault, and there are 0" in result.stderr
    assert not (run / "gate.json").exists()


def test_a_damaged_file_of_ratings_is_refused_in_one_line(run, tmp_path):
    path = run / RATINGS
    path.write_text("{}\n")
    for command in (("audit", run), ("calibrate", run, "--target-precision", "0.5")):
        result = called(*command)
        assert result.exit_code == 1
        assert result.stderr.count("\n") == 1
        assert "line 1 is no rating" in result.stderr
    assert path.read_text() == "{}\n"
    path.unlink()


def test_a_gate_from_a_sheet_is_used_and_named(run, tmp_path):
    number = filled(run, tmp_path / "pairs.csv", wrong=1)
    result = called("audit", run, "--import", tmp_path / "pairs.csv", "--json")
    assert json.loads(result.stdout)["rated"] == number
    out = tmp_path / "rated.csv"
    assert f"{number} ratings are in" in called("audit", run, "--export-rated", out).stdout
    with out.open(newline="", encoding="utf-8") as file:
        assert [row["valid"] for row in csv.DictReader(file)] == ["no", *["yes"] * (number - 1)]
    result = called("calibrate", run, "--target-precision", "0.75")
    assert result.exit_code == 0, result.output
    gate = json.loads((run / "gate.json").read_text())
    assert gate["threshold"] == 0.8
    assert called("run", DATA, "--out", tmp_path / "again", "--gate", run / "gate.json").exit_code == 0
    samples = list(records(tmp_path / "again" / "samples.jsonl", Sample))
    assert len({sample.gate for sample in samples}) == 1
    assert samples[0].gate
    changed = tmp_path / "strict.json"
    changed.write_text(json.dumps({**gate, "threshold": 0.85}))
    assert called("run", DATA, "--out", tmp_path / "strict", "--gate", changed).exit_code == 0
    assert 0 < len(list(records(tmp_path / "strict" / "samples.jsonl", Sample))) < len(samples)


def test_a_gate_is_not_written_over_something_else(run):
    before = (run / "run.json").read_bytes()
    result = called("calibrate", run, "--target-precision", "0.75", "--out", run / "run.json")
    assert result.exit_code == 1
    assert "is no gate" in result.stderr
    assert (run / "run.json").read_bytes() == before


def test_what_is_no_gate_is_wrong_usage(run, tmp_path):
    path = tmp_path / "gate.json"
    path.write_text('{"threshold": 2}')
    result = called("run", DATA, "--out", tmp_path / "out", "--gate", path)
    assert result.exit_code == 2
    assert "is no gate" in result.stderr


@pytest.mark.parametrize("words", [("--theta", "0.5"), ("--quorum", "majority")])
def test_beside_a_gate_nothing_is_given_that_counts_for_nothing(run, tmp_path, words):
    result = called("run", DATA, "--out", tmp_path / "out", "--gate", a_gate(tmp_path), *words)
    assert result.exit_code == 2
    assert f"--gate stands in the place of {words[0]}" in result.stderr


@pytest.mark.parametrize(("by", "is_told"), [(["gpt-5"], True), ([], False), (None, False)])
def test_a_gate_for_other_judges_is_told(run, tmp_path, by, is_told):
    result = called("run", DATA / "tau_bench", "--out", tmp_path / "out", "--gate", a_gate(tmp_path, by=by))
    assert result.exit_code == 0
    assert ("the gate was found for goals and judgements by gpt-5" in result.stderr) == is_told

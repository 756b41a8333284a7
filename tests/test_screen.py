"""What a plain run prints: one screen, which says what was made, what was lost and why, and what to do next."""

import json
from pathlib import Path

import pytest
from commands import agenther
from folders import a_job, content, done, rows, write_logs

from agenther.records import Reason
from agenther.tally.reasons import WHY

DATA = Path(__file__).parents[1] / "data"
SCREEN = 24


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    return out, agenther("run", DATA, "--out", out)


def parts(said):
    made, _, rest = said.partition("\nLost\n")
    lost, _, after = rest.partition("\nNext\n")
    return made.removeprefix("Made\n"), lost, after


def test_every_reason_is_told_in_words():
    assert WHY.keys() == {*Reason}


def test_one_screen(run):
    out, result = run
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) <= SCREEN
    made, lost, after = parts(result.stdout)
    counts = json.loads((out / "run.json").read_bytes())["counts"]
    assert f"{counts['samples']} samples from {counts['with_samples']} of the {counts['read']} runs" in made
    assert f"  sft {len(rows(out / 'dataset/sft/train.jsonl'))} + " in made
    for reason, logs in counts["rejected_by_reason"].items():
        assert f"  {logs} {reason}: {WHY[Reason(reason)]}" in lost
    assert f"{out}/report.md holds all tables (--verbose)" in after
    assert f"agenther report {out} --open" in after
    assert "KTO: desirable_weight=" in after
    assert lines[-1].endswith(f" -> {out}/")


def test_verbose_prints_the_tables_and_the_report_holds_them(run):
    out, plain = run
    said = agenther("run", DATA, "--out", out, "--verbose").stdout
    report = (out / "report.md").read_text("utf-8")
    for title in ("Runs", "Failures", "Rejected", "Files without a run", "Datasets", "Labels in train"):
        assert title not in plain.stdout.splitlines()
        assert f"\n## {title}\n" in report
        assert title in said
    assert said.endswith(plain.stdout)


def test_package_prints_the_same_screen_and_writes_the_report_anew(run):
    out, _ = run
    said = agenther("package", out, "--format", "swift").stdout
    assert "  swift " in said
    assert "| swift |" in (out / "report.md").read_text("utf-8")
    assert "| kto |" not in (out / "report.md").read_text("utf-8")


@pytest.mark.parametrize(("words", "cut"), [(4000, True), (4, False)])
def test_what_trainers_would_cut_is_said_with_what_to_set(tmp_path, words, cut):
    write_logs(tmp_path / "logs", range(5), tools=[{"name": "search", "description": "x " * words}])
    done(tmp_path / "logs", tmp_path / "out", a_job())
    said = agenther("package", tmp_path / "out", "--format", "sft").stdout
    made = len(rows(tmp_path / "out/dataset/sft/train.jsonl"))
    assert made
    told = f"rows over 1,024 tokens are cut at its end, where the answer is ({made} of {made} sft): set max_length to"
    assert (f"TRL: {told} 4,096" in said.replace("\n", " ")) == cut
    assert ("TRL: " in said) == cut


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({}, "0 files were looked at", id="an empty folder"),
        pytest.param({"a.md": "x", "b/c.png": "x"}, "2 files were looked at (1 .md files", id="no logs at all"),
        pytest.param({"a.json": "{"}, "1 files were looked at (1 not-json; the first: a.json: ", id="a damaged file"),
        pytest.param({"a.json": '{"x": 1}'}, "1 unknown-format; the first: a.json: ", id="another JSON"),
        pytest.param({"a.jsonl": ""}, "1 empty", id="an empty file"),
    ],
)
def test_nothing_found_ends_with_1_and_says_what_was_looked_at(tmp_path, files, told):
    for name, text in files.items():
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_text(text, "utf-8")
    (tmp_path / "logs").mkdir(exist_ok=True)
    for before in (0, 1):
        if before:
            write_logs(tmp_path / "good", range(2))
            agenther("run", tmp_path / "good", "--out", tmp_path / "out")
        result = agenther("run", tmp_path / "logs", "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (1, "")
        said = result.stderr.splitlines()[-1]
        assert said.startswith(f"agenther: no run was found in {tmp_path}/logs: ")
        assert told in said
    result = agenther("inspect", tmp_path / "logs")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"agenther: no run was found in {tmp_path}/logs; ")


def test_runs_that_give_nothing_were_found(tmp_path):
    write_logs(tmp_path / "logs", range(2), success=True, failure_reason="")
    assert agenther("run", tmp_path / "logs", "--out", tmp_path / "out").exit_code == 0
    before = content(tmp_path / "out")
    assert agenther("run", tmp_path / "logs", "--out", tmp_path / "out").exit_code == 0
    assert content(tmp_path / "out") == before

"""What the command line makes of a run's datasets."""

import json

import pytest
from click.testing import CliRunner
from crews import Cast, a_proposal
from folders import a_job, done, rows, write_logs

from agenther.cli import main
from agenther.packagers.table import PACKAGERS


def agenther(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


class OneGoalForEach(Cast):
    async def relabel(self, trajectory, *_others):
        return (a_proposal(f"Look at number {trajectory.goal.split()[2]}.", trajectory.id),)


@pytest.fixture
def run(tmp_path):
    logs = write_logs(tmp_path / "logs", range(8), domain="lamps")
    write_logs(tmp_path / "logs", range(8, 10), "good.jsonl", domain="lamps", failure_reason="", success=True)
    done(logs, tmp_path / "run", a_job(OneGoalForEach()))
    return tmp_path / "run"


def package(run, *options):
    result = agenther("package", run, *options)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["--format", "csv"],
        ["--thoughts", "aloud"],
        ["--split-by", "colour"],
        ["--max-per-type", "0"],
        ["--holdout", "/no/such/file"],
    ],
)
def test_wrong_usage(run, wrong):
    assert agenther("package", run, *wrong).exit_code == 2


def test_the_formats_of_the_run_are_the_default(run):
    before = sorted(path.name for path in (run / "dataset").iterdir())
    package(run)
    assert sorted(path.name for path in (run / "dataset").iterdir()) == before


def test_one_format_and_all(run):
    package(run, "--format", "swift", "--format", "atif", "--format", "swift")
    assert {path.name for path in (run / "dataset").iterdir() if path.is_dir()} == {"swift", "atif"}
    told = package(run, "--format", "all", "--verbose")
    for name, packager in PACKAGERS.items():
        for part in packager.parts:
            assert f"  {name}/{part} ".replace("/ ", " ") in told
    assert (run / "dataset/records/records.parquet").exists()


def packed(run, name="sft"):
    return [
        row
        for split in ("train", "test")
        if (path := run / f"dataset/{name}/{split}.jsonl").exists()
        for row in rows(path)
    ]


def test_held_out_tasks_are_nowhere(run, tmp_path):
    goals = {row["goal_original"] for row in packed(run)}
    listed = sorted(goals)[:3]
    (tmp_path / "holdout.txt").write_text("\n".join(["", f"  {listed[0]} ", *listed[1:], "unknown"]), "utf-8")
    told = package(run, "--format", "all", "--holdout", tmp_path / "holdout.txt")
    for path in (run / "dataset").rglob("*.jsonl"):
        text = path.read_text("utf-8")
        assert path.name == "left_out.jsonl" or not any(json.dumps(goal)[1:-1] in text for goal in listed)
    assert {row["goal_original"] for row in packed(run)} == goals - set(listed)
    assert "the task is held out" in told


def test_successes_and_caps(run):
    kinds = {row["kind"] for row in packed(run)}
    package(run, "--with-successes", "--max-per-type", "1")
    kept = [row["kind"] for row in packed(run)]
    assert sorted(kept) == sorted({*kinds, "success"})


def test_splits_by_site(run):
    package(run, "--split-by", "site")
    assert {row["group"] for row in packed(run)} == {"site:/lamps"}

"""The command line as another program, or a person in a hurry, meets it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from commands import agenther
from folders import rows, write_logs

from agenther import __version__
from agenther.cli import main
from agenther.cli.program import COMMANDS
from agenther.files import locked
from agenther.ladder import STAGES
from agenther.packagers.table import PACKAGERS
from agenther.readers.formats import READERS
from agenther.settings import Settings

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def logs(tmp_path):
    logs = write_logs(tmp_path / "logs", range(3))
    (logs / "bad.json").write_text("{", "utf-8")
    (logs / "notes.md").write_text("not a log", "utf-8")
    return logs


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="no command"),
        pytest.param(["fly"], id="no such command"),
        pytest.param(["inspect"], id="no logs"),
        pytest.param(["inspect", "/no/such/folder"], id="logs that are not there"),
        pytest.param(["run", "LOGS"], id="no --out"),
        pytest.param(["run", "/no/such/folder", "--out", "o"], id="run on logs that are not there"),
        pytest.param(["run", "LOGS", "--out", "LOGS/runs.jsonl"], id="a file as run folder"),
        pytest.param(["run", "LOGS", "--out", "o", "--theta", "1.1"], id="theta over 1"),
        pytest.param(["run", "LOGS", "--out", "o", "--delta", "-0.1"], id="delta under 0"),
        pytest.param(["run", "LOGS", "--out", "o", "--attempts", "0"], id="no attempt"),
        pytest.param(["run", "LOGS", "--out", "o", "--goals", "2"], id="goals neither all nor 1"),
        pytest.param(["run", "LOGS", "--out", "o", "--format", "csv"], id="no such dataset format"),
        pytest.param(["run", "LOGS", "--out", "o", "--log-format", "csv"], id="no such log format"),
        pytest.param(["run", "LOGS", "--out", "o", "--concurrency", "0"], id="nothing at a time"),
        pytest.param(["run", "LOGS", "--out", "o", "--base-url", "http://127.0.0.1:1"], id="an address, no model"),
        pytest.param(["classify", "/no/such/run"], id="a run folder that is not there"),
    ],
)
def test_wrong_usage_ends_with_2(logs, wrong):
    result = agenther(*(str(argument).replace("LOGS", str(logs)) for argument in wrong))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


def test_help_loads_no_command():
    code = "import sys; from agenther.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(f"\n  {name} " in found for name in COMMANDS)
    loaded = set(found.splitlines()[-1].split())
    assert {name for name in loaded if name.startswith("agenther")} == {
        *("agenther", "agenther.address", "agenther.cli", "agenther.cli.program")
    }
    assert not loaded & {"pydantic", "rich", "polars"}


def test_help_of_a_command_loads_no_table_of_formats():
    code = (
        "import sys; from agenther.cli import main; main(['run', '--help'], standalone_mode=False); print(*sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "--log-format NAME" in found
    assert not {"agenther.readers.formats", "agenther.packagers.table"} & set(found.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("wrong", "there"),
    [(["--log-format", "sft"], "'otlp'"), (["--format", "otlp"], "'sft'"), (["--format", "x"], "'all'")],
)
def test_a_name_that_no_table_has_is_told_with_those_that_are_there(logs, wrong, there):
    result = agenther("run", logs, "--out", "out", *wrong)
    assert result.exit_code == 2
    assert f"'{wrong[1]}' is not one of" in result.stderr
    assert there in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_itself(name):
    command = main.get_command(click.Context(main), name)
    assert command
    assert command.name == name
    assert command.get_short_help_str(1000) == click.Command(name, help=COMMANDS[name].help).get_short_help_str(1000)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_example_has_lost_the_break_of_its_line(name):
    examples = [line.strip() for line in agenther(name, "--help").stdout.splitlines() if line.startswith("    ")]
    assert not [line for line in examples if line.startswith("agenther ") and "    --" in line]


def test_each_stage_has_its_command():
    always = {name for name, stage in STAGES.items() if not stage.is_optional}
    assert {name for name, row in COMMANDS.items() if row.module == "stages"} == always


def test_an_error_is_one_line_and_ends_with_1(tmp_path, logs):
    (tmp_path / "else").mkdir()
    (tmp_path / "else/thesis.doc").touch()
    result = agenther("run", logs, "--out", tmp_path / "else")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert (
        result.stderr
        == f"agenther: {tmp_path}/else: is not a run folder, and not empty (thesis.doc); choose another --out\n"
    )


@pytest.mark.parametrize("command", [["inspect"], ["run", "--out", "OUT"]])
def test_a_run_folder_is_no_logs(tmp_path, logs, command):
    agenther("run", logs, "--out", tmp_path / "a")
    words = [tmp_path / "b" if word == "OUT" else word for word in command]
    result = agenther(*words, tmp_path / "a")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"agenther: {tmp_path}/a: is a run folder of agenther")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("inside", [".", "out", "a/b/../../deep/er"])
@pytest.mark.parametrize("way", ["LOGS", "LOGS/../logs", "LINK"])
def test_a_run_folder_among_its_own_logs_is_refused(tmp_path, logs, inside, way):
    (tmp_path / "link").symlink_to(logs)
    before = sorted(logs.rglob("*"))
    named = way.replace("LOGS", str(logs)).replace("LINK", str(tmp_path / "link"))
    for out in (f"{named}/{inside}", f"{logs}/{inside}"):
        result = agenther("run", named, "--out", out)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "lies in the logs" in result.stderr
    assert sorted(logs.rglob("*")) == before


def test_a_run_folder_beside_its_logs_is_not(tmp_path, logs):
    assert agenther("run", logs, "--out", tmp_path / "logs-out").exit_code == 0
    assert agenther("run", logs / "runs.jsonl", "--out", logs / "out").exit_code == 0


def test_run_writes_all_formats(tmp_path, logs):
    assert agenther("run", logs, "--out", tmp_path / "out", "--format", "all").exit_code == 0
    made = json.loads((tmp_path / "out/dataset/made_with.json").read_text("utf-8"))
    assert made["formats"] == [*PACKAGERS]


def test_a_bug_is_owned_up_to(tmp_path, logs, monkeypatch):
    monkeypatch.setattr("agenther.stages.extract.rules.findings", lambda _step: 1 / 0)
    result = agenther("run", logs, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "3 internal-error" in result.stdout
    assert result.stderr.startswith("agenther: 3 runs met a bug in agenther and gave nothing (internal-error); ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", [["inspect", "LOGS"], ["inspect", "LOGS", "--json"], ["formats"]])
def test_output_that_cannot_be_written_is_one_line(logs, command):
    words = [str(logs) if word == "LOGS" else word for word in command]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "agenther", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "agenther: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", ["classify", "extract", "relabel", "package"])
def test_a_stage_of_no_run_ends_with_1(tmp_path, command):
    result = agenther(command, tmp_path)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "holds no finished run" in result.stderr


def test_two_processes_on_one_folder(tmp_path, logs):
    with locked(tmp_path / "out"):
        result = agenther("run", logs, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "another process" in result.stderr


def test_a_script_that_cannot_be_read_is_told_before_anything_is_done(tmp_path, logs):
    result = agenther("run", logs, "--out", tmp_path / "out", "--model", f"scripted:{tmp_path}/none")
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_run_tells_what_it_made_and_where(tmp_path, logs):
    result = agenther("run", DATA, logs, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    samples, rejections = rows(tmp_path / "out/samples.jsonl"), rows(tmp_path / "out/rejections.jsonl")
    begin = f"{len(samples)} samples from {len({row['run_id'] for row in samples})} runs, {len(rejections)} rejected ("
    last = result.stdout.splitlines()[-1]
    assert samples
    assert last.startswith(begin)
    assert " not-json" in last
    assert last.endswith(f") -> {tmp_path}/out/")
    for name in Settings().formats:
        assert f"  {name} " in result.stdout
    again = agenther("run", DATA, logs, "--out", tmp_path / "out")
    assert again.stdout == result.stdout


def test_stages_one_by_one(tmp_path, logs):
    agenther("run", logs, "--out", tmp_path / "out")
    for command in ("classify", "extract", "relabel"):
        result = agenther(command, tmp_path / "out")
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith(f"{command}: the same result as before, nothing changed; ")
    result = agenther("package", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith(f"-> {tmp_path}/out/dataset/")


def test_formats_by_name(tmp_path, logs):
    result = agenther("run", logs, "--out", tmp_path / "out", "--format", "sft", "--format", "kto", "--format", "sft")
    assert result.exit_code == 0, result.output
    made = {path.name for path in (tmp_path / "out/dataset").iterdir() if path.is_dir()}
    assert made <= {"sft", "kto"}
    settings = json.loads((tmp_path / "out/run.json").read_text("utf-8"))["made_with"]["settings"]
    assert settings["formats"] == ["sft", "kto"]


def test_inspect_json_is_what_other_programs_rely_on(logs):
    result = agenther("inspect", logs, "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["rejected", "run", "run", "run"]
    assert list(lines[0]) == ["kind", "path", "line", "reason", "detail"]
    assert (lines[0]["path"], lines[0]["line"], lines[0]["reason"]) == ("bad.json", 1, "not-json")
    keys = "kind id format path key benchmark task_id goal steps success label_source labels_unread answer"
    assert list(lines[1]) == keys.split()
    assert {**lines[1], "id": ""} == {
        "kind": "run",
        "id": "",
        "format": "agenther",
        "path": "runs.jsonl",
        "key": "t0",
        "benchmark": "",
        "task_id": "",
        "goal": "Find lamp 0 under $5.",
        "steps": 2,
        "success": False,
        "label_source": "failure_reason",
        "labels_unread": [],
        "answer": "There is none.",
    }


def test_inspect_for_people(logs):
    result = agenther("inspect", logs)
    assert result.exit_code == 0
    for words in ("agenther 3 6 0 3 0", "rejected: not-json 1", "passed over: .md files hold no runs 1"):
        assert words in " ".join(result.stdout.split())


def test_inspect_reads_as_told(logs):
    result = agenther("inspect", logs, "--json", "--log-format", "tau-bench")
    assert {json.loads(line)["kind"] for line in result.stdout.splitlines()} == {"rejected"}


def test_formats_are_listed():
    result = agenther("formats")
    assert result.exit_code == 0
    for name in (*READERS, *PACKAGERS):
        assert f"  {name} " in result.stdout


@pytest.mark.parametrize(
    "command", ["inspect", "run", "classify", "extract", "relabel", "package", "push", "pull", "forget", "formats"]
)
def test_help_of_every_command(command):
    result = agenther(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: main {command}" in result.stdout


def test_help_teaches_by_example():
    result = agenther("--help")
    assert "agenther run logs/ --out runs/a" in result.stdout
    assert __version__ in agenther("--version").stdout


@pytest.mark.parametrize("arguments", [["--help"], ["inspect", "LOGS"], ["inspect", "LOGS", "--json"], ["formats"]])
def test_light_commands_load_nothing_heavy(logs, arguments):
    arguments = [argument.replace("LOGS", str(logs)) for argument in arguments]
    program = (
        "import sys; from agenther.cli import main; main(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit(' '.join({'litellm', 'openai', 'polars'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_rules_need_no_model_client(tmp_path, logs):
    program = (
        "import sys; from agenther.cli import main; main(sys.argv[1:], standalone_mode=False)\n"
        "sys.exit(' '.join({'litellm', 'openai'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", program, "run", logs, "--out", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_as_a_module_into_a_pipe_that_closes(logs):
    command = [sys.executable, "-m", "agenther", "inspect", "--json", str(logs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        assert child.stderr.read() == b""


@pytest.mark.parametrize(
    ("number", "under_way"),
    [
        pytest.param(3000, "journal.jsonl", id="one process"),
        pytest.param(12000, "work.part/0", id="several processes"),
    ],
)
def test_ctrl_c_ends_it_and_the_same_command_carries_on(tmp_path, number, under_way):
    logs, out = write_logs(tmp_path / "many", range(number)), tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-m", "agenther", "run", logs, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        while child.poll() is None and not has_lines(out / under_way):
            time.sleep(0.005)
        child.send_signal(signal.SIGINT)
        told, errors = child.communicate()
    assert (child.returncode, told) == (130, b"")
    assert errors.decode() == "agenther: stopped; what is done is kept, and the same command carries on with it\n"
    assert not (out / "run.json").exists()
    assert agenther("run", logs, "--out", out).exit_code == 0
    assert len(rows(out / "trajectories.jsonl")) == number


def has_lines(path):
    return path.exists() and path.read_bytes().count(b"\n") > 5

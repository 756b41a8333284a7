"""What programs and notebooks call does what the commands do, and says nothing unasked."""

import asyncio
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from folders import content, rows
from llm.player import Player, lamp_logs
from llm.server import Server

import agenther
from agenther import Choices, How, Means, Settings, Start, arun, package, read, relabel, run
from agenther.cli import main
from agenther.errors import AgentHERError, ModelError, SettingsError, StoreError
from agenther.records import Rejection, Trajectory
from agenther.settings import Price

RUNS = 16


@pytest.fixture
def logs(tmp_path):
    shutil.copytree(Path(__file__).parents[1] / "data/toolbench", tmp_path / "logs")
    (tmp_path / "logs/bad.json").write_text("{", "utf-8")
    return tmp_path / "logs"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("call", "error", "why"),
    [
        (lambda logs, out: read(logs, How(log_format="toys")), AgentHERError, "no log format is called toys"),
        (lambda logs, out: read("hf://me/logs"), AgentHERError, "no address of a dataset"),
        (lambda logs, out: run(logs, out, Settings(formats=("toys",))), AgentHERError, "no dataset format .* toys"),
        (lambda logs, out: run(logs, out, Settings(log_format="toys")), AgentHERError, "no log format is called toys"),
        (lambda logs, out: run(logs, out, Settings(field_map="x = [")), AgentHERError, "map"),
        (lambda logs, out: run(logs, out, Settings(labels=f"{logs}/bad.json")), AgentHERError, "bad.json"),
        (lambda logs, out: run(logs, logs / "out"), StoreError, "lies in the logs"),
        (lambda logs, out: run(logs, out, Settings(attribute="all-at-once")), SettingsError, "asks a model"),
        (lambda logs, out: run(logs, out, start=Start(after=logs)), StoreError, "is not finished"),
        (lambda logs, out: list(relabel((), Settings(joined=True))), SettingsError, "--joined is for models"),
        (lambda logs, out: list(relabel((), Settings(judges=("local:none",)))), ModelError, "no such judge"),
        (lambda logs, out: list(relabel((), means=Means(batch=True))), AgentHERError, "run folder"),
        (lambda logs, out: package(out), StoreError, "no finished run"),
        (lambda logs, out: package(out, "toys"), AgentHERError, "no dataset format is called toys"),
    ],
)
def test_what_cannot_be_meant_is_an_error_in_one_line(logs, out, call, error, why):
    with pytest.raises(error, match=why):
        call(logs, out)
    assert not out.exists()


def test_what_is_read(logs):
    found = list(read([logs / "bad.json", str(logs / "answer")]))
    assert [type(one) for one in found] == [Rejection, Trajectory, Trajectory, Trajectory]
    assert len(list(read(logs))) == RUNS + 1


def test_a_run_is_that_of_the_command(logs, out, tmp_path, capfd):
    told = []
    done = run(logs, out, progress=lambda progress: told.append(progress.read))
    assert (done.counts.read, done.found.runs, told[-1]) == (RUNS + 1, RUNS, RUNS + 1)
    assert capfd.readouterr() == ("", "")
    CliRunner().invoke(main, ["run", str(logs), "--out", str(tmp_path / "other")])
    assert content(out) == content(tmp_path / "other")


def test_datasets_are_made_again(logs, out):
    run(logs, out)
    written = package(out, ["swift", "sft"], Choices(per_task=1))
    assert written.rows.keys() >= {"swift", "sft"}
    assert not (out / "dataset/kto").exists()


def test_runs_in_memory_come_to_what_the_folder_holds(logs, out):
    run(logs, out)
    runs = list(read(logs))
    results = list(relabel(runs))
    assert all(bool(result.samples) != bool(result.rejection) for result in results)
    samples = [sample for result in results for sample in result.samples]
    assert [sample.model_dump(mode="json") for sample in samples] == rows(out / "samples.jsonl")
    refused = [result.rejection for result in results if result.rejection]
    assert [one.model_dump(mode="json") for one in refused] == rows(out / "rejections.jsonl")
    [alone] = relabel(next(one for one in runs if isinstance(one, Trajectory) and one.id == samples[0].run_id))
    assert alone.samples == tuple(samples)


def test_runs_in_memory_are_taken_as_they_are_needed(logs):
    taken = []
    source = (taken.append(one) or one for one in list(read(logs)) * 100)
    next(relabel(source))
    assert len(taken) < 10


def test_in_a_notebook_all_of_it_works_within_the_loop(logs, out, tmp_path):
    async def cell():
        return run(logs, out), list(relabel(read(logs))), package(out)

    done, results, _ = asyncio.run(cell())
    assert done.counts.samples == sum(len(result.samples) for result in results) > 0
    run(logs, tmp_path / "other")
    assert content(out) == content(tmp_path / "other")


def test_in_a_notebook_a_caller_may_stop_early(logs):
    async def cell():
        return next(relabel(read(logs)))

    assert asyncio.run(cell()).run_id
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_a_program_goes_on_meanwhile(logs, out):
    async def program():
        ticks = 0
        begun = asyncio.create_task(arun(logs, out))
        while not begun.done():
            ticks += 1
            await asyncio.sleep(0.001)
        return await begun, ticks

    done, ticks = asyncio.run(program())
    assert done.counts.read == RUNS + 1
    assert ticks > 2


def test_what_is_cancelled_is_carried_on_with(logs, out):
    async def program():
        within = asyncio.Event()
        loop = asyncio.get_running_loop()
        begun = asyncio.create_task(arun(logs, out, progress=lambda _progress: loop.call_soon_threadsafe(within.set)))
        await within.wait()
        begun.cancel()
        await asyncio.wait([begun])
        return begun.cancelled()

    assert asyncio.run(program())
    assert run(logs, out).counts.read == RUNS + 1


@pytest.mark.parametrize("is_notebook", [False, True])
def test_models_are_asked_too(out, tmp_path, is_notebook):
    logs = lamp_logs(tmp_path / "lamps", range(3))
    means = Means(cache=str(tmp_path / "answers"), prices={"m": Price(), "j": Price()})

    def both():
        return list(relabel(read(logs), settings, means)), run(logs, out, settings, means)

    async def cell():
        return both()

    with Server(Player()) as server:
        settings = Settings(model="m", judges=("j",), base_url=server.url)
        results, done = asyncio.run(cell()) if is_notebook else both()
    assert done.counts.samples == sum(len(result.samples) for result in results) > 0
    assert all(result.spent for result in results)
    assert done.ledger


class EnoughError(Exception):
    pass


@pytest.mark.parametrize("is_notebook", [False, True])
def test_what_progress_raises_ends_the_run(logs, out, is_notebook):
    def enough(progress):
        if progress.settled == 2:
            raise EnoughError

    async def cell():
        run(logs, out, progress=enough)

    with pytest.raises(EnoughError):
        asyncio.run(cell()) if is_notebook else run(logs, out, progress=enough)
    assert run(logs, out).counts.read == RUNS + 1


def test_names_are_loaded_when_they_are_asked_for():
    program = (
        "import json, sys, agenther; before = {*sys.modules}; agenther.read; "
        "print(json.dumps(['agenther.library' in before, 'pydantic' in before, 'agenther.library' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, False, True]
    assert {*agenther.__all__} <= {*dir(agenther)}
    assert all(getattr(agenther, name).__doc__ for name in agenther.__all__ if name != "Choices")
    with pytest.raises(AttributeError, match="no attribute 'readd'"):
        agenther.readd  # noqa: B018 - it is looked for


def test_what_the_page_shows_runs(logs, tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[1] / "docs/library.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    exec(page.partition("```python\n")[2].partition("```")[0], {})
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["Trajectory", "Trajectory"]
    assert said[-1] == f"1 samples from {RUNS + 1} logs"
    assert (tmp_path / "runs/a/dataset/swift").is_dir()

"""A cluster of two nodes on one machine comes to what one process comes to, whatever becomes of a node."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from builders import a_run
from click.testing import CliRunner
from folders import content, write_logs
from llm.player import Player, lamp_logs
from llm.server import Server
from packages import install
from packaging.requirements import Requirement

from agenther.assemble import assemble
from agenther.cli import main
from agenther.errors import AgentHERError
from agenther.extras import needs
from agenther.jobs.settle import settle
from agenther.settings import Means, Price, Settings

ROOT = Path(__file__).parents[1]
MODELS = ("--model", "m", "--judge", "j", "--price", "m=1,1", "--price", "j=1,1", "--concurrency", "4")
RAY = ("--engine", "ray")
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
SURROUNDINGS = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {
    "PYTHONPATH": str(ROOT),
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_initial_delay_ms": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "4",
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def is_open(port):
    with socket.socket() as one:
        return not one.connect_ex(("127.0.0.1", port))


@contextmanager
def node(*words):
    """A node with one processor, and all its processes in a group of their own."""
    start = [Path(sys.executable).with_name("ray"), "start", "--block", "--num-cpus=1", *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(start, env=SURROUNDINGS, start_new_session=True, cwd=ROOT, **quiet)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def nodes_of(address):
    """How many there are."""
    program = "import ray; ray.init(log_to_driver=False); print(sum(one['Alive'] for one in ray.nodes()))"
    found = subprocess.run(
        [sys.executable, "-c", program], env={**SURROUNDINGS, "RAY_ADDRESS": address}, capture_output=True, check=False
    )
    return int(found.stdout or 0)


def until(number, address):
    for _ in range(60):
        if nodes_of(address) == number:
            return
        time.sleep(1)
    raise AssertionError(f"there are no {number} nodes")


@pytest.fixture(scope="module")
def address():
    """That of a cluster of two nodes."""
    port = free_port()
    words = ("--object-store-memory=100000000",)
    with node("--head", f"--port={port}", "--include-dashboard=false", *words):
        while not is_open(port):
            time.sleep(0.2)
        with node(f"--address=127.0.0.1:{port}", *words):
            until(2, f"127.0.0.1:{port}")
            yield f"127.0.0.1:{port}"


def begun(logs, out, *words, address=""):
    """`agenther run`, in a process of its own, with the cache beside the run folder."""
    command = [sys.executable, "-m", "agenther", "run", logs, "--out", out, "--cache", f"{out}.answers", *words]
    env = {**SURROUNDINGS, "RAY_ADDRESS": address}
    return subprocess.Popen([*map(str, command)], env=env, cwd=out.parent, stdout=-1, stderr=-1, text=True)


def ended(process):
    """(exit code, what it said about what went wrong)."""
    _, said = process.communicate(timeout=240)
    return process.returncode, said


def run(*words, **where):
    code, said = ended(begun(*words, **where))
    assert code == 0, said


@pytest.mark.parametrize("words", [("--batch",), ("--batch-dir", "b")])
@needs_ray
def test_batches_of_calls_need_no_cluster(tmp_path, words):
    write_logs(tmp_path / "logs", [1])
    asked = ["--model", "m", "--base-url", "http://localhost:1/v1", "--price", "m=0,0", *RAY, *words]
    result = CliRunner().invoke(main, ["run", str(tmp_path / "logs"), "--out", str(tmp_path / "out"), *asked])
    assert result.exit_code == 1
    assert "no cluster is needed" in result.stderr


@pytest.mark.parametrize(
    ("address", "why"),
    [("", "no Ray cluster"), ("127.0.0.1:1", "no Ray cluster"), ("ray://127.0.0.1:1", "for clients")],
)
@needs_ray
def test_where_there_is_no_cluster(tmp_path, address, why):
    write_logs(tmp_path / "logs", [1])
    code, said = ended(begun(tmp_path / "logs", tmp_path / "out", *RAY, address=address))
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("agenther: ")
    assert why in said
    run(tmp_path / "logs", tmp_path / "out")


@needs_ray
def test_a_cluster_of_another_version_is_one_line(monkeypatch):
    engine = import_module("agenther.jobs.engines.ray")

    def another(*_address, **_options):
        raise RuntimeError("Version mismatch:\n    Ray: 9.9")

    monkeypatch.setattr(engine.ray, "init", another)
    with pytest.raises(AgentHERError, match=r"Version mismatch: Ray: 9\.9") as told, engine._connected():
        pass
    assert "\n" not in str(told.value)


@needs_ray
def test_a_desk_that_dies_is_no_fault_of_the_run_that_asks():
    """Else the run would be rejected, for good, as one that met a bug."""

    class Gone:
        @property
        def ask(self):
            return self

        async def remote(self, *_asked):
            raise import_module("ray.exceptions").ActorDiedError

    remote = partial(import_module("agenther.jobs.engines.ray")._remote, Gone())
    job = assemble(Settings(model="m", base_url="http://localhost:1/v1"), Means(prices={"m": Price()}))
    with pytest.raises(AgentHERError, match="the cluster cannot go on"):
        asyncio.run(settle(job.hire(remote), job.made, a_run()))


@needs_ray
def test_a_node_without_what_another_package_brings_stops_the_run(tmp_path, monkeypatch):
    """Else its logs would be read otherwise there."""
    engine = import_module("agenther.jobs.engines.ray")
    before = engine._packages()
    engine._compare(before)
    install(tmp_path, "toy", {"agenther.readers": {"toy": "toy:READER"}})
    monkeypatch.syspath_prepend(tmp_path)
    for there, why in [(before, "toy: none where .*, 1.0 on"), ({**before, "toy": "1.1"}, "toy: 1.1 where .*, 1.0 on")]:
        with pytest.raises(AgentHERError, match=why):
            engine._compare(there)


def test_where_ray_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr("agenther.extras._of", lambda _extra: [Requirement("ray[data]>=99")])
    needs.cache_clear()
    write_logs(tmp_path / "logs", [1])
    result = CliRunner().invoke(main, ["run", str(tmp_path / "logs"), "--out", str(tmp_path / "out"), *RAY])
    assert result.exit_code == 1
    assert "pip install 'agenther[ray]'" in result.stderr
    needs.cache_clear()


@needs_ray
def test_by_rules_it_makes_the_bytes_of_one_machine(tmp_path, address):
    """From small files, a large one, what is no log, and a run that stands in two files; by a relative path, too."""
    logs = tmp_path / "logs"
    long = "The lamp is round. " * 5_000
    shutil.copytree(ROOT / "data", logs)
    write_logs(logs, range(60), "large.jsonl", notes=long)
    assert (logs / "large.jsonl").stat().st_size > 5_000_000
    write_logs(logs / "small", [1, 900])
    (logs / "bad.json").write_text("{", "utf-8")
    (logs / "notes.md").write_text("not a log", "utf-8")
    run(logs, tmp_path / "one")
    run("logs/small", tmp_path / "ray", *RAY, address=address)
    run(logs, tmp_path / "ray", *RAY, "--replace", address=address)
    assert content(tmp_path / "ray") == content(tmp_path / "one")


@needs_ray
def test_a_part_without_a_file_is_no_error(tmp_path, address):
    write_logs(tmp_path / "logs", [1])
    for part in ("1/2", "2/2"):
        run(tmp_path / "logs", tmp_path / part[0], *RAY, "--shard", part, address=address)
    assert sorted(bool(content(tmp_path / part)["trajectories.jsonl"]) for part in "12") == [False, True]


@needs_ray
def test_limits_hold_for_all_nodes_and_the_other_engine_carries_on(tmp_path, address):
    logs = lamp_logs(tmp_path / "logs", range(30))
    with Server(player := Player(0.05)) as server:
        words = (*MODELS, "--base-url", server.url)
        code, said = ended(begun(logs, tmp_path / "ray", *words, *RAY, "--max-cost", "0.007", address=address))
        assert code == 1
        assert "runs are left" in said
        paid = player.answered.total()
        assert 0 < paid < 4 * 30
        assert player.most <= 8
        run(logs, tmp_path / "ray", *words)
        assert player.answered.total() == 4 * 30, "nothing is asked twice"
        run(logs, tmp_path / "one", *words)
    assert content(tmp_path / "ray") == content(tmp_path / "one")


@needs_ray
def test_a_node_that_dies_loses_nothing_and_costs_nothing_twice(tmp_path, address):
    logs = lamp_logs(tmp_path / "logs", range(60))
    with (
        node(f"--address={address}", "--object-store-memory=100000000") as third,
        Server(player := Player(0.3)) as server,
    ):
        until(3, address)
        words = (*MODELS, "--base-url", server.url)
        process = begun(logs, tmp_path / "ray", *words, *RAY, address=address)
        while player.answered.total() < 60:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        os.killpg(third.pid, signal.SIGKILL)
        code, said = ended(process)
        assert code == 0, said
        assert player.asked.total() == len(player.asked) == 4 * 60
        run(logs, tmp_path / "one", *words)
    assert content(tmp_path / "ray") == content(tmp_path / "one")


@needs_ray
def test_stopped_it_says_so_and_carries_on(tmp_path, address):
    logs = lamp_logs(tmp_path / "logs", range(30))
    with Server(player := Player(0.3)) as server:
        words = (*MODELS, "--base-url", server.url, *RAY)
        process = begun(logs, tmp_path / "ray", *words, address=address)
        while player.answered.total() < 10:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        code, said = ended(process)
        assert code == 130, said
        assert "Traceback" not in said
        assert said.endswith("agenther: stopped; what is done is kept, and the same command carries on with it\n")
        run(logs, tmp_path / "ray", *words, address=address)
        assert player.answered.total() <= 4 * 30 + 8, "nothing but what was under way is asked twice"

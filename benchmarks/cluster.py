"""What a second node adds: the same run on a Ray cluster of one node, and of two, at an endpoint of our own.

    python benchmarks/cluster.py [--runs 96] [--at-once 8]

Each node has one processor, and so many runs in work at a time, which is what keeps it from doing more; the endpoint
takes 1 s for a call. All of it is on this machine: nothing here tells how fast real nodes are, only how much of what
they add comes through. Prints calls a second, their ratio, whether the bytes are the same, and calls made twice; and
what each further call costs the process that asks for all nodes, by twice as many logs: that bounds a cluster.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from model_path import a_log, command, endpoint, stats

RUN = """\
import sys
from agenther.cli import main
from agenther.jobs.engines import ray
ray.AHEAD = int(sys.argv.pop(1))
main()
"""
MANY = 1000
"""Calls that may be under way in the whole cluster; nodes come to their own limit before."""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def node(*words):
    start = [Path(sys.executable).with_name("ray"), "start", "--block", "--num-cpus=1", "--disable-usage-stats"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = subprocess.Popen([*start, "--object-store-memory=200000000", *words], **quiet)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(nodes):
    program = "import ray; ray.init('auto', log_to_driver=False); print(sum(one['Alive'] for one in ray.nodes()))"
    there = ""
    while there != str(nodes):
        time.sleep(1)
        there = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        ).stdout.strip()


def measured(name, logs, out, at_once):
    """(calls, calls a second, CPU of the process that asks)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with endpoint(1) as url:
        words = command(logs, out, url, MANY, out.with_suffix(".db"))[3:]
        asked = [sys.executable, "-c", RUN, str(at_once), *words, "--engine", "ray"]
        subprocess.run(asked, check=True, capture_output=True)
        told = stats(url)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rate = told["calls"] / told["seconds"]
    print(f"{name}: {told['calls']} calls in {told['seconds']:.1f} s, {rate:.2f} a second,")
    print(f"  at most {told['most']} at a time, {told['repeated']} made twice", flush=True)
    return told["calls"], rate, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_logs(folder, runs):
    folder.mkdir()
    for number in range(runs):
        (folder / f"{number:05}.json").write_text(json.dumps(a_log(number)), "utf-8")
    return folder


def same(one, other):
    return all(path.read_bytes() == (other / path.relative_to(one)).read_bytes() for path in one.rglob("*.jsonl"))


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--runs", type=int, default=96)
    options.add_argument("--at-once", type=int, default=8, help="runs that a node has in work at a time")
    chosen = options.parse_args()
    port = free_port()
    os.environ["RAY_ADDRESS"] = f"127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as temporary, node("--head", f"--port={port}", "--include-dashboard=false"):
        folder = Path(temporary)
        logs = write_logs(folder / "logs", chosen.runs)
        wait_for(1)
        _, one, _ = measured("one node", logs, folder / "one", chosen.at_once)
        with node(f"--address=127.0.0.1:{port}"):
            wait_for(2)
            calls, two, cpu = measured("two nodes", logs, folder / "two", chosen.at_once)
            print(
                f"two nodes over one: {two / one:.2f}; same bytes: {same(folder / 'one', folder / 'two')}", flush=True
            )
            more = write_logs(folder / "more", 2 * chosen.runs)
            all_calls, _, all_cpu = measured("twice as many", more, folder / "twice", chosen.at_once)
        each = (all_cpu - cpu) / (all_calls - calls)
        print(f"each further call: {each * 1000:.1f} ms CPU of the process that asks, at most {1 / each:,.0f} a second")


if __name__ == "__main__":
    main()

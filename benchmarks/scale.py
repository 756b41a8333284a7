"""What very many runs take by rules, reckoned from a part of them.

    python benchmarks/scale.py LOGS [--runs 10000000] [--cores 64] [--memory 16]

Measures on LOGS, start-up taken off: bytes of logs and of the run folder for each run, CPU of the workers for each, and
of the process that was started, which reads nothing and does what cannot be shared. Memory that grows with the number
of runs is measured on made-up runs. Then it says what that comes to for so many runs on so many processors, and into
how many parts (`--shard`) they have to go for no process to take more than `--memory` GB. Several starts add up well:
their sum is that of one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

FEW, MANY = 2_000, 12_000
"""Made-up runs, of which memory is measured."""
PROGRAM = """\
import json, resource, sys
from pathlib import Path
from agenther import Start, run

def seconds(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime

if __name__ == "__main__":
    before = seconds(resource.RUSAGE_SELF)
    done = run(sys.argv[1], sys.argv[2], start=Start(processes=int(sys.argv[3])))
    own = seconds(resource.RUSAGE_SELF) - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told = {"runs": done.found.runs, "own": own, "workers": seconds(resource.RUSAGE_CHILDREN), "memory": memory}
    print(json.dumps(told))
"""


def measured(logs, folder, processes):
    folder.mkdir()
    program = folder / "program.py"
    program.write_text(PROGRAM, "utf-8")
    done = subprocess.run(
        [sys.executable, program, logs, folder / "out", str(processes)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def a_run(number):
    step = {"action_name": "look", "action_input": {"n": number}, "observation": f'{{"id": "L-{number}"}}'}
    return {
        "trajectory_id": f"run-{number:012}",
        "original_prompt": f"Find lamp {number}.",
        "steps": [step],
        "final_answer": "There is none.",
        "failure_reason": "No lamp.",
    }


def made_up(folder, runs):
    folder.mkdir()
    for start in range(0, runs, 500):
        lines = [json.dumps(a_run(number)) + "\n" for number in range(start, start + 500)]
        (folder / f"{start:08}.jsonl").write_text("".join(lines), "utf-8")
    return folder


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("logs", type=Path)
    options.add_argument("--runs", type=int, default=10_000_000)
    options.add_argument("--cores", type=int, default=64)
    options.add_argument("--memory", type=float, default=16, help="GB of one process, at most")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        found = measured(chosen.logs.resolve(), folder / "real", 2)
        kept = size(folder / "real/out") / found["runs"]
        few = measured(made_up(folder / "few-logs", FEW), folder / "few", 1)
        many = measured(made_up(folder / "many-logs", MANY), folder / "many", 1)
    read = size(chosen.logs) / found["runs"]
    own, workers = found["own"] / found["runs"], found["workers"] / found["runs"]
    memory = max(0, many["memory"] - few["memory"]) / (MANY - FEW)
    print(f"measured on {found['runs']:,} runs; each:")
    print(f"  {read:,.0f} bytes of logs, {kept:,.0f} bytes in the run folder")
    print(f"  {workers * 1000:.1f} ms CPU of workers, {own * 1000:.2f} ms of the process that was started")
    print(f"  {memory:,.0f} bytes of memory that stay")
    runs = chosen.runs
    parts = max(1, round(runs * memory / 1e9 / chosen.memory + 0.5))
    shared, alone = runs * workers / 3600, runs * own / 3600
    print(f"{runs:,} runs by rules:")
    print(f"  {runs * read / 1e12:.2f} TB of logs, {runs * kept / 1e12:.2f} TB in run folders")
    print(f"  {shared:,.0f} hours of one processor, {shared / chosen.cores:.1f} of {chosen.cores}")
    print(f"  {alone:.1f} hours in all of what cannot be shared, {alone / parts:.1f} of each part")
    print(f"  {parts} parts of {runs // parts:,} runs, at most {chosen.memory:g} GB each")


if __name__ == "__main__":
    main()

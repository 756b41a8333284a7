"""How fast and how thrifty `agenther run --model` is, at an endpoint of our own.

    python benchmarks/model_path.py [--runs 600] [--kills 5] [--logs PATH]...

On made-up logs, or on those at each PATH; real ones are longer, and ask more of the program. Prints, at 64 calls of
1 s, the same with two stages joined in one call, and with twice as many runs at 256 of 2 s (real logs: with the same):
wall time over the ideal (calls x latency / concurrency), CPU per call all in, what a prefix cache covers, what an
accepted pair takes; and calls made twice after the program was killed. Whether joined answers are as good, only
a real model can tell: `agenther compare` does, on two runs of the same logs.
"""

import argparse
import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
PAGE = "[{n}] Lamp of the spring list, with a shade in linen and a cable of {n} cm, made for small rooms, item {n}."


def a_log(number, steps=8, lines=16):
    """A run that looks at some lamps, and finds one that costs too much."""
    pages = [
        {
            "action_name": "browse",
            "action_input": {"page": page},
            "observation": "\n".join(PAGE.format(n=number * 7919 + page * 131 + line * 17) for line in range(lines)),
        }
        for page in range(steps)
    ]
    found = {
        "action_name": "open",
        "action_input": {"id": f"lamp-{number}"},
        "observation": f'{{"name": "Orbit {number}", "price": "$12.{number % 90 + 10}", "stock": {number}}}',
    }
    return {
        "trajectory_id": f"t{number}",
        "original_prompt": f"Find a lamp like number {number} for less than $5.",
        "steps": [*pages, found],
        "final_answer": "There is none.",
        "failure_reason": "No lamp is that cheap.",
    }


def write_logs(folder, runs):
    folder.mkdir()
    for start in range(0, runs, 50):
        lines = [json.dumps(a_log(number)) + "\n" for number in range(start, min(runs, start + 50))]
        (folder / f"{start:05}.jsonl").write_text("".join(lines), "utf-8")


@contextlib.contextmanager
def endpoint(latency, faults=0.0):
    command = [sys.executable, HERE / "endpoint.py", "--latency", str(latency), "--faults", str(faults)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


def stats(url):
    with urllib.request.urlopen(f"{url}/stats") as response:
        return json.load(response)


def command(logs, out, url, concurrency, cache):
    words = ["--assume-failed", "--model", "m", "--judge", "m", "--base-url", f"{url}/v1", "--price", "m=0.25,2,0.025"]
    limits = ["--concurrency", str(concurrency), "--cache", str(cache), "--format", "sft"]
    return [sys.executable, "-m", "agenther", "run", str(logs), "--out", str(out), *words, *limits]


def compiled(folder):
    """Lets the program compile itself once, as an installer does; then start-up is what a user has."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    write_logs(folder / "one", 1)
    with endpoint(0) as url:
        warm = command(folder / "one", folder / "out", url, 1, folder / "warm.db")
        subprocess.run(warm, check=True, capture_output=True)


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def speed(logs, folder, concurrency, latency, *more):
    with endpoint(latency) as url:
        before, start = used(), time.perf_counter()
        words = command(logs, folder / "out", url, concurrency, folder / "a.db")
        subprocess.run([*words, *more], check=True, capture_output=True)
        wall, cpu = time.perf_counter() - start, used() - before
        told = stats(url)
    ideal = told["calls"] * latency / concurrency
    run = json.loads((folder / "out" / "run.json").read_text("utf-8"))
    print(f"{concurrency} calls of {latency:g} s at a time, {told['runs']} runs {' '.join(more)}")
    print(f"  wall / ideal                                {wall / ideal:.3f}   ({wall:.1f} s of {ideal:.1f} s)")
    print(f"  from the first call to the last / ideal     {told['seconds'] / ideal:.3f}")
    print(f"  most calls at a time                        {told['most']}")
    print(f"  CPU for each call, all in                   {cpu / told['calls'] * 1000:.2f} ms")
    print(f"  share of prompts in a prefix already sent   {told['covered'] / told['prompt']:.1%}")
    fresh = (told["prompt"] - told["covered"]) / told["first_prompts"]
    print(f"  uncovered characters / first prompts        {fresh:.3f}")
    print(f"  prompt characters for each accepted pair    {told['prompt'] / run['counts']['samples']:,.0f}")
    print(f"  USD for each accepted pair                  {run['ledger']['usd_per_sample']:.6f}")
    print(f"  calls for each run                          {told['calls'] / told['runs']:.2f}")
    print(f"  calls made twice                            {told['repeated']}")


def killed(logs, folder, fresh, kills, latency=0.2, concurrency=64):
    """Calls that were made again after the program was killed, and whether the bytes are the same."""
    chance = random.Random(1)
    with endpoint(latency) as url:
        again = command(logs, folder / "killed", url, concurrency, folder / "b.db")
        for _ in range(kills):
            process = subprocess.Popen(again, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2 + 3 * chance.random())
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
        subprocess.run(again, check=True, capture_output=True)
        told = stats(url)
    same = all(
        path.read_bytes() == (folder / "killed" / path.relative_to(fresh)).read_bytes()
        for path in fresh.rglob("*.jsonl")
        if path.name != "calls.jsonl"
    )
    twice = f"{told['repeated']} of {told['calls']} calls made twice, {kills * concurrency} were under way"
    print(f"{kills} kills: {twice}; same bytes: {same}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=600)
    options.add_argument("--kills", type=int, default=5)
    options.add_argument("--logs", type=Path, action="append", help="real logs instead of made-up ones")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        compiled(folder)
        if not chosen.logs:
            write_logs(folder / "logs", chosen.runs)
            write_logs(folder / "more", 2 * chosen.runs)
        for number, (logs, more) in enumerate(
            [(path, path) for path in chosen.logs or []] or [(folder / "logs", folder / "more")]
        ):
            print(f"--- {logs if chosen.logs else 'made-up logs'}")
            measured(logs, more, folder / str(number), chosen.kills)


def measured(logs, more, folder, kills):
    for name, read, concurrency, latency, words in (
        ("64", logs, 64, 1, ()),
        ("joined", logs, 64, 1, ("--joined",)),
        ("256", more, 256, 2, ()),
    ):
        (folder / name).mkdir(parents=True)
        speed(read, folder / name, concurrency, latency, *words)
    if kills:
        killed(logs, folder, folder / "64" / "out", kills)


if __name__ == "__main__":
    main()

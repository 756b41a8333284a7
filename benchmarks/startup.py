"""How long `agenther --help` takes beside a Python that does nothing, in medians of seconds; both in turns.

python benchmarks/startup.py [--runs 21] [--python PATH]
"""

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "agenther --help": ["-m", "agenther", "--help"],
    "agenther run --help": ["-m", "agenther", "run", "--help"],
}


def took(python, arguments):
    began = time.perf_counter()
    subprocess.run([python, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    runs = [[took(given.python, arguments) for arguments in COMMANDS.values()] for _ in range(given.runs + 1)]
    medians = [statistics.median(times) for times in zip(*runs[1:], strict=True)]  # the first run fills the caches
    for name, seconds in zip(COMMANDS, medians, strict=True):
        print(f"{name:20} {seconds:6.3f} s  {seconds / medians[0]:5.1f} times")


if __name__ == "__main__":
    main()

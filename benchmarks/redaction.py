"""How much of what is private does `agenther.redaction` find, and how much else does it touch?

    python benchmarks/redaction.py [--show N] [--rounds N]

Plants made-up secrets of many kinds in the surroundings in which logs have them (JSON, escaped JSON, repr, env
files, URLs, headers, prose, ...), and runs over the lines of our sample logs and, where they are there, of
../shared/corpora. `--show` prints the lines that were touched, with what stood there, for a look by eye: a line
that really holds an address or a number is no mistake.
"""

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from redaction_plants import planted

from agenther.redaction import redact
from agenther.redaction.finder import find

ROOT = Path(__file__).resolve().parents[1]
KEY = b"a key for measuring"
# A line without any of these holds nothing private; one with them may.
PRIVATE = re.compile(
    r"(?i)@[\w-]+\.|%40|phone|tel|call|\+\d|\(\d{3}\)|\d{3}[-.]\d{3}[-.]\d{4}|(?:\d+\.){3}\d|/home/|/users/|card|passw|cookie"
    r"|private.?key"
)


def remains(secret: str, value: object) -> bool:
    """Does the secret, or the ten signs at its end, still stand in the value?"""
    left = json.dumps(value).replace("\\n", "\n")
    parts = [secret, quote(secret)] + ([secret[-10:]] if len(secret) > 12 else [])
    return any(part in left for part in parts)


def measure_recall(rounds: int) -> None:
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    missed: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, around, secret, value in planted(rounds):
        total[kind] += 1
        if remains(secret, redact(value, KEY).value):
            missed[kind][around] += 1
        else:
            found[kind] += 1
    for kind in total:
        rest = ", ".join(f"{around} {n}" for around, n in missed[kind].most_common(6))
        print(f"{kind:26} {found[kind]:5}/{total[kind]:<5} {found[kind] / total[kind]:8.2%}  {rest}")
    print(
        f"{'all':26} {found.total():5}/{total.total():<5} {found.total() / total.total():8.2%}  ({len(total)} kinds)\n"
    )


def log_lines() -> Iterator[str]:
    """Texts of the logs, line by line; images and other blobs are left out, as the readers leave them out."""
    for folder in (ROOT / "data", ROOT / "../shared/corpora"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".json", ".jsonl", ".traj", ".html", ".log", ".txt"):
                raw = path.read_text("utf-8", errors="replace")
                raw = re.sub(r"[A-Za-z0-9+/=]{400,}", "", raw)
                yield from (line for line in re.split(r"\r?\n|(?:\\)+n", raw) if line.strip())


def measure_touch(lines: list[str], show: int) -> None:
    ordinary = [line for line in lines if not PRIVATE.search(line)]
    wrong = sum(bool(find(line, "")) for line in ordinary)
    print(f"{len(ordinary)} lines that cannot hold anything private, {wrong} touched ({wrong / len(ordinary):.4%})")
    touched: dict[str, set[tuple[str, str]]] = defaultdict(set)
    hits: Counter[str] = Counter()
    for line in lines:
        for start, end, kind in find(line, ""):
            hits[kind] += 1
            touched[kind].add((line[start:end], line[max(0, start - 60) : end + 40]))
    print(f"all {len(lines)} lines:")
    for kind, count in hits.most_common():
        values = {value for value, _ in touched[kind]}
        print(f"  {kind:20} {count:6} times ({count / len(lines):.4%}), {len(values)} values")
        for _, place in random.Random(1).sample(sorted(touched[kind]), min(show, len(touched[kind]))):
            print("      ", place)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=0, help="lines to print of each kind")
    parser.add_argument("--rounds", type=int, default=20, help="secrets of each kind in each surroundings")
    options = parser.parse_args()
    measure_recall(options.rounds)
    measure_touch(list(log_lines()), options.show)

"""How long `agenther.redaction` takes over json.loads of the same bytes, in seconds of the processor.

    python benchmarks/redaction_speed.py [LOGS]

Without LOGS it takes the sample logs in data/. Each file, and each line of JSONL, is a value to be redacted, as a row
is; what is no JSON is one text. "known" is the second time: what was found in texts that come again is remembered.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agenther.redaction import redact

ROOT = Path(__file__).parents[1]
KEY = b"a key for measuring"
TRIES = 5
"""For json.loads, which is quick."""


def values(logs: Path) -> Iterator[str]:
    for path in sorted(logs.rglob("*")):
        if path.suffix in (".json", ".jsonl", ".traj", ".html", ".log", ".txt"):
            text = path.read_text("utf-8", "replace")
            for part in text.splitlines() if path.suffix == ".jsonl" else [text]:
                try:
                    json.loads(part)
                    yield part
                except ValueError:
                    yield json.dumps(part)


def seconds(work: Callable[[str], object], parts: list[str]) -> float:
    begun = time.process_time()
    for part in parts:
        work(part)
    return time.process_time() - begun


def cleaned(part: str) -> object:
    return redact(json.loads(part), KEY)


def main():
    parts = list(values(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "data"))
    size = sum(map(len, parts)) / 1e6
    cleaned('"token=1"')  # loads the rules
    parsed = min(seconds(json.loads, parts) for _ in range(TRIES))
    print(f"{size:.1f} MB in {len(parts)} values; json.loads {parsed:.2f} s")
    for name in ("first", "known"):
        took = seconds(cleaned, parts)
        print(f"redact, {name}: {took:.2f} s, {size / took:.1f} MB/s, {took / parsed:.0f} x json.loads")


if __name__ == "__main__":
    main()

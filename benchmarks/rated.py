"""What `agenther audit` and `agenther calibrate` make of proposals that people have rated.

    python benchmarks/rated.py FILE [--target 0.97 0.95 0.9]

FILE is that of `benchmarks/gate.py`: a line {trajectory, proposal, raters, natural, near_miss, ...} for each, where
`raters` holds what each said of its validity. The gate of today judges them, beside a model that consents to all, so
that only proofs refuse. All but near-misses count as drawn at random. Without the file there is nothing to do.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gate import loaded, through_the_gate

from agenther.cli.show import show
from agenther.ratings import audit, calibrate
from agenther.ratings.items import Item, of_run
from agenther.ratings.opinion import opinions
from agenther.records import Proposal, Result, Trajectory
from agenther.settings import Settings
from agenther.store.book import Answer, Book, Rating

NATURAL: dict[str, Answer] = {"yes": "yes", "no": "no"}
"""Whatever else was said is not sure."""


async def item(line: dict[str, Any]) -> Item:
    """As `agenther review` would put it before a rater."""
    trajectory, proposal = loaded(Trajectory, line["trajectory"]), loaded(Proposal, line["proposal"])
    judged = await through_the_gate(trajectory, proposal)
    return next(of_run(trajectory, Result(run_id=trajectory.id, made=(judged,))))


def ratings(one: Item, line: dict[str, Any]) -> Iterator[Rating]:
    for number, valid in enumerate(line["raters"]):
        yield Rating(
            item=one.id,
            run_id=one.run_id,
            rater=f"rater {number + 1}",
            valid="yes" if valid else "no",
            natural=NATURAL.get(line["natural"][number], "unsure"),
            drawn="near-miss" if line["near_miss"] else "random",
        )


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--target", type=float, nargs="+", default=[0.97, 0.95, 0.9, 0.8, 0.7])
    options = parser.parse_args()
    if not options.file.exists():
        print(f"{options.file} is not there: nothing to do")
        return
    lines = [json.loads(line) for line in options.file.open(encoding="utf-8")]
    found = [await item(line) for line in lines]
    with TemporaryDirectory() as folder:
        book = Book(Path(folder))
        book.add(rating for one, line in zip(found, lines, strict=True) for rating in ratings(one, line))
        made = [one for one, line in zip(found, lines, strict=True) if not line["near_miss"]]
        said = audit.audit(made, book)
        show(audit.tables(said))
        print(audit.in_short(said))
        proper = opinions(rating for rating in book.ratings() if rating.drawn != "near-miss")
    for target in options.target:
        set_by = calibrate.calibrate(made, proper, target, Settings())
        print(f"\nat {target:g}, with {set_by.runs} runs:")
        show(calibrate.tables(set_by))
        print(calibrate.in_short(set_by, Path("RUN")))


if __name__ == "__main__":
    asyncio.run(main())

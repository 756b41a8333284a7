"""Ratings as a CSV table, for people who rate in a spreadsheet, in Argilla or in Label Studio.

What is written for rating shows the run and the new goal, and neither the failed goal nor what judges said (AgentHER's
protocol). Rows stand in an order drawn by lot, so that who fills in the first hundred has rated a random hundred. What
is read needs the columns `item`, `rater` and `valid`; others that it does not know are passed over.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from agenther.errors import StoreError
from agenther.files import usable, writing
from agenther.jobs.again import finished
from agenther.ratings.items import Ticket, item_id, order_of, proposals, score
from agenther.records import Judged, Rejection, Trajectory
from agenther.rendering.runs import render_run
from agenther.store import run_folder
from agenther.store.book import Book, Rating

ASKED = ("valid", "natural", "worth")
COLUMNS = ("item", "run_id", "goal", "run", "answer", "rater", *ASKED, "note", "drawn")
SEPARATORS = ",;\t"
"""Between cells: spreadsheets write what their user's language has, and the most frequent in the first line is it."""
LONGEST = 2**31 - 1
"""Characters of a cell: a run can be long, and what was written is to be read again."""
NEEDED = ("item", "rater", "valid")
BLANK = [*[""] * (len(ASKED) + 2), "random"]
"""What is to be filled in."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet; what is shown of a log is never one."""


def write(folder: Path, path: Path, *, rated: bool = False) -> int:
    """A row for each proposal of the finished run, to be filled in, or for each rating of one; how many there are.

    Raises StoreError when there is a file already: it may be filled in, or something else.
    """
    finished(folder)
    with usable(path):
        if path.exists():
            raise StoreError(path, "exists already, and is left as it is; choose another name")
    said: defaultdict[str, list[Rating]] = defaultdict(list)
    for rating in Book(folder).ratings() if rated else ():
        said[rating.item].append(rating)
    made = (
        [*_shown(trajectory, judged), *answers]
        for trajectory, judged in _all(folder)
        for answers in (map(_answers, said[item_id(judged)]) if rated else [BLANK])
    )
    places = order_of(Ticket(item_id(one), one.run_id, score(one) > 0) for _, one in _all(folder))
    rows = sorted(made, key=lambda row: places[row[0]])
    with usable(path), writing(path) as (file,):
        lines = csv.writer(_Encoded(file), lineterminator="\r\n")
        lines.writerow(COLUMNS)
        lines.writerows(rows)
    return len(rows)


class _Encoded:
    """A binary file, for text."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, text: str) -> int:
        return self.file.write(text.encode("utf-8", "replace"))


def _all(folder: Path) -> Iterator[tuple[Trajectory, Judged]]:
    for stored in run_folder.stored(folder):
        if not isinstance(stored, Rejection):
            yield from ((stored[0], judged) for judged in proposals(stored[1]))


def _shown(trajectory: Trajectory, judged: Judged) -> list[str]:
    one = judged.proposal
    return [item_id(judged), one.run_id, *map(_cell, (one.goal, render_run(trajectory, one.end_step), one.answer))]


def _answers(rating: Rating) -> list[str]:
    answers = (getattr(rating, name) or "" for name in ASKED)
    return [_cell(rating.rater), *answers, _cell(rating.note), rating.drawn]


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def read(path: Path, runs: Mapping[str, str]) -> Iterator[Rating]:
    """The rows that are filled in; `runs` tells the run of each item.

    Raises StoreError when a column is missing, and for a row that cannot be a rating, with its number.
    """
    with usable(path), path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        csv.field_size_limit(LONGEST)
        head = file.readline()
        file.seek(0)
        rows = csv.DictReader(file, delimiter=max(SEPARATORS, key=head.count))
        if missing := set(NEEDED) - set(rows.fieldnames or ()):
            raise StoreError(path, f"has no column {', '.join(sorted(missing))}; {', '.join(NEEDED)} are needed")
        for row in rows:
            filled = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if filled["valid"]:
                yield _rating(path, rows.line_num, filled, runs)


def _rating(path: Path, line: int, row: dict[str, str], runs: Mapping[str, str]) -> Rating:
    if row["item"] not in runs:
        raise StoreError(path, f"line {line}: this run holds no item {row['item']!r}")
    answers = {name: row[name].casefold() or None for name in ASKED}
    try:
        said = {name: row[name] for name in ("item", "rater", "note")} | {"drawn": row["drawn"] or "chosen"}
        return Rating.model_validate({**said, **answers, "run_id": runs[row["item"]]})
    except ValidationError as error:
        what = error.errors()[0]
        why = f"line {line}, {what['loc'][0]}: {what['msg']}; answers are yes, no and unsure"
        raise StoreError(path, why) from None

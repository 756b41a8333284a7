"""The packaging pass: a selection in, `<format>/<split>.jsonl` or `<format>/<part>/<split>.jsonl` out, with an
index of them.

Everything streams. The same input gives the same bytes. Whoever calls it puts the folder in its place when it is whole.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic_core import to_json

from agenther.errors import PackageError
from agenther.packagers.base import KEPT, TRAIN, LeftOut, Packager, Part, Row, parts_of
from agenther.packagers.columns import departures, marked
from agenther.packagers.index import write_index
from agenther.packagers.lengths import Lengths, lengths, tokens
from agenther.packagers.notes import notes
from agenther.packagers.selection.balance import Balance, balance
from agenther.packagers.selection.choices import Choices, Thoughts
from agenther.packagers.selection.select import Selection
from agenther.packagers.selection.weights import copies
from agenther.packagers.talk.chat import inlined
from agenther.packagers.talk.tools import calls_unlisted
from agenther.plugins import tell

LEFT_OUT = "left_out.jsonl"
"""Beside the formats' folders: a line for each sample, row or task that a format does without."""

NO_COPY = "its weight gives it no copy (--replicate)"


class Written(NamedTuple):
    """What the pass made. Rows and what is left out are by format and part; one without any is there, empty."""

    rows: dict[str, Counter[str]]
    """Rows by split."""
    left_out: dict[str, Counter[str]]
    """Samples, rows and tasks left out, by the rule that says so."""
    samples: Counter[str]
    """Samples left out of all formats, by rule."""
    kinds: Counter[str]
    """Samples in the datasets by goal type."""
    pairs: Counter[str]
    """Preference pairs by kind and band."""
    unlisted: Counter[str]
    """Samples that call a tool which their log does not list, and which is added from its use, by benchmark."""
    labels: dict[str, Counter[bool]]
    """Rows to train on by whether they are desirable, for formats and parts whose rows are of either kind."""
    lengths: dict[str, Lengths]
    """Of the rows to train on, for formats and parts that trainers read."""

    @property
    def balances(self) -> dict[str, Balance]:
        return {name: balance(labels) for name, labels in self.labels.items() if labels}

    @property
    def counted(self) -> dict[str, Counter[str]]:
        """What there is to tell beside the number of rows."""
        return {
            "Samples in no dataset": self.samples,
            "Goal types in the datasets": self.kinds,
            "Preference pairs": self.pairs,
            "Samples with a tool added from its use": self.unlisted,
        }


def write(folder: Path, packagers: Mapping[str, Packager], selection: Selection) -> Written:
    """Write each format's splits into an empty folder. A split without rows has no file, since loaders refuse one."""
    parts = parts_of(packagers)
    rows, left_out = ({name: Counter[str]() for name in parts} for _ in range(2))
    samples = Counter(map(_rule, selection.left_out))
    labels = {name: Counter[bool]() for name, part in parts.items() if part.label}
    long = {name: array("Q") for name, part in parts.items() if part.trainers}
    written = Written(rows, left_out, samples, selection.kinds, Counter(), Counter(), labels, {})
    with ExitStack() as stack:
        files: dict[Path, BinaryIO] = {}
        misses = stack.enter_context((folder / LEFT_OUT).open("wb"))
        for miss in selection.left_out:
            misses.write(to_json({"format": "all", "id": miss.id, "rule": miss.why}) + b"\n")
        for name, group, item in _items(parts, selection, written.unlisted):
            if isinstance(item, LeftOut):
                written.left_out[name][_rule(item)] += 1
                detail = {"detail": item.detail} if item.detail else {}
                misses.write(to_json({"format": name, "id": item.id, "rule": item.why, **detail}) + b"\n")
                continue
            split = selection.side(group)
            path = folder / name / f"{split}.jsonl"
            row = item
            if path not in files:
                row = marked(item, parts[name].columns)
                path.parent.mkdir(parents=True, exist_ok=True)
                files[path] = stack.enter_context(path.open("wb"))
            written.rows[name][split] += 1
            if "pair_kind" in item:
                written.pairs[f"{name}: {item['pair_kind']} {item['band']}".rstrip()] += 1
            if name in labels and split == TRAIN:
                labels[name][item[parts[name].label]] += 1
            if name in long and split == TRAIN:
                long[name].append(tokens(item, parts[name]))
            files[path].write(to_json(row) + b"\n")
    for name, packager in packagers.items():
        if (folder / name).exists():
            packager.finish(folder / name)
    written.lengths.update((name, lengths(found, parts[name])) for name, found in long.items() if found)
    text = notes(parts, written.lengths, written.balances)
    write_index(folder, {name: part.columns for name, part in parts.items()}, text)
    return written


def _rule(miss: LeftOut) -> str:
    """As it is counted, whichever sample or pair stands for the one left out."""
    return miss._replace(other=miss.other and "another").why


def _items(
    parts: Mapping[str, Part], selection: Selection, unlisted: Counter[str]
) -> Iterator[tuple[str, str, Row | LeftOut]]:
    """(part, group, row) for every row that trainers and `datasets` take; one that they would not comes as left out."""
    choices = selection.choices
    for pick in selection.batch.picks():
        if calls_unlisted(pick.sample):
            unlisted[pick.sample.benchmark or "unknown"] += 1
        times = copies(pick.weight, pick.sample.id) if choices.replicate else 1
        for name, part in parts.items():
            rows = part.rows(pick) if part.keeps_goal == (pick.sample.kind == KEPT) else ()
            for item in _all(rows, pick.sample.id):
                row = _checked(item, part, choices, pick.sample.id)
                once = part.weighs or isinstance(row, LeftOut)
                yield from repeat((name, pick.group, row), 1 if once else times)
                if not (once or times):
                    yield name, pick.group, LeftOut(pick.sample.id, NO_COPY)
    for name, part in parts.items():
        for item in _all(part.pairs(selection.batch), ""):
            group = "" if isinstance(item, LeftOut) else item["group"]
            yield name, group, _checked(item, part, choices, "")


def _all(items: Iterable[Row | LeftOut], sample_id: str) -> Iterator[Row | LeftOut]:
    """The items, up to an error of the package that makes them."""
    try:
        yield from items
    except PackageError as error:
        yield _failed(error, sample_id)


def _failed(error: PackageError, sample_id: str) -> LeftOut:
    tell(error)
    return LeftOut(sample_id, f"{error.which} failed", detail=str(error))


def _checked(item: Row | LeftOut, part: Part, choices: Choices, sample_id: str) -> Row | LeftOut:
    if isinstance(item, LeftOut):
        return item
    row = inlined(item, part.messages) if choices.thoughts is Thoughts.INLINE else item
    try:
        shaped = None if (broken := part.problems(row)) else part.shape(row)
    except PackageError as error:
        return _failed(error, sample_id)
    broken = broken or departures(shaped or {}, part.columns)
    return LeftOut(row.get("id", sample_id), "; ".join(broken)) if broken or not shaped else shaped

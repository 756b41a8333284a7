"""A merged set as datasets that others train on: what is at fault set aside, and no source heard above all others.

failures/ lessons/ contrast/   the records that are left, with `weight`, `sources` and `conflict`
set_aside.jsonl                the others, by name, and why
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple

from agenther.errors import StoreError
from agenther.exchange.conflicts import conflicts
from agenther.exchange.excess import Test
from agenther.exchange.keys import Trust
from agenther.exchange.lines import columns, spelt
from agenther.exchange.outliers import Sorted, sort
from agenther.exchange.pile import Key, Pile
from agenther.exchange.reading import own
from agenther.exchange.records import CONFIGS, id_of
from agenther.exchange.sides import Sides
from agenther.exchange.together import joined
from agenther.exchange.weights import scales, share_of
from agenther.files import usable
from agenther.hub.facts import Facts
from agenther.hub.privacy import Cleaner, secret
from agenther.hub.publish import Publication, Target, send
from agenther.hub.tables import Table
from agenther.hub.tree import Tree
from agenther.lessons.records import Lesson, named
from agenther.packagers.base import SPLITS
from agenther.packagers.columns import NUMBER, TEXT, Columns
from agenther.records import Record

SET_ASIDE = "set_aside.jsonl"
MORE: Columns = {"weight": NUMBER, "sources": TEXT, "conflict": TEXT}
OPENING = """\
# {name}

Failed runs of LLM agents, lessons of them, and triplets of runs, merged by agenther {version} from what several
organisations give.
"""
TOLD = """\
## Where it comes from

| source | records | weight |
|---|---|---|
{sources}

`weight` keeps each source at {share:.0%} of each config or less; `sources` tells who gives a record, and `conflict`
where others contradict it. {aside} records are set aside, with the reason of each:

- [`{name}`]({name}): those records, by name.

{tests}
## What it is for

Critics, verifiers and encoders of failures, retrieval of lessons, negatives beside a better run, studies of failures.
Not for imitation: these runs are not demonstrations. Attribution by rules is a guess. `failures` and `contrast` show
tasks of benchmarks: a model that is trained on them must not be scored on the same (`group`). Texts in it come from
logs, and may speak to who reads them: they are data.
"""


class Exported(NamedTuple):
    """What came of a merged set."""

    publication: Publication
    aside: Counter[str]
    """Records that were set aside, by config."""
    tests: tuple[Test, ...]
    shares: dict[str, float]
    """Of the weight of all failures, what each source has."""


class Row(NamedTuple):
    key: Key
    record: Record
    holders: frozenset[str]


def is_set(folder: Path) -> bool:
    """Is it a set, and no run folder?"""
    return (folder / "manifest.json").exists() and not (folder / "run.json").exists()


def export(folder: Path, target: Target, share: float | None = None, trust: Trust | None = None) -> Exported:
    """Publishes a set. Raises StoreError for one that is not sound, for a signature by a key that is not trusted where
    some are, and for a share that no weights could keep.
    """
    if target.folder and target.folder.resolve().is_relative_to(folder.resolve()):
        raise StoreError(target.folder, "lies in the set; choose another --dry-run")
    found = own(folder, trust)
    told = sort(found, trust)
    sources = len(frozenset().union(*(told.sources(key) for key in found.records))) or 1
    if share is not None and share * sources < 1:
        raise StoreError(folder, f"its {sources} sources cannot all have a share of {share:g} or less; choose more")
    sides = Sides(found, told.reasons)
    cleaner = Cleaner(folder, secret(folder.resolve().with_name(f"{folder.resolve().name}.redaction.key")))
    with usable(folder), TemporaryDirectory(prefix="agenther-") as name:
        work = Path(name)
        contradicted = _contradicted(found, told)
        written: dict[str, Mapping[str, float]] = {}
        for config in CONFIGS:
            rows = list(_rows(config, found, told))
            for row in rows:
                if why := sides.why_not(row.record):
                    told.reasons[row.key] = why
            left = [row for row in rows if row.key not in told.reasons]
            written[config] = _write(work / config, left, sides, contradicted, share)
        ids = {key: _id(record) for key, record in found.all() if key in told.reasons}
        aside = [_aside(told, key, ids[key], why) for key, why in sorted(told.reasons.items())]
        tables = [
            Table(PurePosixPath(config), split, path, {**columns(kind), **MORE})
            for config, kind in CONFIGS.items()
            for split in SPLITS
            if (path := work / config / f"{split}.jsonl").exists()
        ]
        if not tables:
            raise StoreError(folder, "has no record that is not set aside")
        lines = b"".join(map(spelt, aside))
        more = _told(told, written, share, len(aside))
        facts = Facts({}, redacted=True, opening=OPENING, more=more)
        tree = Tree(folder, tuple(tables), facts, cleaner, beside=lambda _folder, _files: {SET_ASIDE: lines})
        done = send(tree, target, cleaner)
    total = sum(written["failures"].values()) or 1
    shares = {source: weight / total for source, weight in sorted(written["failures"].items())}
    return Exported(done, Counter(str(one["config"]) for one in aside), tuple(told.tests), shares)


def _rows(config: str, found: Pile, told: Sorted) -> Iterator[Row]:
    """What is left of a config; lessons of one id as one."""
    kind = CONFIGS[config]
    alike: defaultdict[str, list[Row]] = defaultdict(list)
    for key, line in found.lines(config):
        if key not in told.reasons:
            record = kind.model_validate_json(line)
            alike[id_of(record) if config == "lessons" else key.digest].append(Row(key, record, told.sources(key)))
    for rows in alike.values():
        first = rows[0]
        if len(rows) > 1:
            lesson = joined([(row.record, row.holders) for row in rows if isinstance(row.record, Lesson)])
            yield Row(first.key, lesson, frozenset().union(*(row.holders for row in rows)))
        else:
            yield first


def _write(
    folder: Path,
    rows: list[Row],
    sides: Sides,
    contradicted: Mapping[Key, str],
    share: float | None,
) -> Mapping[str, float]:
    """Writes the rows, each on its side; the weight that each source has in the end."""
    factors = _factors(rows, share)
    weights: defaultdict[str, float] = defaultdict(float)
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for row in rows:
            split = sides.of(row.key, row.record)
            if split not in files:
                folder.mkdir(exist_ok=True)
                files[split] = stack.enter_context((folder / f"{split}.jsonl").open("wb"))
            weight = sum(factors[source] for source in row.holders) / len(row.holders)
            for source in row.holders:
                weights[source] += factors[source] / len(row.holders)
            more = {"sources": ", ".join(sorted(row.holders)), "conflict": contradicted.get(row.key, "")}
            files[split].write(spelt({**row.record.model_dump(mode="json"), "weight": round(weight, 6), **more}))
    return weights


def _factors(rows: Iterable[Row], share: float | None) -> dict[str, float]:
    masses: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        for source in row.holders:
            masses[source] += 1 / len(row.holders)
    return scales(masses, share_of(len(masses)) if share is None else max(share, 1 / max(len(masses), 1)))


def _contradicted(found: Pile, told: Sorted) -> dict[Key, str]:
    """Of records that are left, what others that are left contradict."""
    why: defaultdict[Key, list[str]] = defaultdict(list)
    kept = {key.digest: key for key in found.records if key not in told.reasons}
    for one in conflicts(found, told.reasons):
        for name in one.records:
            why[kept[name]].append(f"{one.why}: {one.id}")
    return {key: "; ".join(reasons) for key, reasons in why.items()}


def _id(record: Record) -> str:
    """By which people know it; of a lesson the one that is right, whatever stands there."""
    if isinstance(record, Lesson):
        return named(record.when.signature, record.wrong, record.instead)
    return id_of(record)


def _aside(told: Sorted, key: Key, name: str, why: str) -> dict[str, Any]:
    return {"config": key.config, "record": key.digest, "id": name, "why": why, "sources": sorted(told.holders[key])}


def _told(told: Sorted, written: Mapping[str, Mapping[str, float]], share: float | None, aside: int) -> str:
    sources = sorted({name for weights in written.values() for name in weights})
    most = share if share is not None else share_of(len(sources))
    counts = Counter(name for key in told.holders if key not in told.reasons for name in told.sources(key))
    rows = [
        f"| {name} | {counts[name]} | {sum(weights[name] for weights in written.values()):.1f} |" for name in sources
    ]
    tests = "".join(f"- {test.words}\n" for test in told.tests if test.is_out)
    return TOLD.format(sources="\n".join(rows), share=most, aside=aside, name=SET_ASIDE, tests=tests)

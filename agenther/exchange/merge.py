"""Sets of several organisations as one, which is a set itself: a union, in which nothing is weighed and nothing lost.

    manifest.json, manifest.sig   what is in it; signed where a key was given
    failures.jsonl lessons.jsonl contrast.jsonl
    sources/                      the manifests of the sets in it, and their signatures
    unlisted.jsonl                records that lay in a set and not in its manifest
    provenance.jsonl              of each record, who gives it, what vouches for that, and what speaks against it
    conflicts.jsonl               where records contradict each other: both are kept

Equal records give equal bytes, in whatever order and grouping they were merged, and however often. So a limit on what
one source counts, and what is set aside, belong to `agenther push`.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

from pydantic_core import to_json

from agenther.errors import StoreError
from agenther.exchange import draft as drafts
from agenther.exchange.conflicts import Conflict, conflicts
from agenther.exchange.draft import CONFLICTS, MERGED, PROVENANCE, SOURCES, UNLISTED
from agenther.exchange.keys import Policy, Trust, check_place, sign
from agenther.exchange.lines import spelt
from agenther.exchange.manifest import MANIFEST, SIGNATURE, manifest
from agenther.exchange.pile import Key, Origin, Pile
from agenther.exchange.reading import pile
from agenther.exchange.records import CONFIGS, id_of
from agenther.files import usable

UNSIGNED, NOT_LISTED, MISSING = "unsigned", "unlisted", "missing"
KEY_SHOWN = 12
"""Letters of a public key that tell it from others: 72 bits."""


class Merged(NamedTuple):
    """What a merge came to."""

    records: dict[str, int]
    """By config."""
    given: int
    """Records of all sets; what is fewer in `records` was joined."""
    sources: dict[str, int]
    """Records that each organisation gives, by the names of `sources`."""
    marks: dict[str, int]
    conflicts: tuple[Conflict, ...]


def merge(folders: Iterable[Path], out: Path, policy: Policy, key: Path | None = None) -> Merged:
    """Writes the union of the sets to `out`. Raises StoreError, with nothing written, for a set that is not sound."""
    piles = [pile(folder, policy) for folder in folders]
    with usable(out):
        if out.exists() and any(out.iterdir()):
            raise StoreError(out, "is not empty; choose another --out")
        found = write(reduce(or_, piles, Pile()), out, key, policy.trust)
    return found._replace(given=sum(len(one.records) for one in piles))


def write(found: Pile, out: Path, key: Path | None = None, trust: Trust | None = None) -> Merged:
    """The folder of a merged set, whole or not at all; what was there is replaced."""
    if key:
        check_place(key, out)
    draft = drafts.begun(out)
    (draft / SOURCES).mkdir()
    for config in CONFIGS:
        with (draft / f"{config}.jsonl").open("wb") as file:
            file.writelines(line for _, line in found.lines(config))
    for name, line in found.manifests.items():
        (draft / SOURCES / f"{name}.json").write_bytes(line)
        if signature := found.signature(name):
            (draft / SOURCES / f"{name}.sig").write_bytes(signature)
    strays = sorted((*stray.key, stray.split, stray.beside) for stray in found.strays)
    (draft / UNLISTED).write_bytes(b"".join(to_json(stray) + b"\n" for stray in strays))
    contradicting = tuple(conflicts(found))
    (draft / CONFLICTS).write_bytes(b"".join(spelt(one.model_dump(mode="json")) for one in contradicting))
    told = list(_provenance(found))
    with (draft / PROVENANCE).open("wb") as file:
        file.writelines(map(spelt, told))
    line = manifest("", ((*key, "") for key in sorted(found.records))).line()
    (draft / MANIFEST).write_bytes(line)
    if key:
        (draft / SIGNATURE).write_bytes(sign(key, line))
    drafts.put(out, MERGED)
    return _counted(found, trust, told, contradicting)


def _provenance(found: Pile) -> Iterator[dict[str, object]]:
    """A line for each record, and for each that a manifest names and nobody sent."""
    origins = found.origins()
    ids = {key: id_of(record) for key, record in found.all()}
    strays: dict[Key, list[str]] = {}
    for stray in sorted(found.strays):
        strays.setdefault(stray.key, []).append(stray.beside)
    for key in sorted(origins.keys() | found.records.keys()):
        own = origins.get(key, [])
        yield {
            "config": key.config,
            "record": key.digest,
            "id": ids.get(key, ""),
            "sources": [origin._asdict() for origin in own],
            "beside": strays.get(key, []),
            "marks": [
                *([UNSIGNED] if not any(origin.signed_by for origin in own) else []),
                *([NOT_LISTED] if key in strays else []),
                *([MISSING] if key not in found.records else []),
            ],
        }


def sources(origin: Origin, trust: Trust | None) -> frozenset[str]:
    """By what names an organisation is counted: by its own where a trust file gives it the key, which the reading of
    sets sees to; else by name and key, for anybody may sign with any name; unsigned, by what nobody signs.
    """
    if origin.signed_by and trust is not None:
        return frozenset({origin.organisation})
    vouching = [key[:KEY_SHOWN] for key in origin.signed_by] or [UNSIGNED]
    return frozenset(f"{origin.organisation} ({each})" for each in vouching)


def _counted(
    found: Pile, trust: Trust | None, told: list[dict[str, object]], contradicting: tuple[Conflict, ...]
) -> Merged:
    records = {config: sum(key.config == config for key in found.records) for config in CONFIGS}
    giving: dict[str, int] = {}
    for key, own in found.origins().items():
        names = frozenset[str]().union(*(sources(origin, trust) for origin in own))
        for name in names if key in found.records else ():
            giving[name] = giving.get(name, 0) + 1
    marks: dict[str, int] = {}
    for line in told:
        for mark in line["marks"] if isinstance(line["marks"], list) else ():
            marks[mark] = marks.get(mark, 0) + 1
    return Merged(records, len(found.records), dict(sorted(giving.items())), marks, contradicting)

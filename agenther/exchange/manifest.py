"""What tells of a set which records belong to it: `manifest.json`, and who says so: `manifest.sig`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from agenther import __version__
from agenther.exchange.lines import spelt
from agenther.exchange.records import CONFIGS, NAME
from agenther.records import Record

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
AT_HAND = 64
"""Manifests that are not read twice."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Config = Literal["failures", "lessons", "contrast"]
Split = Literal["train", "test", ""]


class Manifest(Record):
    """Of a set that one organisation wrote, or of one that was merged, which bears no name and no sides."""

    kind: Literal["agenther set", "agenther merged set"] = "agenther set"
    version: Literal[1] = 1
    organisation: Annotated[str, StringConstraints(pattern=rf"^(?:{NAME})?$")] = ""
    agenther: str = Field(default=__version__, max_length=40)
    counts: Mapping[Config, int] = {}
    records: Mapping[Config, Mapping[Digest, Split]] = {}
    """The side of the split of each record, by its hash."""

    def line(self) -> bytes:
        return spelt(self.model_dump(mode="json"))

    @property
    def is_merged(self) -> bool:
        return self.kind == "agenther merged set"

    @property
    def is_sound(self) -> bool:
        """Does it count what it names, and bear a name where one belongs?"""
        counted = {config: len(named) for config, named in self.records.items() if named}
        return self.counts == counted and bool(self.organisation) != self.is_merged


def manifest(organisation: str, found: Iterable[tuple[str, str, str]]) -> Manifest:
    """Of these records: (config, hash, split). Without a name, of a merged set."""
    named: dict[str, dict[str, str]] = {config: {} for config in CONFIGS}
    for config, one, split in found:
        named[config][one] = split
    return Manifest.model_validate(
        {
            "kind": "agenther set" if organisation else "agenther merged set",
            "organisation": organisation,
            "counts": Counter({config: len(ones) for config, ones in named.items() if ones}),
            "records": {config: ones for config, ones in named.items() if ones},
        }
    )


@lru_cache(maxsize=AT_HAND)
def read(line: bytes) -> Manifest | None:
    """None for what is no manifest that we wrote, or one of a later version."""
    try:
        found = Manifest.model_validate_json(line)
    except ValidationError:
        return None
    return found if found.is_sound and found.line() == line else None


def renamed(one: Manifest, names: Mapping[tuple[str, str], str | None]) -> Manifest:
    """The manifest with other records in the place of those, by config and name; without them where that is None."""
    kept = (
        (config, new, split)
        for config, named in one.records.items()
        for name, split in named.items()
        if (new := names.get((config, name), name)) is not None
    )
    return manifest(one.organisation, kept).model_copy(update={"agenther": one.agenther})


def name(line: bytes) -> str:
    """Of a manifest, within a merged set."""
    return sha256(line).hexdigest()

"""Records of several sets as one union: in whatever order and grouping sets are added, the same pile comes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from agenther.errors import StoreError
from agenther.exchange.keys import signers
from agenther.exchange.lines import canonical
from agenther.exchange.manifest import Manifest, read
from agenther.exchange.records import CONFIGS, digest
from agenther.records import Record
from agenther.store.lines import line_at


class Key(NamedTuple):
    """Which record: records of one config with the same bytes are one."""

    config: str
    digest: str


class Place(NamedTuple):
    """Where a record's line begins; any of several places where it stands."""

    path: Path
    at: int


class Stray(NamedTuple):
    """A record that lay in a set whose manifest does not name it."""

    key: Key
    split: str
    beside: str
    """The name of that manifest."""


class Origin(NamedTuple):
    """An organisation that gives a record, and what vouches for that."""

    organisation: str
    signed_by: tuple[str, ...]
    """Public keys; none where the manifest is not signed."""
    split: str
    manifest: str


@dataclass(frozen=True)
class Pile:
    """Nothing of it is derived: records, who wrote them, and what they wrote that down in."""

    records: Mapping[Key, Place] = field(default_factory=dict)
    manifests: Mapping[str, bytes] = field(default_factory=dict)
    """Of the sets that organisations wrote, by name."""
    signatures: frozenset[tuple[str, bytes]] = frozenset()
    """(manifest, line of its `manifest.sig`)."""
    strays: frozenset[Stray] = frozenset()

    def __or__(self, other: "Pile") -> "Pile":
        return Pile(
            {**self.records, **other.records},
            {**self.manifests, **other.manifests},
            self.signatures | other.signatures,
            self.strays | other.strays,
        )

    def signature(self, name: str) -> bytes:
        """The file beside a manifest; empty where nobody signed."""
        return b"".join(self._signed.get(name, ()))

    @cached_property
    def _signed(self) -> dict[str, list[bytes]]:
        """Of each manifest that is signed, the lines, in order."""
        found: dict[str, list[bytes]] = {}
        for name, line in sorted(self.signatures):
            found.setdefault(name, []).append(line)
        return found

    def known(self) -> dict[str, Manifest]:
        found = {name: read(line) for name, line in sorted(self.manifests.items())}
        return {name: one for name, one in found.items() if one}

    def origins(self) -> dict[Key, list[Origin]]:
        """Who gives each record; those too that are named and missing."""
        found: dict[Key, list[Origin]] = {}
        for name, one in self.known().items():
            signatures = self.signature(name)
            keys = tuple(sorted(signers(self.manifests[name], signatures) or ())) if signatures else ()
            for config, named in one.records.items():
                for each, split in named.items():
                    found.setdefault(Key(config, each), []).append(Origin(one.organisation, keys, split, name))
        return {key: sorted(ones) for key, ones in found.items()}

    def lines(self, config: str) -> Iterator[tuple[Key, bytes]]:
        """The canonical lines of one config, in the order of their names. Raises StoreError for one that was changed
        after it was looked at.
        """
        for key in sorted(key for key in self.records if key.config == config):
            place = self.records[key]
            with place.path.open("rb") as file:
                line = canonical(line_at(file, place.at))
            if digest(line) != key.digest:
                raise StoreError(place.path, "was changed while it was read")
            yield key, line

    def all(self) -> Iterator[tuple[Key, Record]]:
        """Every record, by config and name."""
        for config, kind in CONFIGS.items():
            for key, line in self.lines(config):
                yield key, kind.model_validate_json(line)

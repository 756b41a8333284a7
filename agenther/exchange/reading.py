"""A set in a folder, read as what somebody sends who may mean harm: it is sound in every part, or refused in one line.

Nothing in a set names a path. Only files of the names below are opened, none that is a link, and none is unpacked.

    manifest.json manifest.sig             of a set that one organisation wrote
    failures/train-00000-of-00001.jsonl    and likewise lessons/ and contrast/
    manifest.json manifest.sig             of a merged set
    failures.jsonl lessons.jsonl contrast.jsonl
    sources/<sha256>.json and .sig         the manifests of the sets in it
    unlisted.jsonl                         records that lay in a set and not in its manifest
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from agenther.errors import StoreError
from agenther.exchange.draft import SOURCES, UNLISTED, finish
from agenther.exchange.keys import LARGEST, Policy, Trust, distrusted, signers
from agenther.exchange.lines import canonical
from agenther.exchange.manifest import MANIFEST, SIGNATURE, Manifest, name, read
from agenther.exchange.opened import check_file, inside, whole
from agenther.exchange.pile import Key, Pile, Place, Stray
from agenther.exchange.records import CONFIGS, digest, id_of
from agenther.files import usable

WANTED = (MANIFEST, SIGNATURE, UNLISTED, f"{SOURCES}/*", *(f"{config}*" for config in CONFIGS))
"""What of a repository is a set."""
LONGEST = 64 << 20
"""Bytes of one record."""
LARGEST_FILE = 8 << 30
LARGEST_MANIFEST = 256 << 20
FILE = re.compile(r"(train|test)-\d{5}-of-\d{5}\.jsonl")
SOURCE = re.compile(r"([0-9a-f]{64})\.(json|sig)")


def pile(folder: Path, policy: Policy) -> Pile:
    """What a set holds. Raises StoreError for one that is not sound, or that the policy refuses."""
    with usable(folder):
        if not folder.is_dir():
            raise StoreError(folder, "is no folder of a set; one that is packed is unpacked first")
        finish(folder)
        line = whole(folder / MANIFEST, LARGEST_MANIFEST)
        told = read(line)
        if told is None:
            raise StoreError(folder / MANIFEST, "is no manifest of a set; `agenther push RUN OWNER/NAME --failures`")
        signed = _signatures(folder / SIGNATURE, line, told.organisation, policy)
        found = _merged(folder, told, policy) if told.is_merged else _written(folder, told, line, signed)
        _check(folder, told, found, policy)
    return found


def fetched(folder: Path, policy: Policy) -> Pile | None:
    """The set in a folder of which nobody said that it holds one; None where it does not. Raises as `pile` does."""
    path = folder / MANIFEST
    if not (path.exists() or path.is_symlink()) or read(whole(path, LARGEST_MANIFEST)) is None:
        return None
    return pile(folder, policy)


def own(folder: Path, trust: Trust | None = None) -> Pile:
    """A set that lies here already, with what was marked in it. Raises StoreError for one that was changed since, and
    where keys are trusted, for a signature by another.
    """
    found = pile(folder, Policy(trust, unsigned="mark"))
    told = read((folder / MANIFEST).read_bytes())
    named = {Key(config, one) for config, ones in (told.records if told else {}).items() for one in ones}
    if named != found.records.keys():
        raise StoreError(folder, "was changed since it was written; merge again what it was made of")
    return found


def _written(folder: Path, told: Manifest, line: bytes, signed: frozenset[bytes]) -> Pile:
    """A set as an organisation wrote it."""
    own = name(line)
    ids: dict[Key, str] = {}
    records: dict[Key, Place] = {}
    strays = set()
    for config in CONFIGS:
        for path in inside(folder / config, FILE):
            split = path.name.partition("-")[0]
            for key, place, known_as in _records(path, config):
                ids[key] = known_as
                records[key] = place
                if _named(told, key) != split:
                    strays.add(Stray(key, split, own))
    _check_ids(folder, ids, ids)
    return Pile(records, {own: line}, frozenset((own, one) for one in signed), frozenset(strays))


def _check_ids(path: Path, named: Iterable[Key], ids: Mapping[Key, str]) -> None:
    """Raises StoreError for two records of one id in the set of one organisation."""
    known: dict[tuple[str, str], Key] = {}
    for key in named:
        if key in ids and known.setdefault((key.config, ids[key]), key) != key:
            raise StoreError(path, f"has two records of one id ({ids[key][:80]}) that differ")


def _merged(folder: Path, told: Manifest, policy: Policy) -> Pile:
    """A merged set: its own manifest and signature tell that it is whole, and are made anew when it is merged again."""
    manifests: dict[str, bytes] = {}
    signatures: set[tuple[str, bytes]] = set()
    for path in inside(folder / SOURCES, SOURCE):
        if path.suffix == ".json":
            line = whole(path, LARGEST_MANIFEST)
            one = read(line)
            if one is None or one.is_merged or path.stem != name(line):
                raise StoreError(path, "is not the manifest that it is called")
            manifests[path.stem] = line
            signed = _signatures(path.with_suffix(".sig"), line, one.organisation, policy)
            signatures |= {(path.stem, each) for each in signed}
        elif not path.with_suffix(".json").exists():
            raise StoreError(path, "signs a manifest that is not there")
    records: dict[Key, Place] = {}
    ids: dict[Key, str] = {}
    for config in CONFIGS:
        if (path := folder / f"{config}.jsonl").exists() or path.is_symlink():
            for key, place, known_as in _records(path, config):
                records[key], ids[key] = place, known_as
    strays = set(_unlisted(folder / UNLISTED))
    accounted = {stray.key for stray in strays}
    for of, line in manifests.items():
        named = {Key(*each) for each in _names(line)}
        _check_ids(folder / SOURCES / f"{of}.json", named, ids)
        accounted |= named
    own = name(told.line())
    strays |= {Stray(key, "train", own) for key in records if _named(told, key) is None or key not in accounted}
    return Pile(records, manifests, frozenset(signatures), frozenset(strays))


def _check(folder: Path, told: Manifest, found: Pile, policy: Policy) -> None:
    """Raises StoreError for what the policy refuses."""
    named = {Key(config, one) for config, ones in told.records.items() for one in ones}
    for line in found.manifests.values():
        named |= {Key(config, one) for config, one in _names(line)}
    missing, strays = named - found.records.keys(), found.strays
    if policy.refuses_changes and (missing or strays):
        one = min(missing or {stray.key for stray in strays})
        how = "miss, though its manifest names them" if missing else "are not as its manifest names them"
        count = len(missing or strays)
        raise StoreError(
            folder, f"was changed: {count} records {how} ({one.config} {one.digest[:16]}…); --unsigned mark takes it"
        )
    if policy.refuses_unsigned and (bare := found.manifests.keys() - {of for of, _ in found.signatures}):
        unsigned = {Key(*each) for of in bare for each in _names(found.manifests[of])}
        why = f"{len(unsigned)} of its {len(found.records)} records are not signed; --unsigned mark takes them"
        raise StoreError(folder, why)


def _signatures(path: Path, line: bytes, organisation: str, policy: Policy) -> frozenset[bytes]:
    """The lines of a file of signatures; none where there is none, or a wrong one is only to be marked.

    Raises StoreError for a wrong one, and one of a key that is not trusted, also where unsigned sets are marked.
    """
    if not (path.exists() or path.is_symlink()):
        return frozenset()
    signatures = whole(path, LARGEST)
    keys = signers(line, signatures)
    if keys is None:
        if policy.trust is None and policy.unsigned == "mark":
            return frozenset()
        raise StoreError(path, "is not the signature of the manifest beside it; the set was changed, or is not theirs")
    if policy.trust is not None and organisation and (key := distrusted(organisation, keys, policy.trust)):
        raise StoreError(path, f"is of a key that the trust file does not give to {organisation}: {key}")
    if policy.trust is not None and (strange := sorted(keys - policy.trust.keys())):
        raise StoreError(path, f"is of a key that is not in the trust file: {strange[0]}")
    return frozenset(signatures.splitlines(keepends=True))


def _records(path: Path, config: str) -> Iterator[tuple[Key, Place, str]]:
    """Each record of a file, where it stands, and the id by which people know it."""
    check_file(path, LARGEST_FILE)
    at = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST + 1):
            if len(line) > LONGEST:
                raise StoreError(path, f"the record that begins at byte {at} has more than {LONGEST >> 20} MB")
            try:
                plain = canonical(line)
                record = CONFIGS[config].model_validate_json(plain)
            except ValidationError as error:
                where = ".".join(map(str, error.errors(include_url=False)[0]["loc"])) or "it"
                raise StoreError(path, f"the record at byte {at} is none of {config}: {where[:80]}") from None
            except (ValueError, RecursionError):
                raise StoreError(path, f"the record at byte {at} is no JSON object that can be read") from None
            yield Key(config, digest(plain)), Place(path, at), id_of(record)
            at += len(line)


def _unlisted(path: Path) -> Iterator[Stray]:
    if not (path.exists() or path.is_symlink()):
        return
    for line in whole(path, LARGEST_MANIFEST).splitlines():
        try:
            config, one, split, beside = from_json(line)
        except (ValueError, TypeError):
            config = one = split = beside = ""
        if config not in CONFIGS or split not in ("train", "test") or not _are_digests(one, beside):
            raise StoreError(path, "is damaged")
        yield Stray(Key(config, one), split, beside)


def _are_digests(*found: object) -> bool:
    return all(isinstance(one, str) and re.fullmatch(r"[0-9a-f]{64}", one) for one in found)


def _named(told: Manifest, key: Key) -> str | None:
    """On which side the manifest names the record."""
    return next((named.get(key.digest) for config, named in told.records.items() if config == key.config), None)


def _names(line: bytes) -> Iterator[tuple[str, str]]:
    if one := read(line):
        yield from ((config, each) for config, named in one.records.items() for each in named)

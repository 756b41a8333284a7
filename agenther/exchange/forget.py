"""Runs taken out of what was made of a run folder and lies elsewhere: sets, merged sets, lessons.

A signature vouches for a manifest that names what is forgotten: it goes, and is made again where its key is there.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from agenther.errors import AgentHERError, EmptyError, StoreError
from agenther.exchange import draft as drafts
from agenther.exchange import merge
from agenther.exchange.keys import public, sign, signers
from agenther.exchange.lines import canonical, spelt
from agenther.exchange.manifest import MANIFEST, SIGNATURE, name, read, renamed
from agenther.exchange.pile import Key, Pile, Place, Stray
from agenther.exchange.push import Choice, Derived, derived, push, remember
from agenther.exchange.reading import own
from agenther.exchange.records import CONFIGS, digest, runs_of
from agenther.files import locked, usable
from agenther.hub.facts import Figure
from agenther.hub.publish import Target, publish
from agenther.hub.tree import withdraw
from agenther.lessons import forget as lessons
from agenther.lessons.folder import fingerprint
from agenther.lessons.records import Lesson
from agenther.packagers.base import SPLITS
from agenther.store.rounds import back

Changes = dict[Key, bytes | None]
"""Of each record that is about the runs, the line that it is now; None where it is gone."""


class TakenOut(NamedTuple):
    """What forgetting in a set came to."""

    gone: int
    changed: int
    """Lessons that stand on fewer runs now."""
    unsigned: tuple[str, ...]
    """Whose signatures were removed, and not made again."""

    @property
    def words(self) -> str:
        told = f"{self.gone} records are gone, and {self.changed} lessons stand on fewer runs"
        lost = ", ".join(self.unsigned)
        return f"{told}; no longer signed, for want of the key: {lost}" if lost else told


def take_out(folder: Path, runs: frozenset[str], key: Path | None = None) -> TakenOut:
    """Takes these runs out of a set or a merged set, of its manifests too; with the key, what it had signed is signed.

    Raises StoreError, with nothing changed, for a set that was changed, and where nothing is about one of the runs.
    """
    drafts.finish(folder)
    with locked(folder), TemporaryDirectory(prefix="agenther-") as work:
        found = own(folder)
        about = {key: record for key, record in found.all() if not runs.isdisjoint(runs_of(record))}
        if unknown := runs.difference(*(runs_of(record) for record in about.values())):
            raise StoreError(folder, f"holds nothing about a run {min(unknown)}")
        changes: Changes = {}
        for one, record in about.items():
            left = lessons.without(record, runs) if isinstance(record, Lesson) else None
            changes[one] = spelt(left.model_dump(mode="json")) if left else None
        line = (folder / MANIFEST).read_bytes()
        told = read(line)
        with usable(folder):
            if told and told.is_merged:
                unsigned = _merged(folder, found, changes, key, Path(work))
            else:
                unsigned = _written(folder, changes, line, key)
    gone = sum(left is None for left in changes.values())
    return TakenOut(gone, len(changes) - gone, tuple(unsigned))


def _merged(folder: Path, found: Pile, changes: Changes, key: Path | None, work: Path) -> list[str]:
    """Writes the merged set anew; whose signatures are gone."""
    names: dict[str, str] = {}
    manifests: dict[str, bytes] = {}
    signatures: set[tuple[str, bytes]] = set()
    unsigned = []
    for before, line in found.manifests.items():
        after = _anew(line, changes)
        names[before] = name(after)
        manifests[names[before]] = after
        if after == line:
            signatures |= {(before, each) for of, each in found.signatures if of == before}
        elif signed := found.signature(before):
            again, lost = _signed(line, signed, after, key)
            signatures |= {(names[before], each) for each in again.splitlines(keepends=True)}
            told = read(line)
            unsigned += [told.organisation] if lost and told else []
    left = {one: place for one, place in found.records.items() if one not in changes}
    left |= _placed(changes, work)
    strays = {
        Stray(_key(stray.key, changes), stray.split, names.get(stray.beside, stray.beside))
        for stray in found.strays
        if changes.get(stray.key, b"") is not None
    }
    own_signature, own_line = folder / SIGNATURE, (folder / MANIFEST).read_bytes()
    was_signed = own_signature.read_bytes() if own_signature.exists() else b""
    is_ours = bool(key and was_signed and public(key) in (signers(own_line, was_signed) or ()))
    merge.write(Pile(left, manifests, frozenset(signatures), frozenset(strays)), folder, key if is_ours else None)
    return [*sorted(unsigned), *(["the merged set"] if was_signed and not is_ours else [])]


def _placed(changes: Changes, work: Path) -> dict[Key, Place]:
    """The changed records, in a file of their own."""
    path, placed, at = work / "changed.jsonl", {}, 0
    with path.open("wb") as file:
        for one, line in changes.items():
            if line is not None:
                placed[_key(one, changes)] = Place(path, at)
                at += file.write(line)
    return placed


def _written(folder: Path, changes: Changes, line: bytes, key: Path | None) -> list[str]:
    """Writes the files of a set anew; whose signatures are gone."""
    after = _anew(line, changes)
    signature, unsigned = b"", False
    if (folder / SIGNATURE).exists():
        signature, unsigned = _signed(line, (folder / SIGNATURE).read_bytes(), after, key)
    draft = drafts.begun(folder)
    for config in CONFIGS:
        for path in (path for split in SPLITS for path in (folder / config).glob(f"{split}-*.jsonl")):
            (draft / config).mkdir(exist_ok=True)
            with path.open("rb") as before, (draft / config / path.name).open("wb") as file:
                file.writelines(filter(None, (_line(config, each, changes) for each in before)))
    (draft / MANIFEST).write_bytes(after)
    if signature:
        (draft / SIGNATURE).write_bytes(signature)
    drafts.put(folder, tuple(CONFIGS))
    told = read(line)
    return [told.organisation] if unsigned and told else []


def _line(config: str, line: bytes, changes: Changes) -> bytes | None:
    return changes.get(Key(config, digest(canonical(line))), line)


def _key(one: Key, changes: Changes) -> Key:
    left = changes.get(one)
    return one if left is None else Key(one.config, digest(left))


def _anew(line: bytes, changes: Changes) -> bytes:
    """A manifest that never named what is gone."""
    told = read(line)
    names = {(one.config, one.digest): digest(left) if left else None for one, left in changes.items()}
    return renamed(told, names).line() if told else line


def _signed(before: bytes, signatures: bytes, after: bytes, key: Path | None) -> tuple[bytes, bool]:
    """The signature of a manifest that was changed, where the key is one of those that had signed it; is any gone?"""
    keys = signers(before, signatures) or frozenset()
    if key and public(key) in keys:
        return sign(key, after), len(keys) > 1
    return b"", bool(keys)


def reach(
    folders: Iterable[Path], runs: frozenset[str], drawn: Callable[[Path], Iterable[Figure]], key: Path | None = None
) -> Iterator[str]:
    """Makes anew what is known to have been written from run folders in which runs were forgotten; says what it did
    and what it cannot reach.
    """
    for folder in folders:
        known = derived(folder)
        for one in sorted(known, key=lambda one: one.kind):  # lessons first: sets are made with them
            yield from _reached(folder, one, runs, drawn, key)


def _again(folder: Path, target: Target, drawn: Callable[[Path], Iterable[Figure]], choice: Choice) -> str:
    """Writes a set anew; where nothing that failed is left, its datasets alone; where none is, nothing. Says which."""
    try:
        push(folder, target, drawn, choice)
    except EmptyError:
        try:
            publish(folder, target, drawn)
        except EmptyError:
            withdraw(Path(target.folder or ""))
            return "holds nothing but its card now: nothing is left to publish"
    return "was written anew"


def _reached(
    folder: Path, one: Derived, runs: frozenset[str], drawn: Callable[[Path], Iterable[Figure]], key: Path | None
) -> Iterator[str]:
    place = Path(one.place)
    if one.kind == "set on the Hub":
        yield f"warning: {one.place} on the Hub holds it until it is pushed again, and its history holds it for good"
        return
    if not place.is_dir():
        yield f"warning: {place} is not there any more, and may hold it somewhere else"
        return
    try:
        if one.kind == "lessons":
            rounds = back(folder).folders
            left = lessons.forget(place, runs, dict(zip(one.prints, rounds, strict=False)))
            now = (*map(fingerprint, rounds), *one.prints[len(rounds) :])
            remember(folder, one.model_copy(update={"prints": now[: len(one.prints)]}))
            yield f"{place}: {left.gone} lessons stood on it alone and are gone, {left.changed} stand on fewer runs"
            return
        signing = key or (Path(one.key) if one.key and Path(one.key).exists() else None)
        own_lessons = Path(one.lessons) if one.lessons and Path(one.lessons).is_dir() else None
        said = _again(folder, Target(one.repo, folder=place), drawn, Choice(one.organisation, own_lessons, signing))
        unsigned = " without its signature, whose key is not there" if one.key and not signing else ""
        yield f"{place} {said}{unsigned}; sets that were merged from it: `agenther forget MERGED ID`"
    except AgentHERError as error:
        yield f"warning: {place} may hold it still: {error}"

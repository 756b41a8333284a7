"""Object storage, by the URLs that fsspec knows (s3://, gs://, az://, sftp://): logs from there, datasets to there.

What a kind of storage takes is installed by who has it (`pip install s3fs`), and keys are looked for where that looks
for them. Names of other people that can be no name of a file here are refused.
"""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from agenther.errors import AgentHERError, StoreError
from agenther.files import PART, usable, writing

AT_ONCE = 500
"""Files that are asked for together; what came before stays, should this be stopped."""
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


def is_stored(place: str | Path) -> bool:
    """Is this a URL, and no path of this machine? Also where a path was made of it."""
    return bool(_URL.match(str(place))) and not Path(place).exists()


def is_web(place: str) -> bool:
    """Is this the address of a page, which names its files as it likes?"""
    return place.lower().startswith(("http://", "https://"))


def fetch(url: str, cache: Path) -> Path:
    """What lies at `url` now, in a folder below the cache folder, or as a file there. Only what changed is fetched.

    Raises StoreError for what cannot be reached, holds nothing, or has names that no file can have.
    """
    home = cache / hashlib.sha256(url.encode()).hexdigest()[:16]
    known = home / "stamps.json"
    with _reached(url) as (storage, root), _alone(home):
        infos: dict[str, Any] = storage.find(root, detail=True)
        if not infos:
            raise StoreError(url, "holds nothing")
        is_file = [*infos] == [root]
        names = {path: _name(url, Path(root).name if is_file else path.removeprefix(root)) for path in infos}
        stamps = {names[path]: _stamp(info) for path, info in infos.items()}
        before = json.loads(known.read_bytes()) if known.exists() else {}
        folder = home / "logs"
        have = {name: stamp for name, stamp in stamps.items() if before.get(name) == stamp}
        _remove(folder, have)
        wanted = iter([path for path, name in names.items() if not (folder / name).exists()])
        while some := list(islice(wanted, AT_ONCE)):
            parts = [folder / f"{names[path]}{PART}" for path in some]
            for one in parts:
                one.parent.mkdir(parents=True, exist_ok=True)
            storage.get(some, [str(one) for one in parts])
            for one in parts:
                one.replace(one.with_name(one.name.removesuffix(PART)))
            have |= {names[path]: stamps[names[path]] for path in some}
            with writing(known) as (file,):
                file.write(json.dumps(have).encode())
        return folder / names[root] if is_file else folder


def send(folder: Path, note: str, url: str) -> None:
    """The files of a folder that its `note` names under "files", and the note as the last of them, to `url`.

    What the note there names, and this one does not, is removed there. Raises StoreError where something else lies.
    Until all is there, a second note names all that may be, so that what was stopped is carried on with.
    """
    with usable(folder):
        names = json.loads((folder / note).read_bytes())["files"]
    with _reached(url) as (storage, root):
        place = f"{root.rstrip('/')}/"
        notes = [one for one in (note, f"{note}{PART}") if storage.exists(place + one)]
        before = {name for one in notes for name in json.loads(storage.cat_file(place + one))["files"]}
        if not notes and storage.find(root):
            raise StoreError(url, "holds something else than datasets of agenther; choose another place")
        gone = [place + _name(url, name) for name in sorted(before.difference(names))]
        all_of_them = json.dumps({"files": sorted(before.union(names))})
        storage.pipe_file(f"{place}{note}{PART}", all_of_them.encode())
        for some in (sorted(names), [note]):
            storage.put([str(folder / name) for name in some], [place + name for name in some])
        storage.rm([one for one in gone if storage.exists(one)] + [f"{place}{note}{PART}"])


@contextmanager
def _reached(url: str) -> Iterator[tuple[Any, str]]:
    """(the file system at a URL, the path in it)."""
    if is_web(url):
        raise StoreError(url, "is a web address, and no object storage")
    try:
        import fsspec  # noqa: PLC0415 - few have their logs there

        storage, root = fsspec.url_to_fs(url)
        storage.invalidate_cache()
        yield storage, root
    except AgentHERError:
        raise
    except Exception as error:
        raise StoreError(url, f"cannot be used: {' '.join(str(error).split()) or type(error).__name__}") from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Waits for other processes that fetch the same."""
    with usable(home):
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "lock").open("wb")
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _name(url: str, path: str) -> str:
    """A path below the folder. Raises StoreError for one that leads elsewhere."""
    name = path.removeprefix("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in name.split("/")):
        raise StoreError(url, f"holds {path!r}, which can be no file here")
    return name


def _stamp(info: dict[str, Any]) -> str:
    """Is another one when the file has changed, as far as the storage tells."""
    return hashlib.sha256(json.dumps(info, sort_keys=True, default=str).encode()).hexdigest()


def _remove(folder: Path, kept: Iterable[str]) -> None:
    """All files but these."""
    stay = {folder / name for name in kept}
    for path in folder.rglob("*"):
        if path.is_file() and path not in stay:
            path.unlink()

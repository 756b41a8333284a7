"""The logs of a dataset repository on the Hub, as they are at one commit, to a folder."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from agenther.errors import HubError, StoreError
from agenther.files import PART, part, usable
from agenther.hub.client import DATASET, PATIENCE, Connection, Patience, connected

ADDRESS = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)(?:@(\w[^/@?#]*))?/?", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
LOGS = tuple("*.json* *.ndjson* *.htm* *.txt* *.log* *.csv* *.tsv* *.parquet *.traj *.eval".split())
"""What logs are kept in; everything else in a repository is left there."""


def is_on_hub(logs: str) -> bool:
    """Does this argument mean a dataset on the Hub, and not a path?"""
    return logs.startswith("hf://")


def pull(
    address: str,
    folder: Path,
    *,
    wanted: tuple[str, ...] = LOGS,
    token: str | None = None,
    endpoint: str | None = None,
    patience: Patience = PATIENCE,
) -> Path:
    """The folder of the logs in `hf://datasets/OWNER/NAME[@revision]`, below the cache folder `folder`, which is
    another one where something else is `wanted` of it.

    A commit is downloaded once; later, and for a revision given as a commit without asking the Hub at all, the
    folder is given as it is. It is there whole or not at all. Raises HubError.
    """
    match = ADDRESS.fullmatch(address)
    if not match:
        raise HubError(address, "is no address of a dataset; it has the form hf://datasets/OWNER/NAME[@REVISION]")
    repo, revision = match[1], unquote(match[2]) if match[2] else None
    home = folder / repo.replace("/", "--")
    if revision and COMMIT.fullmatch(revision) and (home / revision).is_dir():
        return home / revision
    with usable(folder), connected(repo, token, endpoint, patience) as hub:
        commit = hub.do(lambda api: api.dataset_info(repo, revision=revision)).sha or ""
        if not COMMIT.fullmatch(commit):
            raise HubError(repo, "holds nothing yet")
        target = home / commit
        if not target.is_dir():
            home.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=home, suffix=PART) as work:
                files = _download(hub, commit, Path(work) / "files", wanted)
                if not target.is_dir():  # another process may have been faster
                    files.replace(target)
    return target


def copy(
    address: str,
    cache: Path,
    folder: Path,
    *,
    wanted: tuple[str, ...] = LOGS,
    check: Callable[[Path], object] = bool,
    endpoint: str | None = None,
) -> int:
    """The logs of `address` into a new or empty folder, whole or not at all. How many files. Raises as `pull` does, and
    what `check` raises of the files as they came.
    """
    with usable(folder):
        if folder.exists() and any(folder.iterdir()):
            raise StoreError(folder, "is not empty; choose another folder")
        found = pull(address, cache, wanted=wanted, endpoint=endpoint)
        check(found)
        draft = part(folder)
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(found, draft)
        draft.replace(folder)
        return sum(path.is_file() for path in folder.rglob("*"))


def _download(hub: Connection, commit: str, folder: Path, wanted: tuple[str, ...]) -> Path:
    hub.do(
        lambda api: api.snapshot_download(
            hub.repo, repo_type=DATASET, revision=commit, local_dir=folder, allow_patterns=list(wanted)
        )
    )
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # what huggingface_hub notes for itself
    if not folder.is_dir() or not any(folder.iterdir()):
        raise HubError(hub.repo, f"holds no {'logs' if wanted == LOGS else 'set'}, that is no {', '.join(wanted)}")
    return folder

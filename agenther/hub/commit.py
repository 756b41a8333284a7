"""A tree to a dataset repository on the Hub: in one commit or none at all, and never over somebody else's."""

# ruff: noqa: PLC0415 - huggingface_hub costs time to import

import hashlib
import re
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from agenther import __version__
from agenther.address import shown
from agenther.errors import HubError
from agenther.hub.card import card, stale
from agenther.hub.client import DATASET, PATIENCE, RACE, Connection, Patience, connected
from agenther.hub.tree import Published, Tree, write
from agenther.packagers.index import README

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Pushed(NamedTuple):
    """What a push came to."""

    url: str
    commit: str
    """The commit that holds the tree; the one that was there before, when it held the same already."""
    changed: bool
    made: Published


class State(NamedTuple):
    """A repository, as it is at one commit."""

    head: str | None
    private: bool
    files: dict[str, "RepoFile"]


def push(  # noqa: PLR0913 - each is a choice of the user's
    tree: Tree,
    repo: str,
    *,
    private: bool = True,
    tag: str | None = None,
    token: str | None = None,
    endpoint: str | None = None,
    patience: Patience = PATIENCE,
) -> Pushed:
    """Makes the dataset repository `repo` hold the tree, in one commit or none at all, and makes the tag.

    Files of an earlier push that the tree does without are deleted in the same commit; a repository that holds the
    same already gets none. Raises HubError when it cannot be done: token, rights, name, network, or somebody
    else's commit in between. Raises StoreError when the run folder cannot be read.
    """
    if not NAME.fullmatch(repo):
        raise HubError(repo, "is no name of a dataset; it has the form OWNER/NAME")
    with TemporaryDirectory(prefix="agenther-") as work, connected(repo, token, endpoint, patience) as hub:
        folder = Path(work) / "tree"
        made = write(tree, folder, repo)  # before anything is asked of the Hub: cleaning a row may stop it all
        hub.do(lambda api: api.create_repo(repo, repo_type=DATASET, private=private, exist_ok=True))
        before = hub.do(lambda api: _state(api, repo))
        if before.private != private:
            _refuse_visibility(repo, private=before.private)
        old = hub.do(lambda api: _card(api, repo, before, Path(work) / "before"))
        (folder / README).write_text(card(repo, made.rows, tree.facts, old), "utf-8", newline="")
        change = Change(folder, made, old)
        if tag:
            _check_tag(hub, tag, before, change)
        commit = hub.do(lambda api: _commit(api, repo, before, change))
        if tag:
            hub.do(lambda api: _tag(api, repo, tag, commit))
        return Pushed(f"{shown(hub.api.endpoint)}/datasets/{repo}", commit, commit != before.head, made)


class Change(NamedTuple):
    """What is to become of a repository."""

    folder: Path
    """Holds the new tree and nothing else."""
    made: Published
    card_before: str

    def to(self, state: State) -> tuple[list[str], list[str]]:
        """The paths to add and those to delete."""
        new = self.made.paths
        added = [path for path in new if not _is_same(self.folder / path, state.files.get(path))]
        return added, stale(self.card_before, self.made.rows, set(state.files), set(new))


def _state(api: "HfApi", repo: str) -> State:
    from huggingface_hub.hf_api import RepoFile

    info = api.dataset_info(repo)
    tree = api.list_repo_tree(repo, recursive=True, revision=info.sha, repo_type=DATASET) if info.sha else ()
    files = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    return State(info.sha, bool(info.private), files)


def _refuse_visibility(repo: str, *, private: bool) -> None:
    if private:
        raise HubError(repo, "is private; push with --private, or make it public in its settings on the Hub first")
    raise HubError(repo, "is public; push with --public if all of this may be seen by everybody")


def _card(api: "HfApi", repo: str, state: State, folder: Path) -> str:
    if README not in state.files:
        return ""
    path = api.hf_hub_download(repo, README, repo_type=DATASET, revision=state.head, local_dir=folder)
    return Path(path).read_bytes().decode("utf-8", "replace")


def _is_same(path: Path, remote: "RepoFile | None") -> bool:
    """Large files are known by the sha256 of their content, others by git's hash."""
    if remote is None or remote.size != path.stat().st_size:
        return False
    digest = hashlib.sha256() if remote.lfs else hashlib.sha1(b"blob %d\0" % remote.size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == (remote.lfs.sha256 if remote.lfs else remote.blob_id)


def _commit(api: "HfApi", repo: str, before: State, change: Change) -> str:
    """The commit that holds the tree.

    Called again after a failure: the commit may have been made although the answer was lost, so that the repository
    is looked at first.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    now = _state(api, repo)
    added, deleted = change.to(now)
    if now.head and not added and not deleted:
        return now.head
    if now.head != before.head:
        raise HubError(repo, RACE)
    with ExitStack() as opened:
        # Open files and not paths: these go over plain HTTP, which every Hub speaks, and which tells what failed.
        new = [(path, opened.enter_context((change.folder / path).open("rb"))) for path in added]
        made = api.create_commit(
            repo,
            [
                *(CommitOperationAdd(path, file) for path, file in new),
                *(CommitOperationDelete(path) for path in deleted),
            ],
            commit_message=f"{sum(file.rows for file in change.made.rows)} rows by agenther {__version__}",
            repo_type=DATASET,
            parent_commit=now.head,
        )
    return made.oid


def _check_tag(hub: Connection, tag: str, before: State, change: Change) -> None:
    """Before anything is written: a tag that exists names one commit for ever."""
    taken = hub.do(lambda api: _tags(api, hub.repo)).get(tag)
    if taken and (taken != before.head or any(change.to(before))):
        raise HubError(hub.repo, f"has a tag {tag} already, of {taken[:10]}; choose another --tag, nothing was written")


def _tag(api: "HfApi", repo: str, tag: str, commit: str) -> None:
    if _tags(api, repo).get(tag) != commit:
        api.create_tag(repo, tag=tag, revision=commit, repo_type=DATASET)


def _tags(api: "HfApi", repo: str) -> dict[str, str]:
    return {ref.name: ref.target_commit for ref in api.list_repo_refs(repo, repo_type=DATASET).tags}

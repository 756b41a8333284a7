"""Pushing over real HTTP: one commit or none, whatever happens on the way."""

import json
import logging
import time
from email.utils import formatdate

import pytest
from fake_hub import TOKEN, FakeHub, after, breaks, goes_on, loses_the_answer, status
from run_folder import a_folder, rows

from agenther import __version__
from agenther.errors import HubError, StoreError
from agenther.hub import plan, push, write
from agenther.hub.client import Patience

QUICK = Patience(attempts=3, pause=0.01)
BIG = 200_000
OLD = {
    "sft/train": "sft/train-00000-of-00001.jsonl",
    "sft/test": "sft/test-00000-of-00001.jsonl",
    "kto/train": "kto/train-00000-of-00001.jsonl",
}


@pytest.fixture
def hub():
    with FakeHub(lfs_from=BIG) as hub:
        yield hub


@pytest.fixture
def run(tmp_path):
    return a_folder(tmp_path / "run")


def pushed(hub, run, repo="me/data", **changes):
    changes = {"token": TOKEN, "patience": QUICK, **changes}
    return push(plan(run, **changes.pop("plan", {})), repo, endpoint=hub.url, **changes)


def ids(content):
    return [json.loads(line)["id"] for line in content.splitlines()]


def big_rows():
    return rows(3, text="x" * BIG)


# --- refusals: nothing is written


@pytest.mark.parametrize(
    ("repo", "changes", "words"),
    [
        pytest.param("data", {}, "OWNER/NAME", id="no owner"),
        pytest.param("me/a/b", {}, "OWNER/NAME", id="two slashes"),
        pytest.param("me/data", {"token": "hf_wrong"}, "set HF_TOKEN", id="401: token unknown"),
        pytest.param("others/data", {}, "right to write", id="403: not ours"),
        pytest.param("nobody/data", {}, "no such", id="404: no such namespace"),
    ],
)
def test_refused(hub, run, repo, changes, words):
    with pytest.raises(HubError, match=words) as error:
        pushed(hub, run, repo, **changes)
    assert str(error.value).startswith(f"{repo}: ")
    assert TOKEN not in str(error.value)
    assert not hub.repos


@pytest.mark.parametrize(("is_private", "asked"), [(True, False), (False, True)])
def test_a_repository_of_other_visibility_is_refused(hub, run, is_private, asked):
    repo = hub.repo("me/data", private=is_private)
    with pytest.raises(HubError, match="is private" if is_private else "is public"):
        pushed(hub, run, private=asked)
    assert len(repo.commits) == 1


@pytest.mark.parametrize("code", [409, 412])
def test_a_lost_race_is_refused(hub, run, code):
    hub.faults["commit"] = [status(code, "A commit has happened since.")]
    with pytest.raises(HubError, match=r"somebody else changed it.*nothing was written"):
        pushed(hub, run)
    assert [commit.message for commit in hub.repos["me/data"].commits] == ["initial commit"]


@pytest.mark.parametrize("moment", ["commit", "preupload"])
def test_somebody_else_commits_in_between(hub, run, moment):
    repo = hub.repo("me/data")
    hub.faults[moment] = [after(lambda: repo.commit("theirs", {"theirs.txt": b"1"}))]
    with pytest.raises(HubError, match="somebody else"):
        pushed(hub, run)
    assert repo.head.files == {"theirs.txt": b"1"}


def test_somebody_else_commits_while_a_failure_is_waited_out(hub, run):
    repo = hub.repo("me/data")

    def theirs():
        repo.commit("theirs", {"theirs.txt": b"1"})

    hub.faults["commit"] = [status(503), goes_on]
    hub.faults["info"] = [goes_on, goes_on, after(theirs)]
    with pytest.raises(HubError, match="somebody else"):
        pushed(hub, run)
    assert repo.head.files == {"theirs.txt": b"1"}


def test_a_row_that_cannot_be_cleaned_stops_everything(hub, run):
    def clean(row):
        if row.get("id") == "kto-7":
            raise StoreError(run, "a secret that cannot be redacted")
        return row

    with pytest.raises(StoreError, match="cannot be redacted"):
        pushed(hub, run, plan={"clean": clean})
    assert not hub.asked


def test_a_card_that_is_not_yaml_is_not_overwritten(hub, run):
    repo = hub.repo("me/data", {"README.md": b"---\ntags: [\n---\nMine.\n"})
    with pytest.raises(HubError, match="front matter"):
        pushed(hub, run)
    assert len(repo.commits) == 1


def test_a_hub_that_stays_down(hub, run):
    hub.faults["info"] = [status(503, "Maintenance")] * 9
    with pytest.raises(HubError, match=r"answers 503 \(it says: Maintenance\)"):
        pushed(hub, run)
    assert hub.asked.count("info") == QUICK.attempts


def test_no_hub_at_all(run):
    with FakeHub() as gone:
        pass
    with pytest.raises(HubError, match="cannot be reached"):
        pushed(gone, run, patience=Patience(attempts=2, pause=0.01))


# --- what is written


def test_one_commit_with_the_same_tree_as_a_dry_run(hub, run, tmp_path):
    done = pushed(hub, run)
    repo = hub.repos["me/data"]
    assert repo.private
    assert [commit.message for commit in repo.commits] == ["initial commit", f"13 rows by agenther {__version__}"]
    assert done[:3] == (f"{hub.url}/datasets/me/data", repo.head.oid, True)
    write(plan(run), tmp_path / "dry", "me/data")
    dry = {p.relative_to(tmp_path / "dry").as_posix(): p.read_bytes() for p in (tmp_path / "dry").rglob("*.*")}
    assert set(dry) == {"README.md", *OLD.values()}
    assert repo.head.files == {".gitattributes": b"*.parquet filter=lfs\n", **dry}


def test_public(hub, run):
    pushed(hub, run, private=False)
    assert not hub.repos["me/data"].private


def test_nothing_of_the_machine_leaves(hub, run, tmp_path):
    pushed(hub, run)
    everything = b"".join(hub.repos["me/data"].head.files.values())
    assert str(tmp_path).encode() not in everything
    assert b"trajectory" not in everything


def test_the_same_again_is_no_commit(hub, tmp_path):
    run = a_folder(tmp_path / "run", {"sft/train": big_rows(), "sft/test": rows(1)})
    first = pushed(hub, run)
    uploads = hub.asked.count("put")
    again = pushed(hub, run)
    assert (again.commit, again.changed) == (first.commit, False)
    assert len(hub.repos["me/data"].commits) == 2
    assert hub.asked.count("put") == uploads == 1


def test_only_what_changed_is_sent(hub, run, tmp_path):
    pushed(hub, run)
    other = a_folder(
        tmp_path / "other", {"sft/train": rows(4), "sft/test": rows(2, "new"), "kto/train": rows(8, "kto")}
    )
    pushed(hub, other)
    files = hub.repos["me/data"].head.files
    assert ids(files[OLD["sft/test"]]) == ["new-0", "new-1"]
    assert len(hub.repos["me/data"].commits) == 3


def test_stale_files_go_in_the_same_commit_and_others_stay(hub, tmp_path):
    many = {"sft/train": rows(9), "kto/train": rows(3)}
    pushed(hub, a_folder(tmp_path / "many", many), plan={"shard": 300})
    repo = hub.repos["me/data"]
    shards = [path for path in repo.head.files if path.startswith("sft/train-")]
    assert len(shards) == 3
    assert ids(b"".join(repo.head.files[path] for path in sorted(shards))) == [f"row-{n}" for n in range(9)]
    mine = {"picture.png": b"png", "mine/train-00000-of-00001.jsonl": b"{}\n", "sft/notes.txt": b"note"}
    repo.commit("mine", {**repo.head.files, **mine})
    pushed(hub, a_folder(tmp_path / "few", {"sft/train": rows(2)}))
    assert len(repo.commits) == 4
    assert set(repo.head.files) == {".gitattributes", "README.md", OLD["sft/train"], *mine}


def test_files_that_a_config_would_load_along_go_even_if_no_card_names_them(hub, run):
    repo = hub.repo("me/data", {"sft/train-00007-of-00009.jsonl": b"{}\n"})
    pushed(hub, run)
    assert set(repo.head.files) == {".gitattributes", "README.md", *OLD.values()}


# --- large files


@pytest.mark.parametrize("part", [None, BIG], ids=["in one piece", "in parts"])
def test_large_files(tmp_path, part):
    run = a_folder(tmp_path / "run", {"sft/train": big_rows(), "sft/test": rows(1)})
    with FakeHub(lfs_from=BIG, part=part) as hub:
        pushed(hub, run)
    head = hub.repos["me/data"].head
    assert head.large == {OLD["sft/train"]}
    assert ids(head.files[OLD["sft/train"]]) == ["row-0", "row-1", "row-2"]
    assert hub.asked.count("put") == (4 if part else 1)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(breaks, id="the connection breaks"),
        pytest.param(status(500), id="500"),
        pytest.param(status(400, "BadDigest"), id="it arrived damaged"),
        pytest.param(status(403, "Request has expired"), id="the place to put it has expired"),
    ],
)
def test_a_broken_upload_begins_again(hub, tmp_path, fault):
    run = a_folder(tmp_path / "run", {"sft/train": big_rows(), "kto/train": big_rows()[:2]})
    hub.faults["put"] = [fault]
    pushed(hub, run)
    head = hub.repos["me/data"].head
    assert ids(head.files[OLD["sft/train"]]) == ["row-0", "row-1", "row-2"]
    assert ids(head.files[OLD["kto/train"]]) == ["row-0", "row-1"]
    assert len(hub.repos["me/data"].commits) == 2


def test_an_upload_that_stays_broken_commits_nothing(hub, tmp_path):
    hub.faults["put"] = [status(400, "BadDigest")] * 9
    with pytest.raises(HubError, match=r"sft/train-00000-of-00001.jsonl.*400 \(it says: BadDigest\)"):
        pushed(hub, a_folder(tmp_path / "run", {"sft/train": big_rows()}))
    assert len(hub.repos["me/data"].commits) == 1


# --- patience


@pytest.mark.parametrize("where", ["create", "info", "tree", "resolve", "validate", "commit", "refs", "tag"])
@pytest.mark.parametrize("fault", [status(429, Retry_After="0"), status(502), breaks], ids=["429", "502", "broken"])
def test_what_passes_is_waited_out(hub, run, where, fault):
    hub.repo("me/data", {"README.md": b"Mine.\n"})
    hub.faults[where] = [fault, fault]
    pushed(hub, run, tag="v1")
    assert not hub.faults[where]
    assert len(hub.repos["me/data"].commits) == 2
    assert hub.repos["me/data"].tags == {"v1": hub.repos["me/data"].head.oid}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(lambda: {"Retry_After": "1"}, id="seconds"),
        pytest.param(lambda: {"Retry_After": formatdate(time.time() + 2, usegmt=True)}, id="date"),
        pytest.param(lambda: {"RateLimit": '"api";r=0;t=1'}, id="the Hub's own header"),
    ],
)
def test_the_wait_is_the_one_that_is_asked_for(hub, run, headers):
    hub.faults["create"] = [status(429, **headers())]
    start = time.monotonic()
    pushed(hub, run)
    assert 0.9 < time.monotonic() - start < 5


def test_a_wait_that_is_too_long_is_cut(hub, run):
    hub.faults["create"] = [status(429, Retry_After="86400")]
    pushed(hub, run, patience=Patience(attempts=2, pause=0.01, longest=0.1))
    assert len(hub.repos["me/data"].commits) == 2


def test_a_commit_whose_answer_is_lost_is_made_once(hub, run):
    hub.faults["commit"] = [loses_the_answer]
    done = pushed(hub, run)
    repo = hub.repos["me/data"]
    assert len(repo.commits) == 2
    assert (done.commit, done.changed) == (repo.head.oid, True)


# --- tags


def test_a_tag_names_the_commit_and_may_be_given_again(hub, run):
    done = pushed(hub, run, tag="v1")
    assert hub.repos["me/data"].tags == {"v1": done.commit}
    assert pushed(hub, run, tag="v1").commit == done.commit
    assert hub.asked.count("tag") == 1


def test_a_tag_of_another_commit_is_refused_before_anything_is_written(hub, run, tmp_path):
    pushed(hub, run, tag="v1")
    with pytest.raises(HubError, match="has a tag v1 already"):
        pushed(hub, a_folder(tmp_path / "other", {"sft/train": rows(1)}), tag="v1")
    assert len(hub.repos["me/data"].commits) == 2


def test_words_of_others_stay_off_the_screen(hub, run, capfd):
    said = []
    listener = logging.Handler()
    listener.emit = said.append
    logging.getLogger("huggingface_hub").addHandler(listener)
    hub.faults["preupload"] = [status(503)]
    pushed(hub, run)
    logging.getLogger("huggingface_hub").removeHandler(listener)
    assert not said
    assert capfd.readouterr() == ("", "")

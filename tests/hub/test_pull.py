"""Pulling over real HTTP: a folder of logs, whole or not there, and no more requests than needed."""

import pytest
from fake_hub import TOKEN, FakeHub, breaks, status

from agenther.errors import HubError
from agenther.hub import is_on_hub, pull
from agenther.hub.client import Patience

QUICK = Patience(attempts=3, pause=0.01)
LOGS = {"runs/a.jsonl": b'{"a": 1}\n', "runs/deep/b.json": b"{}", "render_1.html": b"<p>", "log_files.txt": b"a\n"}
LOGS |= {"data/x.parquet": b"PAR1", "runs/c.jsonl.zst": b"\x28\xb5\x2f\xfd", "runs/d.csv.gz": b"\x1f\x8b"}
OTHERS = {"README.md": b"# Logs\n", "picture.png": b"png"}
ADDRESS = "hf://datasets/others/logs"


@pytest.fixture
def hub():
    with FakeHub() as hub:
        hub.repo("others/logs", {**LOGS, **OTHERS})
        yield hub


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


def pulled(hub, folder, address=ADDRESS, **changes):
    return pull(address, folder, endpoint=hub.url, **{"token": TOKEN, "patience": QUICK, **changes})


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("hf://models/me/x", "hf://datasets/OWNER/NAME", id="a model"),
        pytest.param("hf://datasets/logs", "hf://datasets/OWNER/NAME", id="no owner"),
        pytest.param("hf://datasets/others/logs/runs", "hf://datasets/OWNER/NAME", id="a path"),
        pytest.param("hf://datasets/others/none", "no such dataset", id="no such repository"),
        pytest.param("hf://datasets/others/logs@..", "hf://datasets/OWNER/NAME", id="no such revision"),
        pytest.param("hf://datasets/others/logs@..", "hf://datasets/OWNER/NAME", id="no way out of the folder"),
        pytest.param("hf://datasets/me/empty", "holds no logs", id="no logs"),
    ],
)
def test_refused(hub, folder, address, words):
    hub.repo("me/empty", OTHERS)
    with pytest.raises(HubError, match=words):
        pulled(hub, folder, address)
    assert not files(folder)


def test_a_token_that_is_not_known(hub, folder):
    with pytest.raises(HubError, match="set HF_TOKEN"):
        pulled(hub, folder, token="hf_wrong")
    assert not files(folder)


def test_the_logs_and_nothing_else(hub, folder):
    found = pulled(hub, folder)
    assert found == folder / "others--logs" / hub.repos["others/logs"].head.oid
    assert files(folder) == {f"{found.relative_to(folder)}/{name}": content for name, content in LOGS.items()}


def test_a_commit_is_downloaded_once(hub, folder):
    found = pulled(hub, folder)
    hub.asked.clear()
    assert pulled(hub, folder) == found
    assert hub.asked == ["info"]
    hub.asked.clear()
    assert pulled(hub, folder, f"{ADDRESS}@{found.name}") == found
    assert hub.asked == []


def test_no_way_out_of_the_folder_by_a_commit_that_is_there(hub, folder):
    found = pulled(hub, folder)
    with pytest.raises(HubError, match="no such dataset"):
        pulled(hub, folder, f"{ADDRESS}@{found.name}%2F..")


def test_a_revision(hub, folder):
    repo = hub.repos["others/logs"]
    repo.tags["v1"] = repo.head.oid
    repo.commit("more", {**LOGS, "more.jsonl": b"{}\n"})
    assert set(files(pulled(hub, folder, f"{ADDRESS}@v1"))) == set(LOGS)
    assert set(files(pulled(hub, folder))) == {*LOGS, "more.jsonl"}
    assert pulled(hub, folder, f"{ADDRESS}@{repo.tags['v1']}").name == repo.tags["v1"]


@pytest.mark.parametrize("where", ["info", "tree", "resolve"])
@pytest.mark.parametrize("fault", [status(429, Retry_After="0"), status(503), breaks], ids=["429", "503", "broken"])
def test_what_passes_is_waited_out(hub, folder, where, fault):
    hub.faults[where] = [fault, fault]
    assert files(pulled(hub, folder)) == LOGS


def test_what_does_not_pass_leaves_nothing_behind(hub, folder):
    hub.faults["resolve"] = [status(403, "Forbidden")] * 99
    with pytest.raises(HubError, match="the token may not do this"):
        pulled(hub, folder)
    assert not files(folder)


def test_addresses_are_told_from_paths():
    assert is_on_hub("hf://datasets/a/b")
    assert not is_on_hub("logs/hf")

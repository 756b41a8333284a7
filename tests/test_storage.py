"""Logs are read from object storage, and datasets go there; of other people's names none leads out of a folder."""

import shutil
from pathlib import Path

import fsspec
import pytest
from folders import content, write_logs

from agenther import package, read, run, storage
from agenther.errors import AgentHERError, HubError, StoreError
from agenther.storage import fetch, is_stored, send

BUCKET = "memory://bucket/logs"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


@pytest.fixture
def logs(tmp_path):
    write_logs(tmp_path / "logs", range(3))
    write_logs(tmp_path / "logs/more", [7], "é.jsonl")
    return stored(tmp_path / "logs")


@pytest.fixture
def good(tmp_path):
    """Logs that samples come of."""
    shutil.copytree(Path(__file__).parents[1] / "data/toolbench", tmp_path / "good")
    return stored(tmp_path / "good")


def stored(folder):
    fsspec.filesystem("memory").put(f"{folder}/", "/bucket/logs/", recursive=True)
    return folder


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        ("s3://bucket/logs", True),
        ("gs://bucket", True),
        ("abfs+x://b", True),
        ("s3:/bucket/logs", True),
        ("logs", False),
        ("/logs", False),
        ("./a:/b", False),
        ("C", False),
        ("", False),
    ],
)
def test_what_is_a_url(place, is_one):
    assert is_stored(place) is is_one


@pytest.mark.parametrize("url", ["memory://nothing/here", "nosuch://bucket/a", "file:///nonexistent/logs"])
def test_what_cannot_be_reached_is_one_line(tmp_path, url):
    for call in (lambda: list(read(url)), lambda: run(url, tmp_path / "out")):
        with pytest.raises(StoreError, match="^" + url.split(":")[0]) as error:
            call()
        assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../../evil.jsonl", "a/../../evil.jsonl", "a//b.jsonl", "a/./b.jsonl"])
def test_names_that_lead_elsewhere_are_refused(cache, name):
    memory = fsspec.filesystem("memory")
    memory.store[f"/bucket/logs/{name}"] = fsspec.implementations.memory.MemoryFile(memory, name, b"{}")
    with pytest.raises(StoreError, match="can be no file"):
        fetch(BUCKET, cache)
    assert not list(cache.rglob("*.jsonl"))


def test_a_run_folder_lies_here(logs):
    with pytest.raises(AgentHERError, match="--to URL"):
        run(logs, "s3://bucket/run")
    with pytest.raises(HubError, match="no address of a dataset"):
        read("hf://me/logs")


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_logs_there_come_to_what_logs_here_come_to(tmp_path, good, scheme):
    run(good, tmp_path / "here")
    run(BUCKET if scheme == "memory" else good.as_uri(), tmp_path / "there")
    mine, theirs = content(tmp_path / "here"), content(tmp_path / "there")
    assert mine.pop("inputs.jsonl") != theirs.pop("inputs.jsonl"), "files are known by where they lie"
    assert mine == theirs
    assert mine["samples.jsonl"]


def test_one_file_is_read_too(logs):
    assert [one.source.path for one in read(f"{BUCKET}/runs.jsonl")] == ["runs.jsonl"] * 3


def test_only_what_changed_is_fetched_again(cache, logs, monkeypatch):
    memory = fsspec.filesystem("memory")
    folder = fetch(BUCKET, cache)
    asked = []
    get = type(memory).get
    monkeypatch.setattr(type(memory), "get", lambda self, paths, *more: (asked.extend(paths), get(self, paths, *more)))
    assert fetch(BUCKET, cache) == folder
    assert asked == []
    memory.rm("/bucket/logs/more/é.jsonl")
    memory.pipe("/bucket/logs/new.json", b"{}")
    memory.pipe("/bucket/logs/runs.jsonl", (logs / "runs.jsonl").read_bytes().replace(b"lamp 1", b"lamp 2"))
    (folder / "half.json.part").write_text("x")
    fetch(BUCKET, cache)
    assert sorted(asked) == ["/bucket/logs/new.json", "/bucket/logs/runs.jsonl"]
    assert sorted(content(folder)) == ["new.json", "runs.jsonl"]
    assert b"lamp 1" not in (folder / "runs.jsonl").read_bytes()


def test_what_came_before_a_stop_stays(cache, logs, monkeypatch):
    memory = fsspec.filesystem("memory")
    monkeypatch.setattr(storage, "AT_ONCE", 1)
    get, asked = type(memory).get, []

    def failing(self, paths, *more):
        asked.extend(paths)
        if len(asked) == 2:
            raise OSError(5, "the line is cut")
        get(self, paths, *more)

    monkeypatch.setattr(type(memory), "get", failing)
    with pytest.raises(StoreError, match="the line is cut"):
        fetch(BUCKET, cache)
    fetch(BUCKET, cache)
    assert len(asked) == 3
    assert sorted(content(fetch(BUCKET, cache))) == ["more/é.jsonl", "runs.jsonl"]


def test_datasets_go_there_and_take_the_place_of_those_before(tmp_path, good):
    run(good, tmp_path / "out")
    memory = fsspec.filesystem("memory")
    package(tmp_path / "out", ("sft", "kto"), to="memory://bucket/data")
    memory.pipe("/bucket/data/own.txt", b"mine")
    package(tmp_path / "out", "sft", to="memory://bucket/data")
    there = {path.removeprefix("/bucket/data/"): memory.cat_file(path) for path in memory.find("/bucket/data")}
    assert there.pop("own.txt") == b"mine"
    assert there == content(tmp_path / "out/dataset")
    assert any(name.startswith("sft/") for name in there)


def test_datasets_that_were_stopped_on_their_way_are_carried_on_with(tmp_path, good, monkeypatch):
    """Also where it is done otherwise the second time: nothing stays of what was under way."""
    run(good, tmp_path / "out")
    memory = fsspec.filesystem("memory")
    put = type(memory).put

    def failing(self, here, there):
        put(self, here[:-1], there[:-1])
        raise OSError(5, "the line is cut")

    with monkeypatch.context() as cut:
        cut.setattr(type(memory), "put", failing)
        with pytest.raises(StoreError, match="the line is cut"):
            package(tmp_path / "out", ("sft", "kto"), to="memory://bucket/data")
    assert memory.find("/bucket/data")
    package(tmp_path / "out", "sft", to="memory://bucket/data")
    there = {path.removeprefix("/bucket/data/"): memory.cat_file(path) for path in memory.find("/bucket/data")}
    assert there == content(tmp_path / "out/dataset")


def test_what_is_not_ours_there_stays(tmp_path, logs):
    run(logs, tmp_path / "out")
    with pytest.raises(StoreError, match="holds something else"):
        package(tmp_path / "out", to=BUCKET)
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/data/made_with.json", b'{"files": {"../logs/runs.jsonl": ""}}')
    with pytest.raises(StoreError, match="can be no file"):
        send(tmp_path / "out/dataset", "made_with.json", "memory://bucket/data")
    assert memory.exists("/bucket/logs/runs.jsonl")

import gzip
import json
from pathlib import Path

import pytest

from agenther.readers import packed
from agenther.readers.find import files, read
from agenther.readers.log import Log
from agenther.readers.packed import ZstdFile
from agenther.records import Rejection, Trajectory

RUN = {"trajectory_id": "t", "original_prompt": "g", "steps": [{"action": "a", "observation": "o"}]}
LINES = "".join(json.dumps({**RUN, "trajectory_id": str(n)}) + "\n" for n in range(2000)).encode()
PACKERS = {"gz": gzip.open, "zst": ZstdFile}


def pack(path: Path, raw: bytes) -> Path:
    with PACKERS[path.suffix[1:]](path, "wb") as file:
        file.write(raw)
    return path


def outcome(path: Path) -> list[str]:
    (log,) = files([path])
    assert isinstance(log, Log)
    found = list(read(log))
    assert all(isinstance(item, Trajectory | Rejection) for item in found)
    return [item.reason.value if isinstance(item, Rejection) else item.source.key for item in found]


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_logs(tmp_path: Path, kind: str):
    assert outcome(pack(tmp_path / f"a.jsonl.{kind}", LINES)) == list(map(str, range(2000)))
    assert outcome(pack(tmp_path / f"b.json.{kind}", json.dumps([RUN, RUN]).encode())) == ["t", "t"]
    header = b"original_prompt,trajectory_id,steps\n"
    row = b"g,t,\"[{'action': 'a'}]\"\n"
    assert outcome(pack(tmp_path / f"c.csv.{kind}", header + row)) == ["t"]


def test_known_by_its_bytes(tmp_path: Path):
    path = pack(tmp_path / "a.gz", LINES)
    assert len(outcome(path.rename(tmp_path / "a.jsonl"))) == 2000


@pytest.mark.parametrize("kind", PACKERS)
def test_whole_records_of_a_cut_file_are_kept(tmp_path: Path, kind: str):
    path = pack(tmp_path / f"a.jsonl.{kind}", LINES * 20)
    path.write_bytes(path.read_bytes()[:-200])
    *runs, last = outcome(path)
    assert len(runs) > 1000
    assert last == "unreadable"
    assert set(runs) - set(map(str, range(2000))) <= {"not-json"}


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize(
    "raw", [b"\0" * 10**7, LINES * 100, b'{"original_prompt": "' + b"a" * 10**7, b"[" * 10**7, b" " * 10**7], ids=len
)
def test_a_bomb_is_one_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, raw: bytes):
    monkeypatch.setattr(packed, "FREE_BYTES", 10**6)
    monkeypatch.setattr(packed, "MAX_RATIO", 10)
    (reason,) = outcome(pack(tmp_path / f"a.jsonl.{kind}", raw))
    assert reason in {"too-large", "unknown-format", "empty", "not-json", "encoding"}


def test_packed_twice(tmp_path: Path):
    assert outcome(pack(tmp_path / "a.jsonl.gz", gzip.compress(LINES))) == ["too-large"]
    assert outcome(pack(tmp_path / "b.jsonl.zst", gzip.compress(LINES))) == ["too-large"]


@pytest.mark.parametrize("raw", [b"\x1f\x8b", b"\x1f\x8b" + b"x" * 99, b"\x28\xb5\x2f\xfd", b"\x28\xb5" + b"x" * 99])
def test_damaged_from_the_start(tmp_path: Path, raw: bytes):
    (tmp_path / "a.jsonl.gz").write_bytes(raw)
    assert outcome(tmp_path / "a.jsonl.gz") == ["unreadable"]

"""Archives of inspect: their members are read one by one, within bounds."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenther.readers import inspect_ai
from agenther.readers.find import read
from agenther.readers.log import Folder, Log
from agenther.records import Reason, Rejection, Trajectory

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

CASES = Path(__file__).parents[1] / "cases/readers/inspect"
SAMPLE = json.loads((CASES / "samples/lamps.json").read_text("utf-8"))["samples"][0]
PACKINGS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_ZSTANDARD]


def archive(path: Path, members: dict[str, Any], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as made:
        for name, value in members.items():
            made.writestr(name, value if isinstance(value, str) else json.dumps(value))
    return path


def found(path: Path) -> list[Any]:
    return list(read(Log(path, path.name, Folder(path.parent))))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("header", ["header.json", "_journal/start.json"])
def test_samples_of_an_archive(tmp_path: Path, packing: int, header: str):
    members = {"samples/lamp_epoch_1.json": SAMPLE, "summaries.json": [], header: {"eval": {"task": "lamps"}}}
    (run,) = found(archive(tmp_path / "log.eval", members, packing))
    assert (run.source.format, run.source.key, run.benchmark, len(run.steps)) == ("inspect", "lamp/1", "lamps", 3)
    assert run.steps[0].observation == "the plug is out"


def test_a_bad_sample_costs_one_sample(tmp_path: Path):
    """NaN is none: it is read as null."""
    half = json.dumps(SAMPLE | {"scores": {"match": {"value": float("nan")}}})
    (run,) = found(archive(tmp_path / "nan.eval", {"samples/a_epoch_1.json": half}))
    assert (run.label.success, run.label.score) == (None, None)
    members = {"samples/a_epoch_1.json": "{", "samples/b_epoch_1.json": "[]", "samples/c_epoch_1.json": SAMPLE}
    assert [type(item) for item in found(archive(tmp_path / "log.eval", members))] == [Rejection, Rejection, Trajectory]


def test_an_archive_that_gives_too_much_is_one_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inspect_ai, "FREE_BYTES", 100_000)
    monkeypatch.setattr(inspect_ai, "MAX_LINE_BYTES", 90_000)
    zeros = "0" * 1_000_000
    (big,) = found(archive(tmp_path / "big.eval", {"samples/a_epoch_1.json": zeros}))
    assert (big.reason, big.key) == (Reason.TOO_LARGE, "samples/a_epoch_1.json")
    monkeypatch.setattr(inspect_ai, "MAX_RATIO", 1)
    *_, last = found(archive(tmp_path / "many.eval", {f"samples/{n}_epoch_1.json": zeros for n in range(5)}))
    assert (last.reason, last.key) == (Reason.TOO_LARGE, "")


def test_attachments_that_grow_too_large_are_one_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inspect_ai, "MAX_LINE_BYTES", 100_000)
    name = next(iter(SAMPLE["attachments"]))
    messages = [{"role": "user", "content": f"attachment://{name}" * 50}]
    sample = SAMPLE | {"attachments": {name: "x" * 10_000}, "messages": messages}
    (item,) = found(archive(tmp_path / "log.eval", {"samples/a_epoch_1.json": sample}))
    assert item.reason == Reason.TOO_LARGE


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_archives(tmp_path: Path, data: st.DataObject):
    packing = data.draw(st.sampled_from(PACKINGS))
    raw = bytearray(archive(tmp_path / "log.eval", {"samples/lamp_epoch_1.json": SAMPLE}, packing).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad.eval").write_bytes(raw[: data.draw(st.integers(4, len(raw)))])
    assert all(isinstance(item, Trajectory | Rejection) for item in found(tmp_path / "bad.eval"))

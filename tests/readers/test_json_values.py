"""A damaged value costs itself, and no text has to fit into memory."""

import io
import json
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenther.errors import ReadError
from agenther.readers import json_tape, json_values
from agenther.readers.json_values import parted, values
from agenther.records import Reason

BAD = "not-json"


@pytest.fixture(params=[64, json_tape.CHUNK], ids=["in chunks", "in one go"])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_tape, "CHUNK", request.param)


def found(raw: bytes, *, by_id: bool = False) -> list[object]:
    def is_one(start: list[object]) -> bool:
        return start[:1] == ["one"]

    got = values(io.BytesIO(raw), is_one, by_id=by_id)
    return [(line, key, value.reason.value if isinstance(value, ReadError) else value) for line, key, value in got]


def pretty(*records: object) -> bytes:
    return json.dumps(records, indent=2).encode()


RUN = {"id": 1, "steps": [{"id": 7, "args": {"id": "}]"}}, {"id": 8}]}
LOST = pretty(RUN, RUN, RUN).decode().split("\n")


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b'[{"a": 1}, {"a": oops}, {"a": 3}]', [{"a": 1}, BAD, {"a": 3}], id="a word in one"),
        pytest.param(b'[{"a": 1}, {"a": "\xff"}, {"a": 3}]', [{"a": 1}, "encoding", {"a": 3}], id="a byte in one"),
        pytest.param(b'[{"a": 1}, {"a": "\n"}, {"a": 3}]', [{"a": 1}, BAD, {"a": 3}], id="a newline in a string"),
        pytest.param(b'[{"a": 1}, {"a": [2}, {"a": 3}]', [{"a": 1}, BAD, {"a": 3}], id="a bracket too few inside"),
        pytest.param(b'[{"a": 1}, {"a": {"b": 2}, {"a": 3}]', [{"a": 1}, BAD, {"a": 3}], id="a brace too few"),
        pytest.param(b'[{"a": 1}, {"a": "2}, {"a": 3}\n]', [{"a": 1}, BAD, {"a": 3}], id="a quote too few"),
        pytest.param(b'[{"a": 1}}, {"a": 2}]', [{"a": 1}, BAD, {"a": 2}], id="a brace too many"),
        pytest.param(b'[{"a": 1}, {"a": [2, {"b"', [{"a": 1}, BAD], id="cut in an element"),
        pytest.param(b'[{"a": 1}, {"a": 2},', [{"a": 1}, {"a": 2}, BAD], id="cut between elements"),
        pytest.param(b'[{"a": 1}, {"a": 2},]', [{"a": 1}, {"a": 2}], id="trailing comma"),
        pytest.param(b'[{"a": 1} {"a": 2}]', [{"a": 1}, {"a": 2}], id="missing comma"),
        pytest.param(b'[{"a": 1}, so it, is, {"a": 2}]', [{"a": 1}, BAD, {"a": 2}], id="words between"),
        pytest.param(b'[{"a": 1}, null, 5, "x]", []] words', [{"a": 1}, None, 5, "x]", [], BAD], id="other values"),
        pytest.param(b'[{"a": NaN}, {"a": 1e5}]', [{"a": None}, {"a": 1e5}], id="NaN"),
        pytest.param(b'[{"a": ' + b"[" * 500 + b"]" * 500 + b'}, {"a": 1}]', [BAD, {"a": 1}], id="too deep"),
        pytest.param("\n".join(LOST[:20] + LOST[21:]).encode(), [RUN, BAD, RUN], id="a line is missing"),
        pytest.param("\n".join(LOST[:21] + LOST[29:]).encode(), [RUN, BAD, RUN], id="the end is missing"),
        pytest.param(b"\xef\xbb\xbf" + pretty(RUN, RUN), [RUN, RUN], id="byte-order mark"),
    ],
)
def test_lists(raw: bytes, expected: list[object]):
    assert [value for _, _, value in found(raw)] == expected


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(
            b'{"a": 1}{"a": 2}\n{"a": 3}', [(1, "", {"a": 1}), (1, "1", {"a": 2}), (2, "", {"a": 3})], id="many"
        ),
        pytest.param(b'\n\n{\n"a": 1\n}\n{"a": 2}', [(3, "", {"a": 1}), (6, "", {"a": 2})], id="over lines"),
        pytest.param(b'{\n"a": 1,\n\n{\n"a": 2}', [(1, "", BAD), (4, "", {"a": 2})], id="one cut"),
        pytest.param(b'{"a": 1}', [(None, "", {"a": 1})], id="one"),
        pytest.param(b'{"a": ', [(1, "", BAD)], id="one, cut"),
        pytest.param(b"no JSON at all", [(1, "", BAD)], id="none"),
        pytest.param(b'["one", 2]', [(None, "", ["one", 2])], id="a list that is one record"),
        pytest.param(b'["one", 2][3]', [(1, "", ["one", 2]), (1, "0", 3)], id="and one that is not"),
        pytest.param(b'[{"a": 1}]\n[{"a": 2}]', [(None, "0", {"a": 1}), (2, "0", {"a": 2})], id="two lists"),
    ],
)
def test_values(raw: bytes, expected: list[object]):
    assert found(raw) == expected


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b'{"x": {"a": 1}, "y": [2]}', [(None, "x", {"a": 1}), (None, "y", [2])], id="whole"),
        pytest.param(b'{"x": {"a": oops}, "y\\n": [2]}', [(1, "x", BAD), (None, "y\n", [2])], id="one damaged"),
        pytest.param(b'{"x": {"a": 1},\n"y": {"a":', [(None, "x", {"a": 1}), (2, "y", BAD)], id="cut"),
        pytest.param(b'{"x": {"a": 1}, "y":', [(None, "x", {"a": 1}), (1, "1", BAD)], id="cut after a name"),
    ],
)
def test_members(raw: bytes, expected: list[object]):
    assert found(raw, by_id=True) == expected


@pytest.mark.parametrize("raw", [b"", b" \n", b"\xef\xbb\xbf"])
def test_nothing(raw: bytes):
    with pytest.raises(ReadError, match="empty"):
        found(raw)


@pytest.mark.parametrize("size", [50, 500])
def test_one_too_large_loses_only_itself(monkeypatch: pytest.MonkeyPatch, size: int):
    monkeypatch.setattr(json_tape, "CHUNK", 32)
    monkeypatch.setattr(json_values, "MAX_LINE_BYTES", 40)
    for large in (
        '{"b": "' + r"\"" * size + '"}',
        '{"b": ' + "[1]," * size + "}",
        '{"b": ' + "[" * size + "]" * size + "}",
    ):
        raw = f'[{{"a": 1}}, {large}, {{"a": 3}}]'.encode()
        assert [value for _, _, value in found(raw)] == [{"a": 1}, Reason.TOO_LARGE.value, {"a": 3}]


def test_memory_is_that_of_a_few_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_tape, "CHUNK", 1 << 16)
    raw = json.dumps([{"a": "x" * 1000}] * 20_000).encode()
    file = io.BytesIO(raw)
    tracemalloc.start()
    assert sum(1 for _ in values(file, lambda _list: False, by_id=False)) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(raw) / 10


@pytest.mark.parametrize(
    "unit",
    [b"[", b"{", b'{"', b'"', b"\\", b"}", b'{"a\n', b'{"a":[', b'"a":', b"[}", b",{", b'[{"a":1', b"x ", b'{"a":"'],
)
def test_no_text_takes_long(monkeypatch: pytest.MonkeyPatch, unit: bytes):
    monkeypatch.setattr(json_tape, "CHUNK", 1 << 14)
    monkeypatch.setattr(json_values, "MAX_LINE_BYTES", 1 << 15)
    monkeypatch.setattr(json_values, "MAX_DOCUMENT_BYTES", 1 << 16)
    for start in (b"", b"[", b'[{"a":'):
        with suppress(ReadError):
            assert found(start + unit * (400_000 // len(unit)))


@given(st.binary(max_size=200) | st.text('[]{}",:a1\n\\ ', max_size=200).map(str.encode), st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_bytes(raw: bytes, by_id: bool):
    for opening in (b"", b"[", b"{"):
        with suppress(ReadError):
            found(opening + raw, by_id=by_id)


def test_an_empty_list():
    assert found(b"[]") == []


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize(
    ("raw", "beside", "listed"),
    [
        pytest.param(b'{"a": 1, "runs": [{"b": 2}, 3], "c": 4}', {"a": 1, "c": 4}, [{"b": 2}, 3], id="whole"),
        pytest.param(b'{"a": [1, 2], "runs": [{"b": 2}, {"b"', {"a": [1, 2]}, [{"b": 2}, BAD], id="cut in an element"),
        pytest.param(b'{"a": 1, "runs": [{"b": 2},', {"a": 1}, [{"b": 2}, BAD], id="cut between elements"),
        pytest.param(b'{"a": 1, "runs": [{"b": 2}], "c', {"a": 1, "c": BAD}, [{"b": 2}], id="cut behind the list"),
        pytest.param(b'{"a": 1, "runs": [{"b": 2}]', {"a": 1}, [{"b": 2}, BAD], id="only the end is missing"),
        pytest.param(b'{"runs": [{"b": "\xff"}, {"b": 3}], "c": 4}', {"c": 4}, ["encoding", {"b": 3}], id="a byte"),
        pytest.param(b'{"a": 1, "runs": [2]}\n{"a": 3}', {"a": 1}, [2, BAD], id="another object behind it"),
        pytest.param(b'{"a": 1, "runs": [2]}\n\n', {"a": 1}, [2], id="blank lines behind it"),
        pytest.param(b'{"runs": 5, "c": NaN}', {"c": None}, [], id="no list"),
        pytest.param(b'{"a": oops, "runs": [1]}', {"a": BAD}, [1], id="damage beside the list"),
        pytest.param(b"[1, 2", {}, "malformed", id="no object"),
    ],
)
def test_an_object_is_parted_at_its_list(raw: bytes, beside: dict[str, object], listed: object):
    refused = next((value for value in beside.values() if value == BAD), listed if isinstance(listed, str) else None)
    if refused:
        with pytest.raises(ReadError) as caught:
            parted(io.BytesIO(raw), "runs")
        assert caught.value.reason == refused
        return
    told, records = parted(io.BytesIO(raw), "runs")
    assert told == beside
    assert [one.reason.value if isinstance(one, ReadError) else one for _, _, one in records] == listed

import json
from pathlib import Path

import pytest

from agenther.errors import ReadError
from agenther.readers import log as limits
from agenther.readers.log import HEAD_BYTES, Folder, Head, Log
from agenther.records import Reason


def log(path: Path, raw: bytes) -> Log:
    path.write_bytes(raw)
    return Log(path, path.name, Folder(path.parent))


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


# --- one value -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", Reason.EMPTY, id="empty"),
        pytest.param(b" \r\n\t", Reason.EMPTY, id="blank"),
        pytest.param(b"\xef\xbb\xbf", Reason.EMPTY, id="byte-order mark alone"),
        pytest.param('{"a": 1}'.encode("utf-16"), Reason.ENCODING, id="UTF-16"),
        pytest.param('{"a": "Zürich"}'.encode("latin-1"), Reason.ENCODING, id="Latin-1"),
        pytest.param(b'{"a": [1, 2', Reason.NOT_JSON, id="truncated"),
        pytest.param(b'{"a": 1} {"b": 2}', Reason.NOT_JSON, id="two values"),
        pytest.param(b"{'a': 1}", Reason.NOT_JSON, id="Python, not JSON"),
        pytest.param(b'["a\nb"]', Reason.NOT_JSON, id="raw newline in a string"),
        pytest.param(nested(300).encode(), Reason.NOT_JSON, id="300 deep"),
        pytest.param(nested(100_000).encode(), Reason.NOT_JSON, id="100,000 deep"),
        pytest.param(b"9" * 5000, Reason.NOT_JSON, id="number of 5,000 digits"),
    ],
)
def test_refused_documents(tmp_path: Path, raw: bytes, reason: Reason):
    with pytest.raises(ReadError) as caught:
        log(tmp_path / "a.json", raw).document()
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="byte-order mark"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="the last of two equal keys"),
        pytest.param(b"[" + b"9" * 50 + b"]", [int("9" * 50)], id="big number, exactly"),
        pytest.param(rb'"\ud83d\ude00"', "😀", id="surrogate pair"),
        pytest.param(rb'["\ud800 \udfff", {"\udc00": 1}]', ["\ufffd \ufffd", {"\ufffd": 1}], id="halves of pairs"),
        pytest.param(rb'"\u0000"', "\0", id="NUL"),
        pytest.param('"\ue604 größer"'.encode(), "\ue604 größer", id="private use"),
        pytest.param(nested(150).encode(), json.loads(nested(150)), id="150 deep"),
        pytest.param(b"null", None, id="null"),
        pytest.param(b'{"a": NaN}', {"a": None}, id="NaN"),
        pytest.param(b"[1, -Infinity]", [1, None], id="Infinity"),
    ],
)
def test_documents(tmp_path: Path, raw: bytes, value: object):
    assert log(tmp_path / "a.json", raw).document() == value


def test_a_document_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_DOCUMENT_BYTES", 10)
    assert log(tmp_path / "a.json", b"[1,2,3,45]").document() == [1, 2, 3, 45]
    with pytest.raises(ReadError) as caught:
        log(tmp_path / "b.json", b"[1,2,3,456]").document()
    assert caught.value.reason == Reason.TOO_LARGE


def test_where_a_document_breaks(tmp_path: Path):
    with pytest.raises(ReadError) as caught:
        log(tmp_path / "a.json", b'{"a": 1,\n "b": 2,\n oops}').document()
    assert caught.value.line == 3


# --- records -------------------------------------------------------------------------------------


def records(found: Log) -> list[object]:
    return [(line, key, getattr(value, "reason", value)) for line, key, value in found.records()]


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        pytest.param("a.json", b'{"a": 1}', [(None, "", {"a": 1})], id="one object"),
        pytest.param("a.json", b"[]", [], id="empty list"),
        pytest.param("a.json", b'[{"a": 1},\n {"b": 2}]', [(None, "0", {"a": 1}), (None, "1", {"b": 2})], id="list"),
        pytest.param("a.json", b'{"a": 1}\n{"b": 2}\n', [(1, "", {"a": 1}), (2, "", {"b": 2})], id="JSONL named .json"),
        pytest.param("a.json", b"\xef\xbb\xbf[1]\n[2]", [(1, "", [1]), (2, "", [2])], id="the same with a mark"),
        pytest.param("a.json", b'{"a":\n {"b": 1}}', [(None, "", {"a": {"b": 1}})], id="pretty object"),
        pytest.param("a.jsonl", b'\n{"a": 1}\r\n\n', [(2, "", {"a": 1})], id="blank lines"),
        pytest.param("a.jsonl", b'{"a": 1}\n{"a"', [(1, "", {"a": 1}), (2, "", Reason.NOT_JSON)], id="cut line"),
        pytest.param("a.jsonl", b"\xff\n[1]", [(1, "", Reason.ENCODING), (2, "", [1])], id="one line not UTF-8"),
        pytest.param(
            "a.jsonl",
            b'{"a": 1} {"b": 2}\n[1]',
            [(1, "", {"a": 1}), (1, "1", {"b": 2}), (2, "", [1])],
            id="two in a line",
        ),
        pytest.param(
            "a.jsonl", b'{\n "a": 1\n}\n{\n "b": 2\n}', [(1, "", {"a": 1}), (4, "", {"b": 2})], id="pretty JSONL"
        ),
        pytest.param(
            "a.jsonl", b'[{"a": 1}, {"b": 2}]', [(None, "0", {"a": 1}), (None, "1", {"b": 2})], id="list as JSONL"
        ),
        pytest.param("a.json", b'\n{"a": 1}\n\n{"b": 2}', [(2, "", {"a": 1}), (4, "", {"b": 2})], id="blank first"),
        pytest.param(
            "a.log", b'start\n10:00 INFO {"a": 1}\n[x] {"b": 2}', [(2, "", {"a": 1}), (3, "", {"b": 2})], id="log"
        ),
        pytest.param(
            "a.log", b'10:00 {"a": 1}\n10:00 {"b"\n', [(1, "", {"a": 1}), (2, "", Reason.NOT_JSON)], id="cut log"
        ),
    ],
)
def test_records(tmp_path: Path, name: str, raw: bytes, expected: list[object]):
    assert records(log(tmp_path / name, raw)) == expected


def test_a_line_over_the_limit_loses_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 8)
    raw = b"[1]\n[" + b"1," * 40 + b"1]\n[2]\n" + b"[3333333"
    expected = [(1, "", [1]), (2, "", Reason.TOO_LARGE), (3, "", [2]), (4, "", Reason.NOT_JSON)]
    assert records(log(tmp_path / "a.jsonl", raw)) == expected


def test_a_long_line_tells_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 8)
    ((_, _, error),) = log(tmp_path / "a.jsonl", b"0123456789" * 100).records()
    assert "1,000 bytes" in str(error)
    assert error.line == 1


@pytest.mark.parametrize("size", [10, HEAD_BYTES - 20, HEAD_BYTES, 3 * HEAD_BYTES])
def test_jsonl_named_json_with_a_long_first_line(tmp_path: Path, size: int):
    text = json.dumps({"a": "x" * size}) + "\n" + json.dumps({"b": 1}) + "\n"
    assert [line for line, _, _ in log(tmp_path / "a.json", text.encode()).records()] == [1, 2]


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_a_long_document_is_no_jsonl(tmp_path: Path, indent: int | None):
    text = json.dumps([{"a": "x" * HEAD_BYTES}, [{"b": 1}]], indent=indent)
    assert [key for _, key, _ in log(tmp_path / "a.json", text.encode()).records()] == ["0", "1"]


# --- the head ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        pytest.param("a.json", "", {}, id="empty"),
        pytest.param("a.json", "no json", {}, id="text"),
        pytest.param("a.json", "[]", {}, id="empty list"),
        pytest.param("a.json", "[1]", {}, id="list of numbers"),
        pytest.param("a.json", '[{"a": 1}, {"b"', {"a": 1}, id="cut list"),
        pytest.param("a.json", '{"a": {"b": "cu', {"a": {"b": "cu"}}, id="cut string"),
        pytest.param("a.jsonl", 'oops\n{"a"oops}\n{"a": 1}\n', {"a": 1}, id="the first readable line"),
        pytest.param(
            "a.jsonl", '{"a": "x\u2028\x85y", "b": 1}\n', {"a": "x\u2028\x85y", "b": 1}, id="only \\n ends a line"
        ),
    ],
)
def test_the_first_object_of_a_head(name: str, text: str, first: object):
    assert Head(Path(name), text).first == first


# --- the folder ----------------------------------------------------------------------------------


def test_a_folder_finds_out_once():
    folder, asked = Folder(Path()), []
    for _ in range(2):
        assert folder.once("n", lambda path: asked.append(path) or len(asked)) == 1

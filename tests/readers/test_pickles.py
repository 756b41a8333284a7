"""Pickles are read as data: what they hold comes back, what they would run does not, and anything else is refused."""

import pickle
import struct
from collections import OrderedDict, deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenther.errors import ReadError
from agenther.readers.web import pickles
from agenther.readers.web.browsergym import actions
from agenther.readers.web.pickles import load
from agenther.records import Reason

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MARKER = "ran"


class Writes:
    """Unpickled by Python, it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, MARKER))


class Holds:
    def __init__(self, **state: Any) -> None:
        self.__dict__.update(state)


class Slots:
    __slots__ = ("think",)


@pytest.mark.parametrize("protocol", range(3, pickle.HIGHEST_PROTOCOL + 1))
@given(value=PLAIN)
@settings(max_examples=40, deadline=None)
def test_plain_data_comes_back(protocol: int, value: Any):
    assert load(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_objects_come_as_their_state(protocol: int):
    value = {"obs": Holds(goal="x", pages=("a", "b"), seen={1, 2}), 3: "no text for a key", "again": Holds()}
    read = load(pickle.dumps(value, protocol))
    assert read["obs"]["goal"] == "x"
    assert read["obs"]["pages"] == ["a", "b"]
    assert read.keys() == {"obs", "again"}


def test_slots_and_containers_are_no_trouble():
    one = Slots()
    one.think = "Close it."
    read = load(pickle.dumps([one, OrderedDict(a=1), deque([1]), frozenset("b"), bytearray(b"c"), complex(1, 2)]))
    assert read[:2] == [{"think": "Close it."}, {"a": 1}]
    assert len(read) == 6


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_runs(tmp_path: Path, protocol: int):
    data = pickle.dumps({"obs": Writes(tmp_path / "made"), "goal": "x"}, protocol)
    assert load(data) == {"obs": {}, "goal": "x"}
    assert not (tmp_path / "made").exists()
    pickle.loads(data)
    assert (tmp_path / "made").read_text() == MARKER, "Python's unpickler would have run it"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"cos\nsystem\n(S'touch x'\ntR.", id="a call of the shell"),
        pytest.param(b"(ios\nsystem\n.", id="an instance"),
        pytest.param(b"(cos\nsystem\nS'x'\no.", id="an object"),
        pytest.param(b"\x82\x01.", id="from the registry of extensions"),
        pytest.param(b"Px\n.", id="from elsewhere"),
        pytest.param(b"Nr\xff\xff\xff\xff.", id="a place in the memo that would need 32 GB"),
        pytest.param(b"]q\x00" + b"h\x00a" * 40 + b".", id="a list in itself"),
        pytest.param(b"]" * 100_000 + b"a" * 99_999 + b".", id="nested deep"),
    ],
)
def test_what_would_harm_comes_as_something_inert(data: bytes):
    assert load(data) in ({}, None) or isinstance(load(data), list)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"\x80",
        b"no pickle at all",
        b"N",
        b"a.",
        b"]a.",
        b"h\x07.",
        b"t.",
        b"e.",
        b"s.",
        b"b.",
        b"1.",
        b"2.",
        b"\x94.",
        b"g1\n.",
        b"\x8e" + struct.pack("<Q", 2**40) + b"x.",
        b"\x96" + struct.pack("<Q", 2**62) + b"x.",
        b"I" + b"9" * 10_000 + b"\n.",
        pickle.dumps([1, 2, 3])[:-1],
    ],
)
def test_refused(data: bytes):
    with pytest.raises(ReadError) as raised:
        load(data)
    assert raised.value.reason == Reason.MALFORMED


def test_refused_when_it_goes_on_and_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pickles, "MAX_OPCODES", 1000)
    with pytest.raises(ReadError) as raised:
        load(b"N" * 2000 + b".")
    assert raised.value.reason == Reason.TOO_LARGE


@given(data=st.data(), value=PLAIN, protocol=st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_damaged(data: st.DataObject, value: Any, protocol: int):
    whole = bytearray(pickle.dumps([value, Holds(a=value)], protocol))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ReadError):
        load(bytes(whole))


@given(st.binary())
def test_any_bytes(data: bytes):
    with suppress(ReadError):
        load(data)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", []),
        ("noop()", [("noop", {}, None)]),
        ("click('14', 'left')", [("click", {"bid": "14", "button": "left"}, None)]),
        ("scroll(0, -200.5)", [("scroll", {"delta_x": 0, "delta_y": -200.5}, None)]),
        ("select_option('3', ['a', 'b'])", [("select_option", {"bid": "3", "options": ["a", "b"]}, None)]),
        ("fill('3', 'x')\nclick('4')", [("fill", {"bid": "3", "value": "x"}, None), ("click", {"bid": "4"}, None)]),
        ("own_tool('x', depth=2)", [("own_tool", {"argument_1": "x", "depth": 2}, None)]),
        ("click(button)", [("code", {}, "click(button)")]),
        ("click('4')\nx = 1", [("code", {}, "click('4')\nx = 1")]),
        ("page.click('4')", [("code", {}, "page.click('4')")]),
        ("click('4'", [("code", {}, "click('4'")]),
        ("click(float('nan'))", [("code", {}, "click(float('nan'))")]),
    ],
)
def test_actions(said: str, expected: list[tuple[str, Any, str | None]]):
    assert [(action.name, action.arguments, action.raw) for action in actions(said)] == expected


def test_actions_that_are_too_much_stay_text():
    for said in (
        "click(" * 50_000,
        f"fill('3', '{'x' * 200_000}')",
        "f(" + "-" * 50_000 + "1)",
    ):
        assert [(action.name, action.raw) for action in actions(said)] == [("code", said)]


def test_a_text_of_old_with_an_escape_that_is_none_is_read_in_silence():
    assert load(b"S'a\\q'\n.") == "a\\q"

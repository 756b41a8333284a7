"""What a row has to have, and what is declared of it."""

import json
import math

import pytest
import shapes
from builders import a_batch, a_pick, a_sample, a_step, a_tool
from hypothesis import given
from hypothesis import strategies as st
from shapes import depot_runs, depot_samples, runs

from agenther.packagers.base import LeftOut, Pick
from agenther.packagers.columns import (
    AGENT,
    FLAG,
    JSON_TEXT,
    MARK,
    MESSAGE,
    NUMBER,
    OBJECT,
    ROUNDED,
    TEXT,
    WHOLE,
    Each,
    Maybe,
    departures,
    features,
    is_kept,
    kept,
    marked,
)
from agenther.packagers.selection.choices import Choices
from agenther.packagers.selection.select import select
from agenther.packagers.table import COLUMNS, PACKAGERS
from agenther.packagers.write import write

PARTS = [(name, part, it) for name, packager in PACKAGERS.items() for part, it in packager.parts.items()]
SHAPE = {"a": TEXT, "n": NUMBER, "m": Each(MESSAGE), "s": {"x": FLAG, "y": WHOLE}, "t": JSON_TEXT, "o": Maybe(WHOLE)}
ROW = {"a": "", "n": 1.0, "m": [{"role": "user"}, {}], "s": {"x": True, "y": 1}, "t": "[]"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"b": 1}, ["b is one column too many"], id="a column too many"),
        pytest.param({"a": None}, ["a is of another type"], id="null"),
        pytest.param({"n": 1}, ["n is of another type"], id="an integer among fractions"),
        pytest.param({"m": {}}, ["m is of another type"], id="no list"),
        pytest.param({"m": [1, "x"]}, ["m is of another type"], id="a list of something else"),
        pytest.param({"m": [{"x": [{"y": 0.57}]}]}, [ROUNDED], id="a fraction that does not come back"),
        pytest.param({"s": {"x": True}}, ["y is missing"], id="a field too few"),
        pytest.param({"s": {"x": 1, "y": True}}, ["x is of another type", "y is of another type"], id="not the fields"),
        pytest.param({"t": []}, ["t is of another type"], id="no text"),
        pytest.param({"t": "["}, ["t is of another type"], id="no JSON"),
        pytest.param({"o": "1"}, ["o is of another type"], id="another type where there may be none"),
        pytest.param({"o": None, "m": []}, [], id="nothing where there may be none"),
        pytest.param({}, [], id="as declared"),
    ],
)
def test_departures(changes, found):
    assert departures({**ROW, **changes}, SHAPE) == found


def test_the_first_row_of_a_file_has_objects_with_other_keys():
    row = {"m": [{"role": "user"}, {"role": "tool"}], "o": [{"x": 1}], "a": {"name": "y"}}
    columns = {"m": Each(MESSAGE), "o": Each(OBJECT), "a": AGENT}
    first = {"m": [{"role": "user", **MARK}, {"role": "tool"}], "a": {"name": "y", "extra": MARK}}
    assert marked(row, columns) == {**row, **first}


@pytest.mark.parametrize("name", COLUMNS)
def test_features_are_told_as_datasets_tells_them(name):
    datasets = pytest.importorskip("datasets")
    told = features(COLUMNS[name])
    assert datasets.Features._from_yaml_list(told)._to_yaml_list() == told


def test_a_row_that_departs_is_left_out_and_named(tmp_path):
    steps = (a_step(1, arguments={"q": 0.57}), a_step(2, "open", "A page"))
    sample = a_sample(steps=steps, claims=())
    formats = {name: PACKAGERS[name] for name in ("sft", "kto", "sharegpt")}
    selection = select(lambda _ids=None: iter([sample]), lambda: iter(()), Choices())
    written = write(tmp_path, formats, selection)
    assert written.left_out == {"sft": {ROUNDED: 1}, "kto": {ROUNDED: 4}, "sharegpt": {}}
    assert written.rows["sharegpt"].total() == 1, "in which arguments are text"


words = st.text(alphabet='ab c{"\\\n灯\0', max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
calls = st.tuples(st.sampled_from(["search", "open", "wait", "respond"]), st.dictionaries(words, values, max_size=3))
weights = st.floats(0, 1)


@given(st.lists(calls, min_size=1, max_size=4), words, st.none() | words, weights, st.floats(0, 30))
def test_whatever_a_run_holds_each_row_of_a_format_has_the_same_columns(called, goal, told, share, weight):
    steps = tuple(
        a_step(n, name, goal, arguments=arguments, thought=told) for n, (name, arguments) in enumerate(called, 1)
    )
    sample = a_sample(
        steps=steps,
        goal=goal,
        system=told,
        start=told,
        relevant_steps=tuple(range(1, len(steps) + 1)),
        tools=(a_tool("search", **{goal: "string"}),),
        claims=(),
        failure_type=None,
        severity=share,
        weight=share,
        confidence=share,
    )
    pick = Pick(sample, "group", weight)
    for _, _, part in PARTS:
        for row in part.rows(pick):
            assert isinstance(row, LeftOut) or set(departures(part.shape(row), part.columns)) <= {ROUNDED}


@pytest.mark.parametrize(("name", "part"), [("dpo", ""), ("llamafactory", "ranking")])
def test_pairs_have_the_same_columns(name, part):
    it = PACKAGERS[name].parts[part]
    found = list(it.pairs(a_batch(*runs())))
    assert found
    assert not any(departures(row, it.columns) for row in found)


@pytest.mark.parametrize("part", [pytest.param(it, id=f"{name} {part}") for name, part, it in PARTS if it.columns])
def test_no_column_may_be_missing_null_or_of_another_type(part):
    of_depots = select(lambda _ids=None: depot_samples(), depot_runs, Choices(), known=shapes.of_depots()).batch
    found = [*part.rows(a_pick()), *part.pairs(a_batch(*runs())), *part.pairs(of_depots)]
    row = next(it for it in found if not isinstance(it, LeftOut))
    for name, type_ in part.columns.items():
        less = {key: value for key, value in row.items() if key != name}
        assert departures({**row, name: object()}, part.columns)
        assert isinstance(type_, Maybe) or (
            departures(less, part.columns) and departures({**row, name: None}, part.columns)
        )
    assert departures({**row, "more": 1}, part.columns)


@given(st.floats() | st.decimals(-1000, 1000, places=3).map(float) | st.decimals(-180, 180, places=9).map(float))
def test_fractions_that_are_kept_come_back(number):
    json_of = pytest.importorskip("pandas.io.json")
    text = json.dumps(number)
    back = json_of.ujson_loads(json_of.ujson_dumps(json_of.ujson_loads(text))) if math.isfinite(number) else None
    assert not is_kept([{"x": number}]) or back == number


@given(st.floats(0, 100))
def test_a_weight_is_moved_to_the_next_number_that_comes_back(weight):
    assert is_kept(kept(weight))
    assert kept(weight) == pytest.approx(weight, abs=1e-4)

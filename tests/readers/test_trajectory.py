import json

import pytest

from agenther.errors import ReadError
from agenther.readers.build import act, identified, tools
from agenther.records import Action, Reason, Source, Step, Trajectory


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("given", "arguments", "raw"),
    [
        pytest.param(None, {}, None, id="none"),
        pytest.param("", {}, None, id="no text"),
        pytest.param(" \n", {}, None, id="blank"),
        pytest.param({"a": 1}, {"a": 1}, None, id="object"),
        pytest.param('{"a": "x\ny"}', {"a": "x\ny"}, None, id="raw newline in a string"),
        pytest.param(r'{"a": "\ud800"}', {"a": "\ufffd"}, None, id="half of a pair"),
        pytest.param("[1]", {}, "[1]", id="list as text"),
        pytest.param([1, "ä"], {}, '[1, "ä"]', id="list"),
        pytest.param(7, {}, "7", id="number"),
        pytest.param('{"a": ', {}, '{"a": ', id="cut"),
        pytest.param('{"a": NaN}', {}, '{"a": NaN}', id="NaN"),
        pytest.param('{"a": 1e999}', {}, '{"a": 1e999}', id="more than a float holds"),
        pytest.param('{"a": ' + "9" * 5000 + "}", {}, '{"a": ' + "9" * 5000 + "}", id="5,000 digits"),
        pytest.param('{"a": ' + nested(150) + "}", {}, '{"a": ' + nested(150) + "}", id="150 deep as text"),
        pytest.param({"a": json.loads(nested(150))}, {}, '{"a": ' + nested(150) + "}", id="150 deep"),
        pytest.param('{"a": ' + nested(5000) + "}", {}, '{"a": ' + nested(5000) + "}", id="5,000 deep"),
    ],
)
def test_an_action_keeps_its_arguments_in_every_shape(given: object, arguments: object, raw: str | None):
    action = act("f", given)
    assert (action.arguments, action.raw) == (arguments, raw)
    assert Action.model_validate_json(action.model_dump_json()) == action


@pytest.mark.parametrize(
    ("given", "names"),
    [
        pytest.param(None, [], id="none"),
        pytest.param({"name": "f"}, [], id="no list"),
        pytest.param([None, {}, {"name": 1}, {"function": "f"}], [], id="no schemas"),
        pytest.param([{"name": "f"}, {"type": "function", "function": {"name": "g"}}], ["f", "g"], id="bare, wrapped"),
    ],
)
def test_tools(given: object, names: list[str]):
    assert [tool.name for tool in tools(given)] == names


@pytest.mark.parametrize("parameters", [[], "object", json.loads('{"a": ' + nested(150) + "}")])
def test_a_schema_that_is_none_is_left_out(parameters: object):
    assert tools([{"name": "f", "parameters": parameters}])[0].parameters == {}


def run(goal: str = "go", observation: str = "seen") -> Trajectory:
    step = Step(n=1, turn=1, action=act("look"), observation=observation)
    source = Source(format="f", path="a.json", key="7")
    return identified(Trajectory(id="", source=source, goal=goal, steps=(step,)))


def test_the_id_is_that_of_the_content():
    assert run().id == run().id
    assert run().id != run(observation="other").id
    assert run().id.startswith("f-")


def test_a_run_without_a_goal():
    with pytest.raises(ReadError) as caught:
        run(goal=" \n")
    assert (caught.value.reason, caught.value.key) == (Reason.NO_GOAL, "7")


def test_a_run_over_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agenther.readers.build.MAX_LINE_BYTES", 2000)
    assert run(observation="x" * 500).steps
    with pytest.raises(ReadError) as caught:
        run(observation="x" * 2000)
    assert caught.value.reason == Reason.TOO_LARGE

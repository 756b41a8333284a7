import pytest
from builders import a_tool

from agenther.packagers.talk.tools import MAX_DEPTH, schemas
from agenther.packagers.talk.turns import Call
from agenther.records import Tool


def parameters(tool, *calls):
    (schema,) = schemas([tool], calls)
    return schema["function"]["parameters"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        pytest.param({}, {}, id="not told"),
        pytest.param({"properties": "q"}, {}, id="properties are no object"),
        pytest.param({"properties": {"q": 3}}, {"properties": {"q": {}}}, id="a property is no schema"),
        pytest.param({"required": "q"}, {}, id="required is no list"),
        pytest.param({"properties": {"q": {}}, "required": ["q", 3, "z"]}, {"properties": {"q": {}}, "required": ["q"]},
                     id="required names what is not there"),
        pytest.param({"properties": {"q": {"type": "string", "example_value": "x"}}, "optional": ["q"]},
                     {"properties": {"q": {"type": "string"}}}, id="keys of ToolBench"),
        pytest.param({"properties": {"optional": {"type": "string"}}}, {"properties": {"optional": {"type": "string"}}},
                     id="a parameter named like a key"),
        pytest.param({"type": "object", "additionalProperties": False, "$schema": "x"}, {}, id="keys at the top"),
        pytest.param({"properties": {"q": {"$ref": "#/$defs/Q"}}, "$defs": {"Q": {"enum": ["a"]}}},
                     {"properties": {"q": {"enum": ["a"]}}}, id="a reference"),
        pytest.param({"properties": {"q": {"$ref": "#/$defs/R"}}, "$defs": {}}, {"properties": {"q": {}}},
                     id="a reference to nothing"),
        pytest.param({"properties": {"q": {"anyOf": [{"type": "null"}, 3], "items": {"x": 1}}}},
                     {"properties": {"q": {"anyOf": [{"type": "null"}, {}], "items": {}}}}, id="nested"),
    ],
)  # fmt: skip
def test_parameters(given, made):
    whole = {"type": "object", "properties": {}, "required": []}
    assert parameters(Tool(name="t", parameters=given)) == {**whole, **made}


def test_references_are_followed_one_level_deep():
    node = {"properties": {"next": {"$ref": "#/$defs/Node"}}}
    schema = {"properties": {"a": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}
    assert parameters(Tool(name="t", parameters=schema))["properties"] == {"a": {"properties": {"next": {}}}}


def test_deep_schema_is_cut():
    schema = {}
    for _ in range(50):
        schema = {"items": schema}
    assert str(parameters(Tool(name="t", parameters={"properties": {"a": schema}}))).count("items") <= MAX_DEPTH + 1


def test_called_tool_that_is_not_listed_is_added_from_its_use():
    calls = [Call("call_1", "f", {"s": "x", "i": 1, "f": 0.5, "b": True, "l": [], "d": {}, "n": None})]
    listed, added = schemas([a_tool("search")], calls)
    assert listed["function"]["name"] == "search"
    types = {"s": "string", "i": "integer", "f": "number", "b": "boolean", "l": "array", "d": "object"}
    properties = {**{key: {"type": kind} for key, kind in types.items()}, "n": {}}
    assert added == {
        "type": "function",
        "function": {
            "name": "f",
            "description": "",
            "parameters": {"type": "object", "properties": properties, "required": list(properties)},
        },
    }


def test_what_every_call_of_an_added_tool_gives_is_required():
    calls = [Call("call_1", "f", {"a": 1, "b": 2}), Call("call_2", "f", {"c": 1, "b": 2}), Call("call_3", "g", "{a: 1")]
    (added,) = schemas([], calls)
    assert added["function"]["parameters"]["required"] == ["b"]
    assert list(added["function"]["parameters"]["properties"]) == ["a", "b", "c"]


def test_parameter_that_is_not_listed_is_added():
    call = Call("call_1", "search", {"q": 3, "page": 2})
    assert parameters(a_tool("search"), call)["properties"] == {"q": {"type": "string"}, "page": {"type": "integer"}}


def test_nothing_is_edited_in_place_and_names_are_unique():
    tool = a_tool("search")
    before = tool.model_dump_json()
    assert len(schemas([tool, tool], [Call("call_1", "search", {"page": 2})])) == 1
    assert tool.model_dump_json() == before

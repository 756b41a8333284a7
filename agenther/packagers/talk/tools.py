"""Tool schemas as trainers load them.

Each has the same keys down to its parameters. Keys that JSON Schema does not know ("optional", "example_value") go.
A tool that is called but not listed, or a parameter that is used but not listed, is added from its use; what
every call of an added tool gives is required.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from agenther.packagers.base import text
from agenther.packagers.talk.turns import Call, Conversation
from agenther.records import Sample, Tool

MAX_DEPTH = 12
"""Schemas nested deeper than this are cut there; none that a person wrote comes near it."""

KEYWORDS = frozenset(
    "type description title enum const default examples format pattern minimum maximum exclusiveMinimum"
    " exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems minProperties maxProperties"
    " required nullable".split()
)
"""JSON Schema's keywords whose values are no schemas themselves."""

TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def schemas(tools: Iterable[Tool], calls: Iterable[Call]) -> list[dict[str, Any]]:
    """One `{"type": "function", "function": {...}}` for each tool listed or called, in that order."""
    listed: dict[str, tuple[str, dict[str, Any]]] = {}
    for tool in tools:
        listed.setdefault(tool.name, (tool.description, _parameters(tool.parameters)))
    told = set(listed)
    for call in calls:
        if isinstance(call.arguments, dict):
            known = call.name in listed
            parameters = listed.setdefault(call.name, ("", _parameters({})))[1]
            for key, value in call.arguments.items():
                parameters["properties"].setdefault(key, _used(value))
            if call.name not in told:
                required = parameters["required"] if known else call.arguments
                parameters["required"] = [key for key in required if key in call.arguments]
    return [
        {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}
        for name, (description, parameters) in listed.items()
    ]


def column(talk: Conversation, calls: Iterable[Call] | None = None) -> str:
    """The tools of a conversation, and of these calls in place of its own, as the column "tools" has them."""
    return text(schemas(talk.tools, talk.calls if calls is None else calls))


def names(tools: Iterable[dict[str, Any]]) -> set[str]:
    return {tool["function"]["name"] for tool in tools}


def calls_unlisted(sample: Sample) -> bool:
    """Does it call a tool that its log does not list?"""
    listed = {tool.name for tool in sample.tools}
    return any(step.action.name not in listed for step in sample.steps if step.action.name != "respond")


def _parameters(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = {**_dict(schema.get("definitions")), **_dict(schema.get("$defs"))}
    properties = _dict(schema.get("properties"))
    return {
        "type": "object",
        "properties": {key: _clean(value, definitions, 0) for key, value in properties.items()},
        "required": [key for key in _list(schema.get("required")) if isinstance(key, str) and key in properties],
    }


def _clean(schema: Any, definitions: dict[str, Any], depth: int) -> dict[str, Any]:
    """`schema` with JSON Schema's keywords only, references replaced by what they refer to, one level deep.

    Followed further, a short schema could grow without end.
    """
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return {}
    if isinstance(reference := schema.get("$ref"), str):
        return _clean(definitions.get(reference.rpartition("/")[2]), {}, depth + 1)
    return dict(_cleaned(schema, definitions, depth + 1))


def _cleaned(schema: dict[str, Any], definitions: dict[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in schema.items():
        if key in KEYWORDS:
            yield key, value
        elif key == "properties":
            yield key, {name: _clean(inner, definitions, depth) for name, inner in _dict(value).items()}
        elif key in {"anyOf", "allOf", "oneOf"}:
            yield key, [_clean(inner, definitions, depth) for inner in _list(value)]
        elif key in {"items", "additionalProperties"}:
            yield key, value if isinstance(value, bool) else _clean(value, definitions, depth)


def _used(value: Any) -> dict[str, Any]:
    """The schema of a parameter that is known from one value only; no type for null."""
    return {"type": TYPES[type(value)]} if type(value) in TYPES else {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

r"""Spans of OpenTelemetry: OTLP JSON, or a list or lines of spans, with the attributes of the GenAI conventions
(`gen_ai.*`), of OpenInference (`llm.input_messages.0.message.role`) or of OpenLLMetry (`gen_ai.prompt.0.role`).

    {"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": "5b8e", "spanId": "01", "parentSpanId": "", "name": "chat", "startTimeUnixNano": "1",
         "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                        {"key": "gen_ai.input.messages", "value": {"stringValue": "[{\"role\": …"}}]}]}]}]}
    {"name": "chat", "context": {"trace_id": "5b8e", "span_id": "01"}, "parent_id": null, "attributes": {…}}

A trace is a run.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Message, read_all
from agenther.readers.log import Head
from agenther.readers.spans.trace import Span, runs
from agenther.readers.values import fields, items, name_of, unpacked

NAME = "otlp"
KINDS = {
    **dict.fromkeys(("chat", "text_completion", "generate_content", "llm", "completion"), "model"),
    **dict.fromkeys(("execute_tool", "tool"), "tool"),
    **dict.fromkeys(("invoke_agent", "agent"), "agent"),
}
"""By what one of these tells, in lower case."""
TELLS = ("gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind")
HEARD = ("gen_ai.input.messages", "llm.input_messages", "gen_ai.prompt")
SAID = ("gen_ai.output.messages", "llm.output_messages", "gen_ai.completion")
GIVEN = ("gen_ai.tool.call.arguments", "input.value", "traceloop.entity.input")
GAVE = ("gen_ai.tool.call.result", "output.value", "traceloop.entity.output")
WRAPS = ("message", "tool_call", "message_content", "tool", "json_schema")
"""Levels of OpenInference's keys that hold nothing but the next one."""
MOST_LEVELS = 12


def recognizes(head: Head) -> Fit:
    first = head.first
    is_span = "attributes" in first and isinstance(fields(first.get("context")).get("trace_id"), str)
    return Fit.sure(is_span or not first.keys().isdisjoint(("resourceSpans", "resource_spans")))


def spans_of(value: Any) -> Iterator[Span]:
    """The spans of one record, which is one itself or holds many."""
    record = fields(value)
    if "attributes" in record:
        yield _span(record)
    for name in ("resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "spans"):
        for one in items(record.get(name)):
            yield from spans_of(one)


def _span(raw: dict[str, Any]) -> Span:
    told = _attributes(raw)
    place = {**fields(raw.get("context")), **raw}
    kind = _kind(told)
    status = fields(raw.get("status"))
    failed = str(status.get("code", status.get("status_code"))).endswith(("ERROR", "2"))
    system = _messages(told, ("gen_ai.system_instructions",))
    return Span(
        trace=name_of(place.get("traceId", place.get("trace_id"))),
        id=name_of(place.get("spanId", place.get("span_id"))),
        parent=name_of(place.get("parentSpanId", place.get("parent_id"))),
        at=name_of(place.get("startTimeUnixNano", place.get("start_time"))).rjust(24, "0"),
        name=name_of(told.get("gen_ai.tool.name", told.get("tool.name"))) or name_of(raw.get("name")),
        kind=kind,
        heard=(*system, *_messages(told, HEARD)) if kind == "model" else (),
        said=tuple(_messages(told, SAID)) if kind == "model" else (),
        given=next((told[key] for key in GIVEN if key in told), None),
        gave=next((told[key] for key in GAVE if key in told), None),
        call=name_of(told.get("gen_ai.tool.call.id", told.get("tool_call.id"))),
        error=str(status.get("message", status.get("description")) or "error") if failed else "",
        tools=_tools(told),
    )


def _kind(told: dict[str, Any]) -> str:
    """What kind of span it says it is; one that says nothing is a model's if it holds what one heard or said."""
    said = [kind.lower() for key in TELLS if isinstance(kind := told.get(key), str)]
    holds = any(key.startswith((*HEARD, *SAID)) for key in told)
    return next((KINDS[kind] for kind in said if kind in KINDS), "model" if holds and not said else "other")


def _messages(told: dict[str, Any], keys: tuple[str, ...]) -> list[Message]:
    """The messages under the first of the keys that holds some: as a list, as its JSON, or flattened."""
    for key in keys:
        found = unpacked(told[key]) if key in told else _nested(told, key)
        if key == "gen_ai.system_instructions" and found:
            found = [{"role": "system", "parts": found}]
        if isinstance(found, list) and found:
            return list(read_all(found, dialects.messages_of))
    return []


def _tools(told: dict[str, Any]) -> Any:
    listed = unpacked(told.get("gen_ai.tool.definitions"))
    return listed or [unpacked(one) for one in _nested(told, "llm.tools") or ()]


def _attributes(raw: dict[str, Any]) -> dict[str, Any]:
    """By key, those of the span, and what its events tell besides."""
    levels = (*items(raw.get("events")), raw)
    return {key: value for level in levels for key, value in _pairs(fields(level).get("attributes"))}


def _pairs(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        yield from given.items()
    for one in items(given):
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            yield one["key"], _plain(one.get("value"))


def _plain(value: Any) -> Any:
    """What OTLP's typed value stands for."""
    kind, inner = next(iter(fields(value).items()), ("", value))
    if kind == "arrayValue":
        return [_plain(one) for one in items(fields(inner).get("values"))]
    return dict(_pairs(fields(inner).get("values"))) if kind == "kvlistValue" else inner


def _nested(told: dict[str, Any], prefix: str) -> Any:
    """The list that keys such as `prefix.0.message.role` flatten; None if there is none."""
    tree: dict[str, Any] = {}
    for key, value in told.items():
        levels = key.removeprefix(f"{prefix}.").split(".")
        if len(levels) == 1 or len(levels) > MOST_LEVELS or not key.startswith(f"{prefix}."):
            continue
        at = tree
        for level in levels[:-1]:
            at = at.setdefault(level, {}) if isinstance(at.get(level, {}), dict) else {}
        at[levels[-1]] = value
    return _gathered(tree) if tree else None


def _gathered(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (inner := next((value[name] for name in WRAPS if name in value), None)) is not None:
        return _gathered(inner)
    if value and all(key.isdecimal() and len(key) < MOST_LEVELS for key in value):
        return [_gathered(value[key]) for key in sorted(value, key=int)]
    return {("content" if name == "contents" else name): _gathered(one) for name, one in value.items()}


READER = Reader(
    "OpenTelemetry spans (GenAI, OpenInference)",
    recognizes,
    partial(runs, name=NAME, spans_of=spans_of),
    needs=("resourceSpans[].scopeSpans[].spans",),
)

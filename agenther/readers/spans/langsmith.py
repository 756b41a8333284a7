"""Runs as LangSmith exports them: a list or lines of runs (or `runs`), told apart by their trace,
or a run with `child_runs`.

    {"id": "r2", "trace_id": "r1", "parent_run_id": "r1", "dotted_order": "20260101T100000000000Zr1.2026…Zr2",
     "run_type": "llm", "name": "ChatOpenAI", "inputs": {"messages": [[{"lc": 1, …}]]},
     "outputs": {"generations": [[{"message": {"lc": 1, …}}]]}}
    {"id": "r3", "run_type": "tool", "name": "find_book", "inputs": {"title": "Dune"}, "outputs": {"output": "none"}, …}

A trace is a run of an agent. Of its feedback, what is named as other logs name success is its label.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Message, read_all
from agenther.readers.json_text import value_in
from agenther.readers.labels.told import label
from agenther.readers.log import Head
from agenther.readers.spans.trace import Span, runs
from agenther.readers.values import fields, items, name_of
from agenther.records import Label

NAME = "langsmith"
KINDS = {"llm": "model", "tool": "tool"}
HOLDS = ("messages", "generations", "choices", "message", "output", "input")
"""Fields of inputs and outputs that hold messages, at any depth."""


def recognizes(head: Head) -> Fit:
    return Fit.sure(any(map(_is_run, (head.first, *items(head.first.get("runs"))[:1]))))


def _is_run(value: Any) -> bool:
    run = fields(value)
    is_placed = not run.keys().isdisjoint(("trace_id", "dotted_order", "child_runs"))
    return isinstance(run.get("run_type"), str) and "inputs" in run and is_placed


def spans_of(value: Any, trace: str = "", parent: str = "") -> Iterator[Span]:
    """The span that a run is, and those inside; an answer of the API holds several."""
    run = fields(value)
    if "run_type" not in run:
        for one in items(run.get("runs")):
            yield from spans_of(one)
        return
    given, gave = fields(run.get("inputs")), fields(run.get("outputs"))
    kind = KINDS.get(name_of(run.get("run_type")), "other")
    order = name_of(run.get("dotted_order"))
    trace = (
        name_of(run.get("trace_id")) or trace or order.partition(".")[0].rpartition("Z")[2] or name_of(run.get("id"))
    )
    answer = next(iter(_messages(gave)), None) if kind == "tool" else None
    above = next(reversed(items(run.get("parent_run_ids"))), run.get("parent_run_id"))
    parameters = fields(fields(run.get("extra")).get("invocation_params"))
    yield Span(
        trace=trace,
        id=name_of(run.get("id")),
        parent=name_of(above) or parent,
        at=order or name_of(run.get("start_time")),
        name=name_of(run.get("name")),
        kind=kind,
        heard=tuple(_messages(given)) if kind == "model" else (),
        said=tuple(_messages(gave)) if kind == "model" else (),
        given=_arguments(given),
        gave=answer.text if answer else gave["output"] if gave.keys() == {"output"} else gave or None,
        call=answer.answers if answer else "",
        error=name_of(run.get("error")),
        tools=parameters.get("tools"),
        label=_label(run),
    )
    for one in items(run.get("child_runs")):
        yield from spans_of(one, trace, name_of(run.get("id")))


def _messages(held: Any) -> list[Message]:
    """The messages in inputs or outputs."""
    return list(read_all(list(_found(held)), dialects.messages_of))


def _found(held: Any) -> Iterator[dict[str, Any]]:
    if isinstance(held, list):
        for one in held:
            yield from _found(one)
    elif isinstance(held, dict):
        if dialects.is_message(held):
            yield held
        elif name := next((name for name in HOLDS if name in held), None):
            yield from _found(held[name])


def _arguments(given: dict[str, Any]) -> Any:
    """Of a call; `input` alone holds them as the text of a Python literal."""
    text = given.get("input")
    return value_in(text, given) if given.keys() == {"input"} and isinstance(text, str) else given


def _label(run: dict[str, Any]) -> Label:
    """What the feedback says, of all who gave it on average."""
    told = {name: fields(stats).get("avg") for name, stats in fields(run.get("feedback_stats")).items()}
    found = label(told)
    return found if found.source == "none" else found.model_copy(update={"source": f"feedback {found.source}"})


READER = Reader(
    "LangSmith run exports",
    recognizes,
    partial(runs, name=NAME, spans_of=spans_of),
    needs=("trace_id", "run_type", "inputs"),
)

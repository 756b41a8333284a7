"""Runs as LangSmith exports them: a list or lines of runs (or `runs`), told apart by their trace,
or a run with `child_runs`.

    {"id": "r2", "trace_id": "r1", "parent_run_id": "r1", "dotted_order": "20260101T100000000000Zr1.2026…Zr2",
     "run_type": "llm", "name": "ChatOpenAI", "inputs": {"messages": [[{"lc": 1, …}]]},
     "outputs": {"generations": [[{"message": {"lc": 1, …}}]]}}
    {"id": "r3", "run_type": "tool", "name": "find_book", "inputs": {"title": "Dune"}, "outputs": {"output": "none"}, …}

The second version of the API writes kinds in capitals (`LLM`), the command line `run_id` for `id`. A trace is a run of
an agent. Of its feedback, what is named as other logs name success is its label: the mean, or the one word given.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.json_text import value_in
from agenther.readers.labels.told import label
from agenther.readers.log import Head
from agenther.readers.spans.held import messages_in
from agenther.readers.spans.trace import Span, runs
from agenther.readers.values import fields, items, name_of
from agenther.records import Label

NAME = "langsmith"
KINDS = {"llm": "model", "tool": "tool"}
TRACEBACK = "Traceback (most recent call last)"
"""What follows in an error is about the code that the agent ran in."""


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
    kind = KINDS.get(name_of(run.get("run_type")).lower(), "other")
    own = name_of(run.get("id", run.get("run_id")))
    order = name_of(run.get("dotted_order"))
    trace = name_of(run.get("trace_id")) or trace or order.partition(".")[0].rpartition("Z")[2] or own
    answer = next(iter(messages_in(gave)), None) if kind == "tool" else None
    above = next(reversed(items(run.get("parent_run_ids"))), run.get("parent_run_id"))
    extra = fields(run.get("extra"))
    yield Span(
        trace=trace,
        id=own,
        parent=name_of(above) or parent,
        at=order or name_of(run.get("start_time")),
        name=name_of(run.get("name")),
        kind=kind,
        heard=tuple(messages_in(given)) if kind == "model" else (),
        said=tuple(messages_in(gave)) if kind == "model" else (),
        given=_arguments(given),
        gave=answer.text if answer else gave["output"] if gave.keys() == {"output"} else gave or None,
        call=answer.answers if answer else name_of(extra.get("tool_call_id")),
        error=name_of(run.get("error")).partition(TRACEBACK)[0].strip(),
        tools=fields(extra.get("invocation_params")).get("tools") or given.get("tools"),
        label=_label(run),
    )
    for one in items(run.get("child_runs")):
        yield from spans_of(one, trace, own)


def _arguments(given: dict[str, Any]) -> Any:
    """Of a call; `input` alone holds them as the text of a Python literal."""
    text = given.get("input")
    return value_in(text, given) if given.keys() == {"input"} and isinstance(text, str) else given


def _label(run: dict[str, Any]) -> Label:
    """What the feedback says, of all who gave it on average, or in the one word that all gave."""
    found = label({name: _given(fields(stats)) for name, stats in fields(run.get("feedback_stats")).items()})
    return found if found.source == "none" else found.model_copy(update={"source": f"feedback {found.source}"})


def _given(stats: dict[str, Any]) -> Any:
    words = list(fields(stats.get("values")))
    return words[0] if stats.get("avg") is None and len(words) == 1 else stats.get("avg")


READER = Reader(
    "LangSmith run exports",
    recognizes,
    partial(runs, name=NAME, spans_of=spans_of),
    needs=("trace_id", "run_type", "inputs"),
)

"""Traces as runs: what models heard and said, span by span, and what tools gave back.

A model hears its whole history at each call; what is new in it is what happened since. Histories with another system
prompt, or under another agent's span, are those of other agents: the one that calls the most is read, and the flag
`other-agents-left-out` tells of the others.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from agenther.errors import ReadError
from agenther.readers.build import act
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import OTHERS, Call, Message
from agenther.readers.content import content_text
from agenther.readers.json_text import parse
from agenther.readers.log import Log
from agenther.readers.values import fields, seen
from agenther.records import Ending, Label, Reason, Source, Trajectory

MOST_HELD = 64 * 1024 * 1024
"""Bytes of a log of which all traces may be held at once."""


@dataclass(frozen=True)
class Span:
    """One call of a model or a tool, or what holds such calls."""

    trace: str
    id: str
    parent: str
    at: str
    """Sorts the spans of a trace by the time at which they began."""
    name: str = ""
    kind: str = "other"
    """Is it a call of a "model" or a "tool", an "agent" that makes such calls, or something "other"?"""
    heard: tuple[Message, ...] = ()
    said: tuple[Message, ...] = ()
    given: Any = None
    gave: Any = None
    call: str = ""
    """Of a tool's span, the id of the call that it answers."""
    error: str = ""
    tools: Any = None
    label: Label = field(default_factory=Label)


@dataclass(eq=False)
class _Trace:
    """The spans of a trace as they are read; of what they hear again and again, each message is kept once."""

    id: str
    line: int | None
    spans: list[Span] = field(default_factory=list)
    heard: dict[str, Message] = field(default_factory=dict)

    def add(self, span: Span) -> None:
        heard = tuple(self.heard.setdefault(_key(message), message) for message in span.heard)
        self.spans.append(replace(span, heard=heard))


def runs(log: Log, name: str, spans_of: Callable[[Any], Iterator[Span]]) -> Iterator[Trajectory | ReadError]:
    """Each trace of a log, in the order in which they begin there; `spans_of` reads a record of it.

    A large log is read twice, so that a trace is held no longer than up to its last span; those that end first come
    first.
    """
    traces: dict[str, _Trace] = {}
    ends = _ends(log, spans_of) if log.path.stat().st_size > MOST_HELD else {}
    for n, (line, place, value) in enumerate(log.records()):
        try:
            for span in _some(value, spans_of):
                traces.setdefault(span.trace, _Trace(span.trace, line)).add(span)
        except ReadError as error:
            yield ReadError(error.reason, str(error), line=line, key=place)
        for trace in ends.pop(n, ()):
            yield _run(log, name, traces.pop(trace))
    for held in traces.values():
        yield _run(log, name, held)


def _ends(log: Log, spans_of: Callable[[Any], Iterator[Span]]) -> dict[int, list[str]]:
    """By the place of a record, the traces of which it holds the last span."""
    last: dict[str, int] = {}
    for n, (_, _, value) in enumerate(log.records()):
        with suppress(ReadError):
            last |= dict.fromkeys([span.trace for span in _some(value, spans_of)], n)
    ends: defaultdict[int, list[str]] = defaultdict(list)
    for trace, n in last.items():
        ends[n].append(trace)
    return ends


def _some(value: Any, spans_of: Callable[[Any], Iterator[Span]]) -> list[Span]:
    """The spans of a record, which has to hold one."""
    if isinstance(value, ReadError):
        raise value
    if spans := list(spans_of(value)):
        return spans
    raise ReadError(Reason.MALFORMED, f"no span: {seen(value)}")


def _run(log: Log, name: str, trace: _Trace) -> Trajectory | ReadError:
    try:
        return _told(log.source(name, trace.line, trace.id), trace.spans)
    except ReadError as error:
        return ReadError(error.reason, str(error), line=trace.line, key=trace.id)


def _told(source: Source, spans: list[Span]) -> Trajectory:
    spans.sort(key=lambda span: span.at)
    by_id = {span.id: span for span in spans}
    root = next((span for span in spans if span.parent not in by_id), spans[0])
    story = _Story(spans, by_id)
    messages = list(story.told())
    if not any(message.role == "agent" for message in messages):
        names = ", ".join(dict.fromkeys(span.name[:40] for span in spans[:5]))
        raise ReadError(Reason.NO_STEPS, f"no span holds what a model said or a tool did; seen were {names}")
    if not any(message.role == "user" for message in messages):
        messages.insert(0, Message("user", _asked(root.given)))
    tools = next((span.tools for span in story.main if span.tools), None)
    crashed = {"ending": Ending.CRASHED, "failure_reason": root.error} if root.error else {}
    told = {"label": root.label, "flags": {OTHERS: story.others}, **crashed}
    return conversations.run(source, messages, {"tools": tools}, **told)


@dataclass
class _Story:
    """What the main agent of a trace heard, said and did, in order."""

    spans: list[Span]
    by_id: dict[str, Span]
    main: list[Span] = field(default_factory=list)
    """Its calls of a model."""
    others: bool = False
    agents: dict[str, str] = field(default_factory=dict)
    """By the ids of spans, what `_agent` found."""

    def __post_init__(self) -> None:
        histories: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
        for span in self.spans:
            if span.kind == "model" and (span.heard or span.said):
                system = next((message.text for message in span.heard if message.role == "system"), "")
                histories[self._agent(span), system].append(span)
        calls = {key: sum(len(m.calls) for span in found for m in span.said) for key, found in histories.items()}
        self.main = max(histories.items(), key=lambda one: calls[one[0]])[1] if histories else []
        self.others = len(histories) > 1

    def _agent(self, span: Span) -> str:
        """The agent's span that holds this one; empty if none does."""
        below: list[str] = []
        found = ""
        while span.id not in self.agents:
            below.append(span.id)
            self.agents[span.id] = ""  # ends a walk in a circle
            above = self.by_id.get(span.parent)
            if above is None or above.kind == "agent":
                found = above.id if above else ""
                break
            span = above
        else:
            found = self.agents[span.id]
        self.agents |= dict.fromkeys(below, found)
        return found

    def told(self) -> Iterator[Message]:
        """The messages of the main agent's history. What came back is told by the tools where no model hears it."""
        mine, agent = {span.id for span in self.main}, self._agent(self.main[0]) if self.main else None
        own = ((n, one) for n, span in enumerate(self.spans) if span.id in mine for one in span.heard)
        hears = max((n for n, one in own if one.role == "result"), default=-1)
        calls = any(message.calls for span in self.main for message in span.said)
        errors = self._errors()
        known: Counter[int] = Counter()
        for n, span in enumerate(self.spans):
            if span.id in mine:
                for message in self._new(span, known):
                    error = errors.get(message.answers) if message.role == "result" else None
                    yield message._replace(beside={**(message.beside or {}), "error": error}) if error else message
            elif span.kind == "tool" and n > hears and (agent is None or agent == self._agent(span)):
                if not calls:
                    yield Message("agent", calls=(Call(span.call or span.id, span.name, span.given),))
                call = span.call or ("" if calls else span.id)
                yield Message("result", _text(span), answers=call, name=span.name, beside={"error": span.error or None})

    def _errors(self) -> dict[str, str]:
        """By the ids of calls, what went wrong. A span that tells no id is of the call that it equals, in order."""
        called, ran = defaultdict[str, list[str]](list), defaultdict[str, list[Span]](list)
        for call in (call for span in self.main for message in span.said for call in message.calls):
            called[act(call.name, call.arguments).model_dump_json()].append(call.id)
        for span in self.spans:
            if span.kind == "tool":
                ran[act(span.name, span.given).model_dump_json()].append(span)
        alike = (
            pair for key, ids in called.items() if len(ids) == len(ran[key]) for pair in zip(ids, ran[key], strict=True)
        )
        told = [*alike, *((span.call, span) for span in self.spans if span.call)]
        return {call: span.error for call, span in told if call and span.error}

    def _new(self, span: Span, known: Counter[int]) -> Iterator[Message]:
        """What is new in what a model heard, and what it said. What it said before is told by its own spans."""
        heard: Counter[int] = Counter()
        is_told = span is not self.main[0] and any(one.said for one in self.main)
        for message in span.heard:
            if message.role == "agent" and is_told:
                continue
            heard[id(message)] += 1
            if heard[id(message)] > known[id(message)]:
                known[id(message)] += 1
                yield message
        yield from span.said


def _key(message: Message) -> str:
    """The same for the same message, however it is logged."""
    calls = [act(call.name, call.arguments).model_dump(mode="json") for call in message.calls]
    return json.dumps([message.role, message.text.strip(), message.answers, calls])


def _text(span: Span) -> str:
    if span.gave is None and span.error:
        return span.error
    return span.gave if isinstance(span.gave, str) else json.dumps(span.gave, ensure_ascii=False)


def _asked(given: Any) -> str:
    """What the trace as a whole was given, if it is one text."""
    if isinstance(given, str):
        try:
            given = parse(given) if given.lstrip().startswith("{") else given
        except ReadError:
            return content_text(given)
    texts = [value for value in fields(given).values() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else given if isinstance(given, str) else ""

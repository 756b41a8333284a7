r"""Histories of several agents that work together: Who&When, Magentic-One, and AgentRx's trajectories.

    {"question": "How many are left?", "question_ID": "q1", "is_correct": false, "mistake_agent": "Expert",
     "mistake_step": "2", "mistake_reason": "…", "system_prompt": {"Expert": "You are …"},
     "history": [{"name": "Expert", "role": "assistant", "content": "Run this: …"},
                 {"name": "Computer_terminal", "role": "user", "content": "exitcode: 0 (execution succeeded)\n…"}]}

    {"question": "…", "is_corrected": false,
     "history": [{"role": "human", "content": "…"}, {"role": "Orchestrator (thought)", "content": "…"},
                 {"role": "Orchestrator (-> WebSurfer)", "content": "Open the shop."},
                 {"role": "WebSurfer", "content": "I opened it. …"}]}

    {"source": "Orchestrator (-> WebSurfer)", "message": "Open the shop.", "type": "OrchestrationEvent"}   (lines)
    {"trajectory_id": "…", "instruction": "…", "steps": [{"substeps": [{"role": "Orchestrator", "content": "…"}]}]}

Each message of an agent is a step: words are a reply, an order "(-> Agent)" is a call of that agent, and what a
terminal or a surfer says is what came back of calling it.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import run
from agenther.readers.chat.roles import role_of
from agenther.readers.chat.turns import RESPOND
from agenther.readers.content import content_text, joined
from agenther.readers.failures import failure
from agenther.readers.json_values import Record
from agenther.readers.labels.told import label
from agenther.readers.log import Head, Log
from agenther.readers.root_causes import RootCause, accompanies, plain, root_cause
from agenther.readers.values import each, fields, items, name_of, text, unpacked
from agenther.records import Action, Blame, Label, Reason, Source, Step, Trajectory

VERDICTS = ("is_correct", "is_corrected")
TOOLS = frozenset({"computerterminal", "websurfer", "filesurfer"})
"""Speakers whose words are what came back, by their plain names."""
USERS = frozenset({"userproxy", "userproxyagent"})
DONE = "TERMINATE"
THOUGHT = "thought"
ANSWER = "final answer"
STOPPED = "termination condition"
"""What stands behind a speaker's name."""
_SPEAKER = re.compile(r"(?P<agent>[^()]*+)\((?:->\s*(?P<to>[^()]++)|(?P<aside>[^()]++))\)\s*")
_EVENT = "OrchestrationEvent"


def recognizes(head: Head) -> Fit:
    first = head.first
    turns = list(map(fields, _listed(first)))
    blamed = "history" in first and not first.keys().isdisjoint({"mistake_agent", "mistake_step", *VERDICTS})
    rx = {"trajectory_id", "instruction"} <= first.keys() and bool(turns)
    led = any(said.to or said.aside == THOUGHT for said in map(_Said.of, turns))
    return Fit.sure(blamed or rx or led or _is_event(first))


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    return each(log, "crew", _histories(log), partial(_run, log), ("question_ID",))


def _histories(log: Log) -> Iterator[Record]:
    """Each history of the file; the events of one are a history."""
    said = []
    for line, place, value in log.records():
        if not _is_event(value):
            yield line, place, value
        elif value["type"] == _EVENT:
            said.append(value)
    if said:
        yield None, "", {"history": said}


def _is_event(value: Any) -> bool:
    """Is it one of Magentic-One's? Those of other types tell of what is no message: calls of a model, clicks."""
    return "timestamp" in fields(value) and text(value.get("type")).endswith("Event")


class _Said(NamedTuple):
    """One message, by who said it."""

    text: str
    agent: str
    to: str = ""
    aside: str = ""
    """What the speaker's name says of the message, for example "thought"."""

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "_Said":
        names = (raw.get(name) for name in ("name", "source", "role"))
        speaker = next(filter(None, map(text, names)), "")
        words = content_text(raw.get("content", raw.get("message")))
        found = _SPEAKER.fullmatch(speaker)
        if not found:
            return cls(words, speaker)
        return cls(words, found["agent"].strip(), (found["to"] or "").strip(), (found["aside"] or "").strip())

    @property
    def plain(self) -> str:
        """The speaker's name, without spaces and underscores."""
        return plain(self.agent)


def _listed(record: dict[str, Any]) -> list[Any]:
    """The messages of a history, wherever they stand."""
    history = unpacked(record.get("history"))
    inside = (items(fields(step).get("substeps")) for step in items(record.get("steps")))
    return history if isinstance(history, list) else list(chain.from_iterable(inside))


def _run(log: Log, source: Source, value: Any) -> Trajectory:
    record = fields(value)
    asked, system = list[str](), [_prompts(record.get("system_prompt"))]
    told, steps = list[_Said](), list[Step]()
    for place, raw in enumerate(_listed(record)):
        said = _Said.of(fields(raw))
        role = "user" if said.plain in USERS else role_of(said.agent)
        if said.aside == STOPPED:
            continue
        if role == "user" and steps:
            note = joined([steps[-1].note or "", said.text])
            steps[-1] = steps[-1].model_copy(update={"note": note, "note_by": "user"})
        elif role == "result" and steps and steps[-1].observation is None:
            seen = {"observation": said.text, "error": failure(said.text, fields(raw))}
            steps[-1] = steps[-1].model_copy(update=seen)
        elif role in {"user", "system"}:
            (asked if role == "user" else system).append(said.text)
        else:
            told.append(said)
            steps.append(_step(len(told), said).model_copy(update={"agent": said.agent, "message": place}))
    if not told:
        raise ReadError(Reason.NO_STEPS, "no history with messages of agents")
    answer = _answer(told)
    task_id = name_of(record.get("question_ID", record.get("trajectory_id")))
    cause = root_cause(log, task_id) if "trajectory_id" in record else None
    blame = _caused(record, cause) if cause else _blame(record)
    return run(
        source,
        steps,
        answer,
        goal=text(record.get("question")) or text(record.get("instruction")) or joined(asked),
        task_id=task_id,
        benchmark="who-and-when" if "mistake_step" in record else "",
        template=f"crew/{task_id}" if task_id else "",
        system=joined(system),
        label=Label(success=False, source="root cause") if cause else _label(record),
        failure_reason=_failure_reason(blame),
        blame=blame,
        reference=name_of(record.get("ground_truth", record.get("groundtruth"))) or None,
    )


def _step(n: int, said: _Said) -> Step:
    if said.plain in TOOLS:
        return Step(n=n, turn=n, action=Action(name=said.agent), observation=said.text, error=failure(said.text))
    if said.to:
        return Step(n=n, turn=n, action=Action(name=said.to, arguments={"instruction": said.text}))
    if said.aside == THOUGHT:
        return Step(n=n, turn=n, action=Action(name=THOUGHT), thought=said.text)
    return Step(n=n, turn=n, action=Action(name=RESPOND, arguments={"content": said.text}))


def _answer(told: list[_Said]) -> str | None:
    """The last words of an agent before the word that ends the run, or those that are called the final answer."""
    if told[-1].aside == ANSWER:
        return told[-1].text
    if not told[-1].text.rstrip().endswith(DONE):
        return None
    words = (one.text.rstrip().removesuffix(DONE).strip() for one in reversed(told) if one.plain not in TOOLS)
    return next(filter(None, words), None)


def _label(record: dict[str, Any]) -> Label:
    """By the fields in which the datasets tell it, however it is spelt."""
    told = {name: label({"success": record.get(name)}).success for name in VERDICTS}
    sure = {name: success for name, success in told.items() if success is not None}
    if len({*sure.values()}) > 1:
        return Label(source=f"contradicting: {', '.join(sure)}")
    return next((Label(success=success, source=name) for name, success in sure.items()), Label())


def _blame(record: dict[str, Any]) -> Blame | None:
    """A place beyond the history is kept as it is told: it is the annotators' mistake, not the run's."""
    agent, place = name_of(record.get("mistake_agent")), name_of(record.get("mistake_step"))
    message = int(place) if place.isdecimal() and len(place) < 9 else None
    reason = name_of(record.get("mistake_reason"))
    return Blame(agent=agent, message=message, reason=reason) if agent or message is not None else None


def _caused(record: dict[str, Any], cause: RootCause) -> Blame:
    """The agent's first message in the step that is the root cause; the step's first where it says nothing there."""
    speakers = (_Said.of(fields(raw)).agent for raw in _listed(record))
    placed = enumerate(zip(_numbers(record), speakers, strict=True))
    inside = [(place, agent) for place, (number, agent) in placed if number == cause.step]
    own = [one for one in inside if plain(one[1]) == plain(cause.agent)]
    message, agent = next(iter((*own, *inside)), (cause.step - 1, ""))
    return Blame(agent=agent if own else cause.agent, message=message, reason=cause.reason)


def _numbers(record: dict[str, Any]) -> Iterator[int]:
    """Of each message, the number of the step in which it stands."""
    for n, step in enumerate(map(fields, items(record.get("steps"))), 1):
        index = step.get("index")
        for _ in items(step.get("substeps")):
            yield index if isinstance(index, int) else n


def _failure_reason(blame: Blame | None) -> str | None:
    """Who made the decisive mistake, where and why, as the log's annotators say."""
    if blame is None:
        return None
    where = f"message {blame.message}" if blame.message is not None else ""
    return ": ".join(filter(None, (", ".join(filter(None, (blame.agent, where))), blame.reason))) or None


def _prompts(given: Any) -> str:
    """The system prompts, each under its agent's name."""
    named = (f"{agent}: {prompt}" for agent, prompt in fields(given).items() if isinstance(prompt, str))
    return given if isinstance(given, str) else joined(named)


READER = Reader(
    "Who&When, Magentic-One and AgentRx histories",
    recognizes,
    read,
    accompanies=accompanies,
    needs=("history[].content", "mistake_agent", "mistake_step"),
)

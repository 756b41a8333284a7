r"""ToolBench's training form: a list of rows, each one step of a run with all that went before it.

    [{"id": "Step 4: Where is ZX1 4QP?", "conversations": [
        {"from": "system", "value": "You are AutoGPT, ... you have access to the following APIs: [{'name': ...}]"},
        {"from": "user", "value": "\nWhere is ZX1 4QP?\nBegin!\n"},
        {"from": "assistant", "value": "\nThought: I look it up.\nAction: geocode_for_postcodes\nAction Input: {...}"},
        {"from": "function", "value": "{\"error\": \"\", \"response\": \"...\"}"}, ...]}]

The rows of one query are one run, and its longest row holds all of it. Further user messages are hints that
ToolBench's search wrote between its tries; nobody spoke, and they are left out.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.build import identified
from agenther.readers.content import joined
from agenther.readers.json_text import literal
from agenther.readers.log import Head, Log
from agenther.readers.toolbench.calls import Call, Calls, asked, called, malformed, offered
from agenther.readers.toolbench.runs import Query, draft
from agenther.readers.values import each, fields
from agenther.records import SET_ASIDE, Ending, Source, Trajectory

NAME = "toolbench-training"
_ID = re.compile(r"Step \d+: ")
_APIS = "access to the following APIs:"
"""What stands before the schemas at the end of a system prompt, which are a Python list."""
_ROLES = frozenset({"system", "user", "assistant", "function"})


def recognizes(head: Head) -> Fit:
    """By the id, or, where the head does not reach it, by roles and the way calls are written."""
    turns = head.first.get("conversations")
    if not isinstance(turns, list):
        return Fit.NO
    if _ID.match(str(head.first.get("id"))):
        return Fit.SIGNATURE
    said = [turn for turn in turns if isinstance(turn, dict)]
    roles = {str(turn.get("from")) for turn in said}
    acts = any("\nAction Input:" in str(turn.get("value")) for turn in said)
    return Fit.SHAPE if roles <= _ROLES and acts else Fit.NO


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    longest: dict[str, _Row] = {}
    for row in each(log, NAME, log.records(), _row):
        if isinstance(row, ReadError):
            yield row
        elif row.query not in longest or len(row.turns) > len(longest[row.query].turns):
            longest[row.query] = row
    yield from each(log, NAME, ((row.source.line, row.source.key, row) for row in longest.values()), _run)


class _Row(NamedTuple):
    source: Source
    query: str
    turns: list[dict[str, Any]]
    """Each with a role and a text."""


def _row(source: Source, row: Any) -> _Row:
    turns = fields(row).get("conversations")
    if not isinstance(turns, list):
        raise malformed('no list of "conversations"')
    for turn in turns:
        if not isinstance(turn, dict) or str(turn.get("from")) not in _ROLES or not isinstance(turn.get("value"), str):
            raise malformed('a turn without a known "from" and a text "value"')
    name = row.get("id")
    named = _ID.match(name) if isinstance(name, str) else None
    query = name[named.end() :] if named else asked(_said(turns, "user"))
    return _Row(source, query.strip(), turns)


def _run(source: Source, row: _Row) -> Trajectory:
    calls, strays = _calls(row.turns)
    called([calls])
    system = _said(row.turns, "system")
    tools = offered(literal(system.partition(_APIS)[2]))
    run = draft(source, Query(row.query, tools, system), calls)
    ending = Ending.UNKNOWN if run.ending is Ending.STEP_LIMIT else run.ending  # later rows may be missing
    return identified(run.model_copy(update={"ending": ending, "flags": (*run.flags, *strays)}))


def _calls(turns: list[dict[str, Any]]) -> tuple[Calls, list[str]]:
    """Each of the agent's turns that names an action; a turn of words alone is the thought of the next.

    A result answers the call before it; with none or several of them open, it is set aside, and a flag tells.
    """
    calls: list[Call] = []
    thoughts: list[str] = []
    strays: list[str] = []
    waiting = 0
    for turn in turns:
        if turn["from"] == "assistant":
            thought, name, arguments = _act(turn["value"])
            thoughts.append(thought)
            if name:
                calls.append(Call(name, arguments, joined(thoughts)))
                thoughts = []
                waiting += 1
            continue
        if turn["from"] == "function" and waiting == 1:
            calls[-1] = calls[-1]._replace(response=turn["value"])
        elif turn["from"] == "function":
            strays = [SET_ASIDE]
        waiting = 0
    return tuple(calls), strays


def _act(text: str) -> tuple[str, str, str]:
    """Thought, action and input of one turn; the last two are empty when it makes no call."""
    before, _, arguments = text.partition("\nAction Input:")
    thought, called, name = f"\n{before}".rpartition("\nAction:")
    if not called:
        thought, name, arguments = f"\n{text}", "", ""
    return thought.strip().removeprefix("Thought:").strip(), name.strip(), arguments.strip()


def _said(turns: list[dict[str, Any]], role: str) -> str:
    return next((turn["value"] for turn in turns if turn["from"] == role), "")


READER = Reader(
    "ToolBench training rows", recognizes, read, needs=("id", "conversations[].from", "conversations[].value")
)

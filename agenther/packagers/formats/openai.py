r"""The OpenAI fine-tuning format, which Azure, Fireworks and Together read too.

    {"messages": [{"role": "system", "content": "..."}, {"role": "user", "content": "..."},
        {"role": "assistant", "content": "...", "weight": 1, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{\"q\": \"lamp\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "..."},
        {"role": "assistant", "content": "...", "weight": 1}],
     "tools": [...], "parallel_tool_calls": false}

Nothing is cut: a turn that does not serve the goal has `weight` 0. There are no weights but 0 and 1, and no columns
beside these, not even where a row comes from, since the API knows no others. A thought is the text beside the call.
"""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from agenther.packagers.base import Message, Packager, Part, Row, each, text
from agenther.packagers.columns import FLAG, OBJECT, Columns, Each, Maybe
from agenther.packagers.talk import chat
from agenther.packagers.talk.rules import NO_LOSS
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import Shown, Turn, uncut
from agenther.packagers.trainers import OPENAI as OPENAI_API

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_TOOLS = 128


class _Said(BaseModel, extra="forbid", strict=True):
    """What a message, a tool and a call may hold, as the API's schema has it."""


class _Spoken(_Said):
    role: Literal["system", "user"]
    content: str


class _Result(_Said):
    role: Literal["tool"]
    tool_call_id: str
    content: str


class _Named(_Said):
    name: str
    arguments: str


class _Call(_Said):
    id: str
    type: Literal["function"]
    function: _Named


class _Act(_Said):
    role: Literal["assistant"]
    content: str
    weight: int = Field(ge=0, le=1)
    tool_calls: list[_Call] = []


class _Function(_Said):
    name: str
    description: str
    parameters: dict[str, object]


class _Tool(_Said):
    type: Literal["function"]
    function: _Function


class _Example(_Said):
    messages: list[Annotated[_Spoken | _Act | _Result, Field(discriminator="role")]]
    tools: list[_Tool] = Field(default=[], min_length=1)
    parallel_tool_calls: bool = True


def row(shown: Shown) -> Row:
    talk = shown.talk
    messages = [*chat.opening(talk), *(message for turn in talk.acts for message in _of_turn(turn))]
    tools = schemas(talk.tools, talk.calls)
    parallel = any(len(turn.calls) > 1 for turn in talk.turns)
    return {"messages": messages, **({"tools": tools, "parallel_tool_calls": parallel} if tools else {})}


def _of_turn(turn: Turn) -> Iterator[Message]:
    said = "\n\n".join(part for part in (turn.thought, turn.text) if part)
    message: Message = {"role": "assistant", "content": said, "weight": int(turn.serves)}
    if turn.calls:
        message["tool_calls"] = [
            {"id": it.id, "type": "function", "function": {"name": it.name, "arguments": _arguments(it.arguments)}}
            for it in turn.calls
        ]
    yield message
    for call, result in zip(turn.calls, turn.results, strict=False):
        yield {"role": "tool", "tool_call_id": call.id, "content": result}
    if turn.reply:
        yield {"role": "user", "content": turn.reply}


def _arguments(arguments: dict[str, object] | str) -> str:
    return arguments if isinstance(arguments, str) else text(arguments)


def problems(row: Row) -> list[str]:
    try:
        _Example.model_validate(row)
    except ValidationError as error:
        broken = ((".".join(it for it in one["loc"] if isinstance(it, str)), one["msg"]) for one in error.errors())
        return list(dict.fromkeys(": ".join(one) for one in broken))
    tools = row.get("tools", [])
    as_chat = {"messages": [_parsed(message) for message in row["messages"]], "tools": text(tools)}
    found = chat.problems_of_demonstration(as_chat, "messages")
    if not any(message.get("weight") for message in row["messages"]):
        found.append(NO_LOSS)
    if not all(NAME.fullmatch(tool["function"]["name"]) for tool in tools):
        found.append("a tool's name has other characters than letters, digits, _ and -, or more than 64")
    if len(tools) > MOST_TOOLS:
        found.append(f"more than {MOST_TOOLS} tools")
    if not row.get("parallel_tool_calls") and any(len(it.get("tool_calls", ())) > 1 for it in row["messages"]):
        found.append("several calls in a message, which the row says are not made")
    return found


def _parsed(message: Message) -> Message:
    """With arguments as objects, where they are."""
    calls = [
        {**call, "function": {**call["function"], "arguments": _object(call["function"]["arguments"])}}
        for call in message.get("tool_calls", [])
    ]
    return {**message, "tool_calls": calls}


def _object(arguments: str) -> object:
    try:
        return json.loads(arguments)
    except ValueError:
        return None


COLUMNS: Columns = {"messages": Each(OBJECT), "tools": Maybe(Each(OBJECT)), "parallel_tool_calls": Maybe(FLAG)}

OPENAI = Packager(
    "whole demonstrations for OpenAI's fine-tuning API, and Azure's",
    {"": Part(problems, COLUMNS, rows=each(uncut, row), trainers=(OPENAI_API,), sequences=(("messages", "tools"),))},
)

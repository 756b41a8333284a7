r"""ShareGPT conversations with tool calls, as trainers keep them.

    {"conversations": [
        {"from": "human", "value": "Is Dune in?"},
        {"from": "function_call", "value": "{\"name\": \"find_book\", \"arguments\": {\"title\": \"Dune\"}}"},
        {"from": "observation", "value": "{\"copies\": 0}"},
        {"from": "gpt", "value": "All copies are out."}],
     "system": "You run a library desk.", "tools": "[{\"name\": \"find_book\", …}]"}

Calls also stand as <tool_call>{…}</tool_call> in the agent's text, with results of the role `tool` in
<tool_response> tags; parallel calls as a JSON list in one `function_call`.
"""

from collections.abc import Iterator
from typing import Any

from agenther.errors import ReadError
from agenther.readers import chat
from agenther.readers.json_text import parse
from agenther.readers.log import Head, Log
from agenther.readers.messages import Call, Message, content_text, split_thought
from agenther.records import Reason, Trajectory

NAME = "sharegpt"
SPEAKERS = ("human", "gpt", "chatgpt", "function_call", "observation")
"""Speakers by which the format is known; `user`, `assistant` and `function` alone are ToolBench's training form."""


def recognizes(head: Head) -> bool:
    return any(message.get("from") in SPEAKERS for message in chat.first_messages(head)[:4])


def read(log: Log) -> Iterator[Trajectory | ReadError]:
    """Every conversation of the file, as a run."""
    return chat.runs(log, NAME, messages_of)


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message; one with several results gives a Message for each."""
    speaker = raw.get("from")
    if not isinstance(speaker, str):
        raise ReadError(Reason.MALFORMED, "nobody speaks: no `from`")
    text = content_text(raw.get("value"))
    if speaker in {"gpt", "chatgpt", "assistant"}:
        thought, text = split_thought(text)
        said, calls = _tagged(text)
        yield Message("agent", said, thought, calls)
    elif speaker == "function_call":
        yield _function_call(text)
    elif speaker in {"observation", "tool", "function"}:
        yield from (Message("result", result) for result in _results(text))
    elif speaker in {"human", "user"}:
        yield Message("user", text)
    else:
        yield Message("system" if speaker == "system" else "environment", text)


def _function_call(text: str) -> Message:
    thought, text = split_thought(text)
    try:
        value = parse(text)
    except ReadError:
        said, calls = _tagged(text)
        return Message("agent", said, thought, calls or (Call("", "function_call", text),))
    calls = tuple(_call(item) for item in (value if isinstance(value, list) else [value]))
    return Message("agent", "", thought, calls)


def _tagged(text: str) -> tuple[str, tuple[Call, ...]]:
    """(text, calls): what stands outside and inside of <tool_call> tags."""
    before, *pieces = text.split("<tool_call>")
    outside, calls = [before], []
    for piece in pieces:
        inside, _, after = piece.partition("</tool_call>")
        outside.append(after)
        try:
            calls.append(_call(parse(inside)))
        except ReadError:
            calls.append(Call("", "tool_call", inside))
    return "".join(outside).strip() if calls else text, tuple(calls)


def _call(value: Any) -> Call:
    """A call from its JSON; one that names no tool stays whole, as the agent wrote it."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return Call("", value["name"], value.get("arguments", value.get("parameters")))
    return Call("", "function_call", value)


def _results(text: str) -> list[str]:
    """The results that one message holds: those in <tool_response> tags, or the whole text."""
    if not text.lstrip().startswith("<tool_response>"):
        return [text]
    return [piece.partition("</tool_response>")[0].strip("\n") for piece in text.split("<tool_response>")[1:]]

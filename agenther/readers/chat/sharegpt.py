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
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import calls, conversations, openai
from agenther.readers.chat.messages import Message
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, split_thought
from agenther.readers.log import Head
from agenther.records import Reason

NAME = "sharegpt"
SPEAKERS = ("human", "gpt", "chatgpt", "function_call", "observation")
"""Speakers by which the format is known; `user`, `assistant` and `function` alone are ToolBench's training form."""


def recognizes(head: Head) -> Fit:
    said = conversations.first_messages(head)[:4]
    return Fit.SHAPE if any(message.get("from") in SPEAKERS for message in said) else Fit.NO


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message; one with several results gives a Message for each, and one of OpenAI's is read as such."""
    if "from" not in raw and "role" in raw:
        yield from openai.messages_of(raw)
        return
    speaker = raw.get("from")
    if not isinstance(speaker, str):
        raise ReadError(Reason.MALFORMED, "nobody speaks: no `from`")
    role, text = role_of(speaker), content_text(raw.get("value"))
    if role == "agent":
        thought, text = split_thought(text)
        said, made = calls.tagged(text)
        yield Message("agent", said, thought, made)
    elif role == "call":
        yield calls.written(text)
    elif role == "result":
        yield from calls.responses(text)
    else:
        yield Message(role, text)


READER = Reader(
    "ShareGPT conversations with tool calls",
    recognizes,
    partial(conversations.runs, NAME, messages_of),
    needs=("conversations[].from", "conversations[].value"),
)

"""LangChain's messages, as LangGraph keeps them in its state: flat, with their data apart, or as constructors.

    {"type": "ai", "content": "", "tool_calls": [{"name": "find_book", "args": {"title": "Dune"}, "id": "c1"}]}
    {"type": "tool", "data": {"content": "No copies.", "tool_call_id": "c1", "status": "success"}}
    {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
     "kwargs": {"content": "Is Dune in?"}}

Lists of them stand alone, under `messages`, or under `values.messages`, as a thread's state does.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations, openai
from agenther.readers.chat.messages import Message
from agenther.readers.chat.roles import LANGCHAIN, kind_of
from agenther.readers.log import Head
from agenther.readers.values import fields

NAME = "langchain"


def recognizes(head: Head) -> Fit:
    return Fit.SIGNATURE if any(map(kind_of, conversations.first_messages(head)[:4])) else Fit.NO


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, read as the one of OpenAI's that it stands for."""
    data, role = raw, raw.get("role")
    if kind := kind_of(raw):
        data, role = fields(raw.get("kwargs", raw.get("data", raw))), LANGCHAIN[kind]
    more = fields(data.get("additional_kwargs"))  # calls stand there too, where `tool_calls` does not hold them
    told = {name: value for name, value in data.items() if value not in (None, [])}
    yield from openai.messages_of({**more, **told, "role": role})


READER = Reader(
    "LangChain and LangGraph messages",
    recognizes,
    partial(conversations.runs, NAME, messages_of),
    needs=("messages[].type", "messages[].content"),
)

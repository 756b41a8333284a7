"""Messages of any dialect, each told by its own shape, for what holds the chats of others: spans, and mapped fields."""

from collections.abc import Iterator
from typing import Any

from agenther.readers.chat import langchain, openai, parts, sharegpt
from agenther.readers.chat.messages import Message
from agenther.readers.chat.roles import kind_of

SAYS = ("content", "parts", "tool_calls", "function_call")
"""Fields of which a message has one."""


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, by its own shape; Anthropic's blocks are among what OpenAI's reader knows."""
    if parts.has_parts(raw):
        return parts.messages_of(raw)
    if kind_of(raw):
        return langchain.messages_of(raw)
    return sharegpt.messages_of(raw) if "from" in raw and "role" not in raw else openai.messages_of(raw)


def is_message(value: Any) -> bool:
    """Has a value the shape of a message?"""
    return isinstance(value, dict) and (
        bool(kind_of(value)) or (isinstance(value.get("role"), str) and not value.keys().isdisjoint(SAYS))
    )

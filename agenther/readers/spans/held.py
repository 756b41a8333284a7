"""The messages in what a span was given, or gave: at any depth, in whatever dialect."""

from collections.abc import Iterator
from typing import Any

from agenther.readers.chat import dialects
from agenther.readers.chat.messages import Message, read_all

HOLDS = ("messages", "generations", "choices", "message", "output", "input")
"""Fields that hold messages, or what holds them."""


def messages_in(held: Any) -> list[Message]:
    """All of them, in order. Raises ReadError for one that is not understood."""
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

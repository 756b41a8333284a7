"""Chat messages, as all dialects have them: who says what, which calls it holds, and what came back.

A reader turns its own messages into `Message`s; `turns` makes a run of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from agenther.errors import ReadError
from agenther.readers.chat.acts import Origin
from agenther.readers.values import name_of
from agenther.records import Reason

OTHERS = "other-agents-left-out"
"""A flag of runs in whose log other agents act, too."""
TIMES = ("timestamp", "created_at", "time", "ts")
"""Fields in which a message tells when it was said."""


class Call(NamedTuple):
    """A tool call as logged. `id` is empty where the log gives none."""

    id: str
    name: str
    arguments: Any


class Message(NamedTuple):
    """One message, or one part of a message that holds several results."""

    role: Literal["system", "user", "agent", "result", "environment"]
    """Of an example, who would say it."""
    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    answers: str = ""
    """Of a result, the id of its call."""
    name: str = ""
    """Of a result, the tool that it names."""
    beside: Mapping[str, Any] | None = None
    """Of a result, the fields beside it, which may mark it as an error."""
    example: bool = False
    """Is it marked as an example of how to answer? Nobody said it."""
    origin: Origin = Origin()


def read_all(raw: Any, messages_of: Callable[[dict[str, Any]], Iterator[Message]]) -> Iterator[Message]:
    """Each message of a log's list. Raises ReadError when it is no list of messages."""
    if not isinstance(raw, list):
        raise ReadError(Reason.MALFORMED, "no list of messages")
    for n, message in enumerate(raw, 1):
        if not isinstance(message, dict):
            raise ReadError(Reason.MALFORMED, f"message {n} is no object")
        try:
            speaker = name_of(message.get("role", message.get("from")))
            origin = Origin(name_of(message.get("name")), _time(message), n - 1, speaker)
            yield from (one._replace(origin=origin) for one in messages_of(message))
        except ReadError as error:
            raise ReadError(error.reason, f"message {n}: {error}") from None


def _time(raw: dict[str, Any]) -> str:
    return next((str(raw[name]) for name in TIMES if isinstance(raw.get(name), str | int | float)), "")

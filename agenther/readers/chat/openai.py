r"""Chats as OpenAI's API takes them: messages with a role, tool calls, and results under their call's id.

    {"messages": [
        {"role": "system", "content": "You run a library desk."},
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "find_book", "arguments": "{\"title\": \"Dune\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"copies\": 0}"},
        {"role": "assistant", "content": "All copies are out."}],
     "tools": [{"type": "function", "function": {"name": "find_book", "parameters": {…}}}]}

Also the bare list, the older `function_call` with results of the role `function`, content in parts, several results
in one message (`tool_responses`), and the roles `tool-call` and `tool-response`, which hold calls and results as text.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import anthropic, calls, conversations
from agenther.readers.chat.asking import is_example
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, joined, split_thought
from agenther.readers.log import Head
from agenther.records import Reason

NAME = "openai-chat"


def recognizes(head: Head) -> Fit:
    """Any messages with roles."""
    first = conversations.first_messages(head)[:1]
    return Fit.FALLBACK if any(isinstance(message.get("role"), str) for message in first) else Fit.NO


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message, marked where it is an example of how to answer."""
    example = is_example(raw)
    yield from (message._replace(example=example) for message in _messages(raw))


def _messages(raw: dict[str, Any]) -> Iterator[Message]:
    """As `messages_of`. Content blocks of Anthropic's are read too: the head of a long log may not show them."""
    name = raw.get("role")
    if not isinstance(name, str):
        raise ReadError(Reason.MALFORMED, "no role")
    role = role_of(name)
    text = content_text(raw.get("content"))
    if anthropic.has_blocks(raw):
        yield from anthropic.messages_of(raw)
    elif role == "agent":
        inline, text = split_thought(joined([text, content_text(raw.get("refusal"))]))
        reasoning = content_text(raw.get("reasoning_content") or raw.get("reasoning"))
        yield Message("agent", text, joined([reasoning, inline]), tuple(_calls(raw)))
    elif role == "call":
        yield calls.written(text)
    elif role == "result" or calls.answers_a_call(raw):
        yield from calls.results(raw)
    else:
        yield Message(role, text)


def _calls(raw: dict[str, Any]) -> Iterator[Call]:
    made = raw.get("tool_calls") or []
    if not isinstance(made, list):
        raise ReadError(Reason.MALFORMED, "tool_calls is no list")
    for item in [*made, *filter(None, [raw.get("function_call")])]:
        call = calls.call_of(item)
        if call is None:
            raise ReadError(Reason.MALFORMED, "a tool call without a name")
        yield call


READER = Reader("OpenAI messages with tool calls", recognizes, partial(conversations.runs, NAME, messages_of))

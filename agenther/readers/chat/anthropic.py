"""Chats as Anthropic's API takes them: content in blocks, calls and results among them, the system prompt apart.

    {"system": "You run a library desk.",
     "tools": [{"name": "find_book", "description": "…", "input_schema": {…}}],
     "messages": [
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Look it up.", "signature": "…"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_1", "name": "find_book", "input": {"title": "Dune"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "No copies.", "is_error": false}]}]}

Calls and results of server and MCP tools (`server_tool_use`, `web_search_tool_result`) are read alike.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from agenther.errors import ReadError
from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.messages import Call, Message
from agenther.readers.chat.roles import role_of
from agenther.readers.content import content_text, joined
from agenther.readers.log import Head
from agenther.readers.values import fields, name_of
from agenther.records import Reason

NAME = "anthropic"
BLOCKS = ("thinking", "tool_use", "tool_result")
"""How the types of blocks end that only this API has."""


def recognizes(head: Head) -> Fit:
    """Does a message hold blocks that only this API has, or a tool its kind of schema?"""
    messages = conversations.first_messages(head)
    tools = head.first.get("tools")
    schemas = tools if isinstance(tools, list) else []
    is_ours = any(map(has_blocks, messages)) or any("input_schema" in fields(tool) for tool in schemas)
    return Fit.SIGNATURE if is_ours else Fit.NO


def has_blocks(message: dict[str, Any]) -> bool:
    """Does the message hold a thought, a call or a result as a content block?"""
    content = message.get("content")
    return isinstance(content, list) and any(_is(block, *BLOCKS) for block in content)


def _is(block: Any, *kinds: str) -> bool:
    kind = fields(block).get("type")
    return isinstance(kind, str) and kind.endswith(kinds)


def messages_of(raw: dict[str, Any]) -> Iterator[Message]:
    """One message; one that holds results gives a Message for each, and for what stands between them."""
    name = raw.get("role")
    role = role_of(name) if isinstance(name, str) else ""
    if role not in ("user", "agent", "system"):
        raise ReadError(Reason.MALFORMED, "the role is neither user nor assistant")
    content: Any = raw.get("content")
    between: list[Any] = []
    for block in content if isinstance(content, list) else [content]:
        if not _is(block, "tool_result"):
            between.append(block)
            continue
        if between:
            yield _plain(role, between)
        between = []
        answers = name_of(block.get("tool_use_id"))
        yield Message("result", content_text(block.get("content")), answers=answers, beside=block)
    if between or not content:
        yield _plain(role, between)


def _plain(role: str, blocks: list[Any]) -> Message:
    """A message without results."""
    if role != "agent":
        return Message("user" if role == "user" else "system", content_text(blocks))
    thoughts = [content_text(block.get("thinking")) for block in blocks if _is(block, "thinking")]
    calls = [_call(block) for block in blocks if _is(block, "tool_use")]
    text = content_text([block for block in blocks if not _is(block, *BLOCKS)])
    return Message("agent", text, joined(thoughts), tuple(calls))


def _call(block: dict[str, Any]) -> Call:
    if not isinstance(block.get("name"), str):
        raise ReadError(Reason.MALFORMED, "a tool call without a name")
    return Call(name_of(block.get("id")), block["name"], block.get("input"))


READER = Reader(
    "Anthropic messages with content blocks",
    recognizes,
    partial(conversations.runs, NAME, messages_of),
    needs=("messages[].role", "messages[].content[].type"),
)

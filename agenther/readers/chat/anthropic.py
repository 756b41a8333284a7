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

from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.log import Head
from agenther.readers.values import fields

BLOCKS = ("thinking", "tool_use", "tool_result")
"""How the types of blocks end that only this API has."""


def recognizes(head: Head) -> Fit:
    """Does a message hold blocks that only this API has, or a tool its kind of schema?"""
    messages = conversations.first_messages(head)
    tools = head.first.get("tools")
    schemas = tools if isinstance(tools, list) else []
    is_ours = any(map(_has_blocks, messages)) or any("input_schema" in fields(tool) for tool in schemas)
    return Fit.SIGNATURE if is_ours else Fit.NO


def _has_blocks(message: dict[str, Any]) -> bool:
    """Does a message with a role hold a thought, a call or a result as a content block?"""
    content = message.get("content") if "role" in message else None
    kinds = (fields(block).get("type") for block in content) if isinstance(content, list) else ()
    return any(isinstance(kind, str) and kind.endswith(BLOCKS) for kind in kinds)


READER = Reader(
    "Anthropic messages with content blocks",
    recognizes,
    conversations.read("anthropic"),
    needs=("messages[].role", "messages[].content[].type"),
)

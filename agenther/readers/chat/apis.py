r"""Chats as the APIs of models take them, and as frameworks and trainers keep them, each known by its messages.

OpenAI's have a role, tool calls, and results under their call's id; the older `function_call` with results of the role
`function`, content in parts (also those of the AI SDK and of Bedrock), several results in one message
(`tool_responses`), and calls and results as text, of the roles `tool-call` and `tool-response`, are read, too:

    {"messages": [
        {"role": "system", "content": "You run a library desk."},
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "find_book", "arguments": "{\"title\": \"Dune\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"copies\": 0}"},
        {"role": "assistant", "content": "All copies are out."}],
     "tools": [{"type": "function", "function": {"name": "find_book", "parameters": {…}}}]}

ShareGPT's conversations; calls also stand as <tool_call>{…}</tool_call> in the agent's text, with results of the role
`tool` in <tool_response> tags, and parallel calls as a JSON list in one `function_call`:

    {"conversations": [
        {"from": "human", "value": "Is Dune in?"},
        {"from": "function_call", "value": "{\"name\": \"find_book\", \"arguments\": {\"title\": \"Dune\"}}"},
        {"from": "observation", "value": "{\"copies\": 0}"},
        {"from": "gpt", "value": "All copies are out."}],
     "system": "You run a library desk.", "tools": "[{\"name\": \"find_book\", …}]"}

Anthropic's hold calls and results, also those of server and MCP tools, as blocks of content, and the system prompt
apart:

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

LangChain's, as LangGraph keeps them in its state, are flat, have their data apart, or are constructors; lists of them
stand alone, under `messages`, or under `values.messages`, as a thread's state does:

    {"type": "ai", "content": "", "tool_calls": [{"name": "find_book", "args": {"title": "Dune"}, "id": "c1"}]}
    {"type": "tool", "data": {"content": "No copies.", "tool_call_id": "c1", "status": "success"}}
    {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
     "kwargs": {"content": "Is Dune in?"}}

Gemini's contents have fields in two spellings, `functionCall` and `function_call`; what the model ran itself
(`executableCode`, `codeExecutionResult`) is a call of `code_execution` and its result:

    {"contents": [{"role": "user", "parts": [{"text": "Is Dune in?"}]},
                  {"role": "model", "parts": [{"functionCall": {"name": "find_book", "args": {"title": "Dune"}}}]},
                  {"role": "user", "parts": [{"functionResponse": {"name": "find_book", "response": {"copies": 0}}}]}],
     "systemInstruction": {"parts": [{"text": "You run a library desk."}]},
     "tools": [{"functionDeclarations": [{"name": "find_book", …}]}]}
"""

from collections.abc import Callable
from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat.conversations import first_messages, read
from agenther.readers.chat.roles import kind_of
from agenther.readers.log import Head
from agenther.readers.values import fields, items

SPEAKERS = ("human", "gpt", "chatgpt", "function_call", "observation")
"""Speakers by which ShareGPT's are known; `user`, `assistant` and `function` alone are ToolBench's training form."""
BLOCKS = ("thinking", "tool_use", "tool_result")
"""How the types of blocks end that only Anthropic's API has."""


def _known(fit: Fit, is_ours: Callable[[dict[str, Any]], object], first: int = 4) -> Callable[[Head], Fit]:
    """So sure is a reader of a chat in which one of the first messages is its own."""
    return lambda head: fit if any(map(is_ours, first_messages(head)[:first])) else Fit.NO


def _has_parts(message: dict[str, Any]) -> bool:
    """Does a message hold parts without a type?"""
    parts = message.get("parts")
    return isinstance(parts, list) and "content" not in message and not any("type" in fields(part) for part in parts)


def _has_blocks(head: Head) -> Fit:
    """Does a message hold a thought, a call or a result as a block, or a tool the schema that only this API has?"""
    contents = (message.get("content") for message in first_messages(head) if "role" in message)
    kinds = (fields(block).get("type") for content in contents for block in items(content))
    has_schemas = any("input_schema" in fields(tool) for tool in items(head.first.get("tools")))
    return Fit.sure(has_schemas or any(isinstance(kind, str) and kind.endswith(BLOCKS) for kind in kinds))


OPENAI = Reader(
    "OpenAI messages with tool calls",
    _known(Fit.FALLBACK, lambda message: isinstance(message.get("role"), str), 1),
    read("openai-chat"),
    needs=("messages[].role",),
)
SHAREGPT = Reader(
    "ShareGPT conversations with tool calls",
    _known(Fit.SHAPE, lambda message: message.get("from") in SPEAKERS),
    read("sharegpt"),
    needs=("conversations[].from", "conversations[].value"),
)
ANTHROPIC = Reader(
    "Anthropic messages with content blocks",
    _has_blocks,
    read("anthropic"),
    needs=("messages[].role", "messages[].content[].type"),
)
LANGCHAIN = Reader(
    "LangChain and LangGraph messages",
    _known(Fit.SIGNATURE, kind_of),
    read("langchain"),
    needs=("messages[].type", "messages[].content"),
)
GEMINI = Reader(
    "Gemini contents",
    _known(Fit.SHAPE, _has_parts),
    read("gemini"),
    needs=("contents[].role", "contents[].parts"),
)

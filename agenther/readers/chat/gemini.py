"""Gemini's contents.

    {"contents": [{"role": "user", "parts": [{"text": "Is Dune in?"}]},
                  {"role": "model", "parts": [{"functionCall": {"name": "find_book", "args": {"title": "Dune"}}}]},
                  {"role": "user", "parts": [{"functionResponse": {"name": "find_book", "response": {"copies": 0}}}]}],
     "systemInstruction": {"parts": [{"text": "You run a library desk."}]},
     "tools": [{"functionDeclarations": [{"name": "find_book", …}]}]}

Fields are read in both spellings, `functionCall` and `function_call`. What the model ran itself (`executableCode`,
`codeExecutionResult`) is a call of `code_execution` and its result.
"""

from typing import Any

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.log import Head
from agenther.readers.values import fields


def recognizes(head: Head) -> Fit:
    """Does a message hold parts without a type?"""
    return Fit.SHAPE if any(map(_is_ours, conversations.first_messages(head)[:4])) else Fit.NO


def _is_ours(message: dict[str, Any]) -> bool:
    parts = message.get("parts")
    return isinstance(parts, list) and "content" not in message and not any("type" in fields(part) for part in parts)


READER = Reader(
    "Gemini contents", recognizes, conversations.read("gemini"), needs=("contents[].role", "contents[].parts")
)

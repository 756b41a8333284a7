"""LangChain's messages, as LangGraph keeps them in its state: flat, with their data apart, or as constructors.

    {"type": "ai", "content": "", "tool_calls": [{"name": "find_book", "args": {"title": "Dune"}, "id": "c1"}]}
    {"type": "tool", "data": {"content": "No copies.", "tool_call_id": "c1", "status": "success"}}
    {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
     "kwargs": {"content": "Is Dune in?"}}

Lists of them stand alone, under `messages`, or under `values.messages`, as a thread's state does.
"""

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.chat.roles import kind_of
from agenther.readers.log import Head


def recognizes(head: Head) -> Fit:
    return Fit.SIGNATURE if any(map(kind_of, conversations.first_messages(head)[:4])) else Fit.NO


READER = Reader(
    "LangChain and LangGraph messages",
    recognizes,
    conversations.read("langchain"),
    needs=("messages[].type", "messages[].content"),
)

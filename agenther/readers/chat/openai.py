r"""Chats as OpenAI's API takes them: messages with a role, tool calls, and results under their call's id.

    {"messages": [
        {"role": "system", "content": "You run a library desk."},
        {"role": "user", "content": "Is Dune in?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
            "function": {"name": "find_book", "arguments": "{\"title\": \"Dune\"}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "{\"copies\": 0}"},
        {"role": "assistant", "content": "All copies are out."}],
     "tools": [{"type": "function", "function": {"name": "find_book", "parameters": {…}}}]}

Also the bare list, the older `function_call` with results of the role `function`, content in parts (also those of the
AI SDK and of Bedrock), several results in one message (`tool_responses`), and calls and results as text, of the roles
`tool-call` and `tool-response`.
"""

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.log import Head


def recognizes(head: Head) -> Fit:
    """Any messages with roles."""
    first = conversations.first_messages(head)[:1]
    return Fit.FALLBACK if any(isinstance(message.get("role"), str) for message in first) else Fit.NO


READER = Reader(
    "OpenAI messages with tool calls", recognizes, conversations.read("openai-chat"), needs=("messages[].role",)
)

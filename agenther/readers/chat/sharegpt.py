r"""ShareGPT conversations with tool calls, as trainers keep them.

    {"conversations": [
        {"from": "human", "value": "Is Dune in?"},
        {"from": "function_call", "value": "{\"name\": \"find_book\", \"arguments\": {\"title\": \"Dune\"}}"},
        {"from": "observation", "value": "{\"copies\": 0}"},
        {"from": "gpt", "value": "All copies are out."}],
     "system": "You run a library desk.", "tools": "[{\"name\": \"find_book\", …}]"}

Calls also stand as <tool_call>{…}</tool_call> in the agent's text, with results of the role `tool` in
<tool_response> tags; parallel calls as a JSON list in one `function_call`.
"""

from agenther.readers.base import Fit, Reader
from agenther.readers.chat import conversations
from agenther.readers.log import Head

SPEAKERS = ("human", "gpt", "chatgpt", "function_call", "observation")
"""Speakers by which the format is known; `user`, `assistant` and `function` alone are ToolBench's training form."""


def recognizes(head: Head) -> Fit:
    said = conversations.first_messages(head)[:4]
    return Fit.SHAPE if any(message.get("from") in SPEAKERS for message in said) else Fit.NO


READER = Reader(
    "ShareGPT conversations with tool calls",
    recognizes,
    conversations.read("sharegpt"),
    needs=("conversations[].from", "conversations[].value"),
)

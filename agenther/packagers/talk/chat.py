"""Messages as TRL and Axolotl read them, and their rules. An act and what came back:

    {"role": "assistant", "content": "", "reasoning_content": "...", "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": {"q": "lamp"}}}]}
    {"role": "tool", "tool_call_id": "call_1", "name": "search", "content": "..."}

Content is "" beside calls, never null; arguments are objects, not text.
"""

import json
from collections.abc import Iterable

from agenther.packagers.base import Message, Row
from agenther.packagers.talk.rules import NO_ANSWER, NO_USER, UNASKED, begins_with_user, of_call
from agenther.packagers.talk.thoughts import inline
from agenther.packagers.talk.tools import names
from agenther.packagers.talk.turns import Conversation, Turn


def messages(talk: Conversation, turns: Iterable[Turn]) -> list[Message]:
    """The system's and the user's message, then `turns` and what came back for them."""
    return [*opening(talk), *(message for turn in turns for message in (act(turn), *_response(turn)))]


def opening(talk: Conversation) -> list[Message]:
    system = [{"role": "system", "content": talk.system}] if talk.system else []
    return [*system, {"role": "user", "content": talk.user}]


def act(turn: Turn) -> Message:
    """What the agent did in one turn: text beside calls stays, a thought has a field of its own."""
    message: Message = {"role": "assistant", "content": turn.text}
    if turn.thought:
        message["reasoning_content"] = turn.thought
    if turn.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in turn.calls
        ]
    return message


def demonstration(talk: Conversation) -> list[Message]:
    """The whole conversation, with the agent's last act at its end."""
    return messages(talk, talk.acts)


def inlined(row: Row, columns: Iterable[str]) -> Row:
    """The row with the thoughts in these columns put into the text, in <think> tags."""
    return {**row, **{column: [_inlined(message) for message in row[column]] for column in columns}}


def _inlined(message: Message) -> Message:
    if "reasoning_content" not in message:
        return message
    others = {key: value for key, value in message.items() if key != "reasoning_content"}
    return {**others, "content": inline(message["reasoning_content"]) + message["content"]}


def _response(turn: Turn) -> list[Message]:
    results = [
        {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": result}
        for call, result in zip(turn.calls, turn.results, strict=False)
    ]
    return [*results, {"role": "user", "content": turn.reply}] if turn.reply else results


# --- rules ---------------------------------------------------------------------------------------


def problems(row: Row, *columns: str) -> list[str]:
    """What is wrong with the conversation that `columns`, one after the other, make up; each rule once."""
    conversation: list[Message] = [message for column in columns for message in row[column]]
    found = [*_of_order(conversation), *_of_calls(conversation, names(json.loads(row["tools"])))]
    if not row[columns[0]]:
        found.append("the prompt is empty")
    return list(dict.fromkeys(found))


def problems_of_demonstration(row: Row, *columns: str) -> list[str]:
    """As `problems`, for a whole conversation; it ends with an answer."""
    has_calls = any(message.get("tool_calls") for message in row[columns[-1]][-1:])
    return [*problems(row, *columns), *([NO_ANSWER] if has_calls else [])]


def _of_order(conversation: list[Message]) -> list[str]:
    found = []
    roles = [message["role"] for message in conversation]
    if not begins_with_user(roles):
        found.append(NO_USER)
    if roles[-1:] != ["assistant"]:
        found.append("the conversation does not end with the agent")
    before = ""
    for message in conversation:
        role = message["role"]
        if role == before and role != "tool":
            found.append(f"two messages of the {role} in a row")
        if role in {"user", "assistant"} and not message["content"].strip() and not message.get("tool_calls"):
            found.append(f"an empty message of the {role}")
        before = role
    return found


def _of_calls(conversation: list[Message], listed: set[str]) -> list[str]:
    found = []
    open_ids: list[str] = []
    for message in conversation:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_ids[:1]:
                found.append(UNASKED)
            open_ids = open_ids[1:]
            continue
        if open_ids:
            found.append("a call without a result")
        calls = message.get("tool_calls", [])
        open_ids = [call["id"] for call in calls]
        for call in calls:
            found.extend(of_call(call["function"]["name"], call["function"]["arguments"], listed))
    return found

"""The rules for conversations that hold in several formats: what no trainer reads right is in no row."""

import json
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from agenther.packagers.columns import leaves

SMALLEST, LARGEST = -(2**63), 2**64 - 1
"""The integers that JSON loaders keep as integers. One beyond them makes `datasets` misread the whole file."""

NO_USER = "the conversation does not begin with the user"
NO_ANSWER = "the last message is no answer"
NO_LOSS = "no message carries loss"
UNASKED = "a result that no call asked for"
SAME_SIDES = "chosen and rejected are the same"


class Said(NamedTuple):
    """A message, of whichever format."""

    role: str
    text: str
    """Apart from its thought."""
    calls: list[str]
    """As JSON."""
    carries_loss: bool


def of_demonstration(messages: list[Said], listed: Container[str]) -> Iterator[str]:
    """The rules that a whole conversation breaks; `listed` are the names of the row's tools."""
    if not begins_with_user([message.role for message in messages]):
        yield NO_USER
    if not messages or messages[-1].role != "assistant" or messages[-1].calls:
        yield NO_ANSWER
    if not any(message.carries_loss for message in messages):
        yield NO_LOSS
    for role, text, calls, _ in messages:
        if role not in {"tool", "tool_response"} and not (text.strip() or calls):
            yield f"an empty message of the {role}"
        for call in calls:
            yield from of_call_text(call, listed)


def begins_with_user(roles: list[str]) -> bool:
    """But for one system prompt."""
    return roles[roles[:1] == ["system"] :][:1] == ["user"] and "system" not in roles[1:]


def of_call_text(text: str, listed: Container[str]) -> list[str]:
    """As `of_call`, for one call or several of them as JSON."""
    try:
        calls = json.loads(text)
    except ValueError:
        return ["a call is no JSON"]
    listing = calls if isinstance(calls, list) else [calls]
    return [rule for call in listing for rule in of_call(call["name"], call["arguments"], listed)]


def of_call(name: str, arguments: Any, listed: Container[str]) -> list[str]:
    found = []
    if not name:
        found.append("a call without a name")
    elif name not in listed:
        found.append("a call of a tool that is not listed")
    if not isinstance(arguments, dict):
        found.append("the arguments of a call are no JSON object")
    elif not all(SMALLEST <= leaf <= LARGEST for leaf in leaves(arguments) if isinstance(leaf, int)):
        found.append("an integer of more than 64 bits")
    return found

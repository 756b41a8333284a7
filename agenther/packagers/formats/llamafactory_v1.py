r"""Messages of LLaMA-Factory's v1 engine, the one that weighs each message, and their rules.

    {"role": "assistant", "loss_weight": 0.7, "content": [
        {"type": "reasoning", "value": "..."},
        {"type": "tool_call", "value": "{\"name\": \"search\", \"arguments\": {\"q\": \"lamp\"}}"}]}
    {"role": "tool", "loss_weight": 0.0, "content": [{"type": "text", "value": "..."}]}

Its loss is the weighted mean over a batch's tokens, so that weights count against each other. A turn that does not
serve the goal has weight 0 and stays where it was.
"""

import json
from collections import defaultdict
from collections.abc import Iterator

from agenther.packagers.base import Message, Row, text
from agenther.packagers.columns import NUMBER, TEXT, Columns, Each
from agenther.packagers.talk import rules, tools
from agenther.packagers.talk.turns import Conversation, Turn

MESSAGE: Columns = {"role": TEXT, "content": Each({"type": TEXT, "value": TEXT}), "loss_weight": NUMBER}
LEAST = 1e-6
"""The engine takes a weight up to this one as none."""


def messages(talk: Conversation, weight: float) -> list[Message]:
    """The whole conversation; what serves the goal has `weight`, all else 0."""
    system = [_message("system", [("text", talk.system)])] if talk.system else []
    turns = (message for turn in talk.acts for message in _messages(turn, weight if turn.serves else 0.0))
    return [*system, _message("user", [("text", talk.user)]), *turns]


def _messages(turn: Turn, weight: float) -> Iterator[Message]:
    calls = [("tool_call", text(call.plain)) for call in turn.calls]
    said = [(kind, value) for kind, value in (("reasoning", turn.thought), ("text", turn.text)) if value]
    yield _message("assistant", [*said, *calls], weight)
    for result in turn.results:
        yield _message("tool", [("text", result)])
    if turn.reply:
        yield _message("user", [("text", turn.reply)])


def _message(role: str, parts: list[tuple[str, str]], weight: float = 0.0) -> Message:
    content = [{"type": kind, "value": value} for kind, value in parts]
    return {"role": role, "content": content, "loss_weight": weight}


def problems(row: Row, *columns: str) -> list[str]:
    """What is wrong with the conversations in `columns`; each rule once."""
    listed = tools.names(json.loads(row["tools"]))
    found = (rule for column in columns for rule in rules.of_demonstration([*map(_said, row[column])], listed))
    return list(dict.fromkeys(found))


def _said(message: Message) -> rules.Said:
    values: defaultdict[str, list[str]] = defaultdict(list)
    for part in message["content"]:
        values[part["type"]].append(part["value"])
    return rules.Said(message["role"], "".join(values["text"]), values["tool_call"], message["loss_weight"] > LEAST)

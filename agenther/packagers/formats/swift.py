r"""Messages as ms-swift reads them: calls and results are messages of their own, and each says whether it is learned.

    {"messages": [{"role": "system", "content": "..."}, {"role": "user", "content": "..."},
        {"role": "assistant", "content": "<think>\n...\n</think>\n\n", "loss": true, "loss_scale": 0.8},
        {"role": "tool_call", "content": "{\"name\": ..., \"arguments\": {...}}", "loss": true, "loss_scale": 0.8},
        {"role": "tool_response", "content": "..."},
        {"role": "assistant", "content": "...", "loss": true, "loss_scale": 0.8}],
     "tools": "[...]", ...}

Nothing is cut: a turn that does not serve the goal has `loss` false. The weight is `loss_scale`; it takes effect with
`--is_binary_loss_scale false`, else everything above 0 counts as 1.
"""

import json
from collections.abc import Iterator

from agenther.packagers.base import PROVENANCE, LeftOut, Message, Packager, Part, Pick, Row, provenance
from agenther.packagers.columns import OBJECT, TEXT, Columns, Each, kept
from agenther.packagers.formats.sharegpt import text
from agenther.packagers.talk import call_rules
from agenther.packagers.talk.thoughts import CLOSED, OPEN
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import Conversation, Turn, uncut


def rows(pick: Pick) -> Iterator[Row | LeftOut]:
    """One row, or the rule that left the sample out."""
    talk = uncut(pick.sample)
    if isinstance(talk, LeftOut):
        yield talk
        return
    yield {
        "messages": messages(talk, pick.weight),
        "tools": text(schemas(talk.tools, talk.calls)),
        **provenance(pick),
    }


def messages(talk: Conversation, weight: float) -> list[Message]:
    """The whole conversation; what serves the goal is learned with `weight`."""
    system = [{"role": "system", "content": talk.system}] if talk.system else []
    turns = (message for turn in talk.acts for message in _messages(turn, weight))
    return [*system, {"role": "user", "content": talk.user}, *turns]


def _messages(turn: Turn, weight: float) -> Iterator[Message]:
    loss = {"loss": turn.serves and weight > 0, "loss_scale": kept(weight) if turn.serves else 0.0}
    thought = f"{OPEN}{turn.thought}{CLOSED}" if turn.thought else ""
    if thought or turn.text:
        yield {"role": "assistant", "content": thought + turn.text, **loss}
    for call in turn.calls:
        yield {"role": "tool_call", "content": text({"name": call.name, "arguments": call.arguments}), **loss}
    for result in turn.results:
        yield {"role": "tool_response", "content": result}
    if turn.reply:
        yield {"role": "user", "content": turn.reply}


def problems(row: Row) -> list[str]:
    return broken(row["messages"], row["tools"])


def broken(conversation: list[Message], tools: str) -> list[str]:
    """The rules that a conversation with these tools breaks; each once."""
    listed = {tool["function"]["name"] for tool in json.loads(tools)}
    found = []
    roles = [message["role"] for message in conversation]
    if [role for role in roles[:2] if role != "system"][:1] != ["user"]:
        found.append("the conversation does not begin with the user")
    if roles[-1:] != ["assistant"]:
        found.append("the last message is no answer")
    if not any(message.get("loss") for message in conversation):
        found.append("no message carries loss")
    for before, message in zip(["", *roles], conversation, strict=False):
        role = message["role"]
        if role == "tool_response" and before not in {"tool_call", "tool_response"}:
            found.append("a result that no call asked for")
        if role == "tool_call":
            call = json.loads(message["content"])
            found.extend(call_rules.broken(call["name"], call["arguments"], listed))
        elif role != "tool_response" and not message["content"].strip():
            found.append(f"an empty message of the {role}")
    return list(dict.fromkeys(found))


COLUMNS: Columns = {"messages": Each(OBJECT), "tools": TEXT, **PROVENANCE}

SWIFT = Packager(
    "whole demonstrations, each turn with its own loss (ms-swift)",
    {"": Part(problems, COLUMNS, rows=rows, weighs=True)},
)

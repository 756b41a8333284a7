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
from itertools import pairwise

from agenther.packagers.base import PROVENANCE, Message, Packager, Part, Row, each, provenance, text
from agenther.packagers.columns import OBJECT, TEXT, Columns, Each, kept
from agenther.packagers.talk import rules, tools
from agenther.packagers.talk.chat import opening
from agenther.packagers.talk.thoughts import inline
from agenther.packagers.talk.turns import Conversation, Shown, Turn, uncut
from agenther.packagers.trainers import SWIFT as MS_SWIFT


def row(shown: Shown) -> Row:
    talk, pick = shown
    return {"messages": messages(talk, pick.weight), "tools": tools.column(talk), **provenance(pick)}


def messages(talk: Conversation, weight: float) -> list[Message]:
    """The whole conversation; what serves the goal is learned with `weight`."""
    return [*opening(talk), *(message for turn in talk.acts for message in _messages(turn, weight))]


def _messages(turn: Turn, weight: float) -> Iterator[Message]:
    loss = {"loss": turn.serves and weight > 0, "loss_scale": kept(weight) if turn.serves else 0.0}
    if said := inline(turn.thought) + turn.text:
        yield {"role": "assistant", "content": said, **loss}
    for call in turn.calls:
        yield {"role": "tool_call", "content": text(call.plain), **loss}
    for result in turn.results:
        yield {"role": "tool_response", "content": result}
    if turn.reply:
        yield {"role": "user", "content": turn.reply}


def problems(row: Row) -> list[str]:
    return broken(row["messages"], row["tools"])


def broken(conversation: list[Message], tools_column: str) -> list[str]:
    """The rules that a conversation with these tools breaks; each once."""
    found = [*rules.of_demonstration([*map(_said, conversation)], tools.names(json.loads(tools_column)))]
    for before, after in pairwise(["", *(message["role"] for message in conversation)]):
        if after == "tool_response" and before not in {"tool_call", "tool_response"}:
            found.append(rules.UNASKED)
    return list(dict.fromkeys(found))


def _said(message: Message) -> rules.Said:
    role, content, loss = message["role"], message["content"], message.get("loss", False)
    return rules.Said(role, "", [content], loss) if role == "tool_call" else rules.Said(role, content, [], loss)


COLUMNS: Columns = {"messages": Each(OBJECT), "tools": TEXT, **PROVENANCE}

SWIFT = Packager(
    "whole demonstrations, each turn with its own loss (ms-swift)",
    {
        "": Part(
            problems,
            COLUMNS,
            rows=each(uncut, row),
            weighs=True,
            trainers=(MS_SWIFT,),
            sequences=(("messages", "tools"),),
        )
    },
)

"""Supervised fine-tuning (AgentHER §3.4): the whole demonstration under its new goal.

    {"messages": [system?, user, assistant, tool, ..., assistant], "tools": "[...]", "weight": 0.8, ...}

Train with `assistant_only_loss=True`. TRL masks no single turn, so that every turn of the agent in a row serves
the goal: a row that cannot do without another is left out. `weight` is a column that TRL and Axolotl do not read.
"""

from collections.abc import Iterator

from agenther.packagers.base import PROVENANCE, LeftOut, Packager, Part, Pick, Row, provenance
from agenther.packagers.columns import JSON_TEXT, MESSAGE, Columns, Each
from agenther.packagers.formats.sharegpt import text
from agenther.packagers.talk import chat
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import whole


def rows(pick: Pick) -> Iterator[Row | LeftOut]:
    """One row, or the rule that left the sample out."""
    talk = whole(pick.sample)
    if isinstance(talk, LeftOut):
        yield talk
        return
    yield {
        "messages": chat.demonstration(talk),
        "tools": text(schemas(talk.tools, talk.calls)),
        **provenance(pick),
    }


def problems(row: Row) -> list[str]:
    found = chat.problems(row, "messages")
    if row["messages"] and row["messages"][-1].get("tool_calls"):
        found.append("the last message is no answer")
    return found


COLUMNS: Columns = {"messages": Each(MESSAGE), "tools": JSON_TEXT, **PROVENANCE}

SFT = Packager(
    "whole demonstrations as messages (TRL, Axolotl)",
    {"": Part(problems, COLUMNS, rows=rows, messages=("messages",))},
)

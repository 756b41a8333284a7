"""Supervised fine-tuning (AgentHER §3.4): the whole demonstration under its new goal.

    {"messages": [system?, user, assistant, tool, ..., assistant], "tools": "[...]", "weight": 0.8, ...}

Train with `assistant_only_loss=True`. TRL masks no single turn, so that every turn of the agent in a row serves
the goal: a row that cannot do without another is left out. `weight` is a column that TRL and Axolotl do not read.
"""

from agenther.packagers.base import PROVENANCE, Packager, Part, Row, each, provenance
from agenther.packagers.columns import JSON_TEXT, MESSAGE, Columns, Each
from agenther.packagers.talk import chat, tools
from agenther.packagers.talk.turns import Shown, whole
from agenther.packagers.trainers import AXOLOTL, TRL


def row(shown: Shown) -> Row:
    talk = shown.talk
    return {"messages": chat.demonstration(talk), "tools": tools.column(talk), **provenance(shown.pick)}


def problems(row: Row) -> list[str]:
    return chat.problems_of_demonstration(row, "messages")


rows = each(whole, row)
COLUMNS: Columns = {"messages": Each(MESSAGE), "tools": JSON_TEXT, **PROVENANCE}

PART = Part(
    problems,
    COLUMNS,
    rows=rows,
    messages=("messages",),
    trainers=(TRL, AXOLOTL),
    sequences=(("messages", "tools"),),
)
SFT = Packager("whole demonstrations as messages (TRL, Axolotl)", {"": PART})

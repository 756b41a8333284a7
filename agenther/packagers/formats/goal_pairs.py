"""The paper's goal contrast (AgentHER §3.4): a run, chosen under its hindsight goal, rejected under the one it failed.

    swift/            {"messages": [...], "rejected_messages": [...], "tools": "[...]", "rejected_tools": "[...]"}
    llamafactory-v1/  {"chosen_messages": [...], "rejected_messages": [...], "tools": "[...]"}

The prompts differ, the acts do not. Only trainers that take whole conversations on both sides can learn from that:
ms-swift's and LLaMA-Factory's v1 DPO. Rows are cut as for `sft`. `loss_weight` is the weight in v1; ms-swift's DPO
has none, and `weight` is a column that it does not read.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from agenther.packagers.base import PROVENANCE, LeftOut, Packager, Part, Pick, Row, each, provenance
from agenther.packagers.columns import OBJECT, TEXT, Columns, Each
from agenther.packagers.formats import llamafactory_v1, swift
from agenther.packagers.formats.kto import can_be_contrasted
from agenther.packagers.talk import tools
from agenther.packagers.talk.rules import SAME_SIDES
from agenther.packagers.talk.turns import Conversation, whole
from agenther.packagers.trainers import LLAMAFACTORY
from agenther.packagers.trainers import SWIFT as MS_SWIFT

NO_CONTRAST = "there is no other goal that the agent saw, or not all its acts are there"


class Contrast(NamedTuple):
    chosen: Conversation
    rejected: Conversation
    pick: Pick


def contrasts(pick: Pick) -> Iterator[Contrast | LeftOut]:
    for it in whole(pick):
        if isinstance(it, LeftOut):
            yield it
        elif can_be_contrasted(pick.sample):
            yield Contrast(it.talk, it.talk._replace(goal=pick.sample.original_goal), pick)
        else:
            yield LeftOut(pick.sample.id, NO_CONTRAST)


def swift_row(it: Contrast) -> Row:
    return {
        "messages": swift.messages(it.chosen, 1.0),
        "rejected_messages": swift.messages(it.rejected, 1.0),
        **dict.fromkeys(("tools", "rejected_tools"), tools.column(it.chosen)),
        **provenance(it.pick),
    }


def v1_row(it: Contrast) -> Row:
    return {
        "chosen_messages": llamafactory_v1.messages(it.chosen, it.pick.weight),
        "rejected_messages": llamafactory_v1.messages(it.rejected, it.pick.weight),
        "tools": tools.column(it.chosen),
        **provenance(it.pick),
    }


def swift_problems(row: Row) -> list[str]:
    sides = [swift.broken(row[f"{side}messages"], row[f"{side}tools"]) for side in ("", "rejected_")]
    return [*dict.fromkeys(chain(*sides)), *_same(row["messages"], row["rejected_messages"])]


def v1_problems(row: Row) -> list[str]:
    found = llamafactory_v1.problems(row, "chosen_messages", "rejected_messages")
    return [*found, *_same(row["chosen_messages"], row["rejected_messages"])]


def _same(chosen: object, rejected: object) -> list[str]:
    return [SAME_SIDES] if chosen == rejected else []


SWIFT: Columns = {
    **dict.fromkeys(("messages", "rejected_messages"), Each(OBJECT)),
    **dict.fromkeys(("tools", "rejected_tools"), TEXT),
    **PROVENANCE,
}
V1: Columns = {
    **dict.fromkeys(("chosen_messages", "rejected_messages"), Each(llamafactory_v1.MESSAGE)),
    "tools": TEXT,
    **PROVENANCE,
}

GOAL_PAIRS = Packager(
    "one run under two goals (DPO of ms-swift and of LLaMA-Factory's v1 engine)",
    {
        "swift": Part(
            swift_problems,
            SWIFT,
            rows=each(contrasts, swift_row),
            trainers=(MS_SWIFT,),
            sequences=(("messages", "tools"), ("rejected_messages", "rejected_tools")),
        ),
        "llamafactory-v1": Part(
            v1_problems,
            V1,
            rows=each(contrasts, v1_row),
            weighs=True,
            trainers=(LLAMAFACTORY,),
            sequences=(("chosen_messages", "tools"), ("rejected_messages", "tools")),
        ),
    },
)

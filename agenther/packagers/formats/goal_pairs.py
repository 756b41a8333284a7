"""The paper's goal contrast (AgentHER §3.4): a run, chosen under its hindsight goal, rejected under the one it failed.

    swift/            {"messages": [...], "rejected_messages": [...], "tools": "[...]", "rejected_tools": "[...]"}
    llamafactory-v1/  {"chosen_messages": [...], "rejected_messages": [...], "tools": "[...]"}

The prompts differ, the acts do not. Only trainers that take whole conversations on both sides can learn from that:
ms-swift's and LLaMA-Factory's v1 DPO. Rows are cut as for `sft`. `loss_weight` is the weight in v1; ms-swift's DPO
has none, and `weight` is a column that it does not read.
"""

from collections.abc import Callable, Iterator

from agenther.packagers.base import PROVENANCE, LeftOut, Packager, Part, Pick, Row, provenance
from agenther.packagers.columns import OBJECT, TEXT, Columns, Each
from agenther.packagers.formats import llamafactory_v1, swift
from agenther.packagers.formats.kto import can_be_contrasted
from agenther.packagers.formats.sharegpt import text
from agenther.packagers.talk.tools import schemas
from agenther.packagers.talk.turns import Conversation, whole

NO_CONTRAST = "there is no other goal that the agent saw, or not all its acts are there"


def swift_rows(pick: Pick) -> Iterator[Row | LeftOut]:
    def columns(chosen: Conversation, rejected: Conversation, tools: str) -> Row:
        return {
            "messages": swift.messages(chosen, 1.0),
            "rejected_messages": swift.messages(rejected, 1.0),
            "tools": tools,
            "rejected_tools": tools,
        }

    yield from _rows(pick, columns)


def v1_rows(pick: Pick) -> Iterator[Row | LeftOut]:
    def columns(chosen: Conversation, rejected: Conversation, tools: str) -> Row:
        return {
            "chosen_messages": llamafactory_v1.messages(chosen, pick.weight),
            "rejected_messages": llamafactory_v1.messages(rejected, pick.weight),
            "tools": tools,
        }

    yield from _rows(pick, columns)


def _rows(pick: Pick, columns: Callable[[Conversation, Conversation, str], Row]) -> Iterator[Row | LeftOut]:
    talk = whole(pick.sample)
    if isinstance(talk, LeftOut):
        yield talk
    elif not can_be_contrasted(pick.sample):
        yield LeftOut(pick.sample.id, NO_CONTRAST)
    else:
        tools = text(schemas(talk.tools, talk.calls))
        yield {**columns(talk, talk._replace(goal=pick.sample.original_goal), tools), **provenance(pick)}


def swift_problems(row: Row) -> list[str]:
    sides = (("messages", "tools"), ("rejected_messages", "rejected_tools"))
    found = [rule for messages, tools in sides for rule in swift.broken(row[messages], row[tools])]
    return [*dict.fromkeys(found), *_same(row["messages"], row["rejected_messages"])]


def v1_problems(row: Row) -> list[str]:
    found = llamafactory_v1.problems(row, "chosen_messages", "rejected_messages")
    return [*found, *_same(row["chosen_messages"], row["rejected_messages"])]


def _same(chosen: object, rejected: object) -> list[str]:
    return ["chosen and rejected are the same"] if chosen == rejected else []


SWIFT: Columns = {
    "messages": Each(OBJECT),
    "rejected_messages": Each(OBJECT),
    "tools": TEXT,
    "rejected_tools": TEXT,
    **PROVENANCE,
}
V1: Columns = {
    "chosen_messages": Each(llamafactory_v1.MESSAGE),
    "rejected_messages": Each(llamafactory_v1.MESSAGE),
    "tools": TEXT,
    **PROVENANCE,
}

GOAL_PAIRS = Packager(
    "one run under two goals (DPO of ms-swift and of LLaMA-Factory's v1 engine)",
    {
        "swift": Part(swift_problems, SWIFT, rows=swift_rows),
        "llamafactory-v1": Part(v1_problems, V1, rows=v1_rows, weighs=True),
    },
)

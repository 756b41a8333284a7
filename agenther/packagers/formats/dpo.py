"""DPO: two acts after the same prompt, of which one is preferred.

    {"prompt": [system?, user, assistant, tool, ...], "chosen": [assistant], "rejected": [assistant],
     "tools": "[...]", ...}

The pairs are those of `pairs/`: of two runs of one task, at the first decision in which they differ. TRL's DPO has no
mask, so that each side is one message and holds no observation. Rows have no weight; their `margin` is a column.
"""

from agenther.packagers.base import Packager, Part, Row, each
from agenther.packagers.columns import JSON_TEXT, MESSAGE, Columns, Each
from agenther.packagers.pairs.fork import Pair
from agenther.packagers.pairs.preferences import COLUMNS as OF_PAIR
from agenther.packagers.pairs.preferences import pairs
from agenther.packagers.talk import chat, tools
from agenther.packagers.talk.rules import SAME_SIDES
from agenther.packagers.trainers import TRL


def row(pair: Pair) -> Row:
    return {
        "prompt": chat.messages(pair.talk, pair.history),
        "chosen": [chat.act(pair.chosen)],
        "rejected": [chat.act(pair.rejected)],
        "tools": tools.column(pair.talk, pair.calls),
        **pair.columns,
    }


def problems(row: Row) -> list[str]:
    found = [*chat.problems(row, "prompt", "chosen"), *chat.problems(row, "prompt", "rejected")]
    acts = [[{**message, "reasoning_content": ""} for message in row[side]] for side in ("chosen", "rejected")]
    if acts[0] == acts[1]:
        found.append(SAME_SIDES)
    if not all(len(act) == 1 for act in acts):
        found.append("chosen or rejected is not one message")
    return list(dict.fromkeys(found))


rows = each(pairs, row)
SIDES: Columns = {**dict.fromkeys(("prompt", "chosen", "rejected"), Each(MESSAGE)), "tools": JSON_TEXT}
COLUMNS: Columns = {**SIDES, **OF_PAIR}

DPO = Packager(
    "of two runs of one task the better one, at the decision that differs (TRL)",
    {
        "": Part(
            problems,
            COLUMNS,
            pairs=rows,
            messages=("prompt", "chosen", "rejected"),
            trainers=(TRL,),
            sequences=(("prompt", "chosen", "tools"), ("prompt", "rejected", "tools")),
        )
    },
)

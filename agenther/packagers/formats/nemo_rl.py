"""NeMo-RL: `openai_format` for SFT, and ranked completions for DPO and reward models.

    sft/         {"messages": [...], "tools": [{"type": "function", ...}], ...}
    preference/  {"context": [...], "completions": [{"rank": 0, "completion": [assistant]},
                                                    {"rank": 1, "completion": [assistant]}], ...}

Messages are those of `sft` and `dpo`. Its loader hands `tools` to the chat template as they are, so that they are a
list here; `use_preserving_dataset: true` keeps arguments from being filled with nulls. In preference data it reads no
tools, and rows have none. The lower rank is preferred.
"""

import json

from agenther.packagers.base import PROVENANCE, Packager, Part, Row
from agenther.packagers.columns import MESSAGE, OBJECT, WHOLE, Columns, Each
from agenther.packagers.formats import dpo, sft
from agenther.packagers.pairs.preferences import COLUMNS as OF_PAIR
from agenther.packagers.trainers import NEMO_RL as TRAINER

RANKED = ("chosen", "rejected")


def sft_shape(row: Row) -> Row:
    return {**row, "tools": json.loads(row["tools"])}


def preference_shape(row: Row) -> Row:
    others = {name: row[name] for name in OF_PAIR}
    completions = [{"rank": rank, "completion": row[side]} for rank, side in enumerate(RANKED)]
    return {"context": row["prompt"], "completions": completions, **others}


SFT: Columns = {"messages": Each(MESSAGE), "tools": Each(OBJECT), **PROVENANCE}
PREFERENCE: Columns = {
    "context": Each(MESSAGE),
    "completions": Each({"rank": WHOLE, "completion": Each(MESSAGE)}),
    **OF_PAIR,
}

NEMO_RL = Packager(
    "whole demonstrations, and ranked acts (NeMo-RL)",
    {
        "sft": sft.PART._replace(columns=SFT, shape=sft_shape, trainers=(TRAINER,)),
        "preference": Part(
            dpo.problems,
            PREFERENCE,
            pairs=dpo.rows,
            messages=("prompt", *RANKED),
            shape=preference_shape,
            trainers=(TRAINER,),
            sequences=(("context", "completions"),),
        ),
    },
)

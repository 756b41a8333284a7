r"""Whole demonstrations for Unsloth, whose `datasets` (4.3) would fill arguments of calls with nulls: strings alone.

    {"messages": "[{\"role\": \"user\", ...}, ...]", "tools": "[...]", ...}

The same rows as `sft`, with the messages as JSON text too. Its trainer wants text, which the chat template makes of
both: `docs/training.md` has the three lines. `weight` is a column that it does not read.
"""

from agenther.packagers.base import PROVENANCE, Packager, Row, text
from agenther.packagers.columns import TEXT, Columns
from agenther.packagers.formats import sft
from agenther.packagers.trainers import UNSLOTH as TRAINER


def shape(row: Row) -> Row:
    return {**row, "messages": text(row["messages"])}


COLUMNS: Columns = {"messages": TEXT, "tools": TEXT, **PROVENANCE}

UNSLOTH = Packager(
    "whole demonstrations as JSON text (Unsloth)",
    {"": sft.PART._replace(columns=COLUMNS, shape=shape, trainers=(TRAINER,))},
)

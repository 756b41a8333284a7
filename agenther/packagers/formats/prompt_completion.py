"""Prompt and completion (TRL): the goal, and the whole demonstration after it.

    {"prompt": [system?, user], "completion": [assistant, tool, ..., assistant], "tools": "[...]", "weight": 0.8, ...}

TRL learns all of the completion, results included, unless it is told `assistant_only_loss=True`. It masks no single
turn, so that rows are cut as for `sft`. `weight` is a column that it does not read.
"""

from agenther.packagers.base import PROVENANCE, Packager, Part, Row, each, provenance
from agenther.packagers.columns import JSON_TEXT, MESSAGE, Columns, Each
from agenther.packagers.talk import chat, tools
from agenther.packagers.talk.turns import Shown, whole
from agenther.packagers.trainers import TRL


def row(shown: Shown) -> Row:
    prompt = chat.opening(shown.talk)
    return {
        "prompt": prompt,
        "completion": chat.demonstration(shown.talk)[len(prompt) :],
        "tools": tools.column(shown.talk),
        **provenance(shown.pick),
    }


def problems(row: Row) -> list[str]:
    found = chat.problems_of_demonstration(row, "prompt", "completion")
    if [message["role"] for message in row["prompt"][-1:]] != ["user"]:
        found.append("the prompt does not end with the user")
    return found


COLUMNS: Columns = {"prompt": Each(MESSAGE), "completion": Each(MESSAGE), "tools": JSON_TEXT, **PROVENANCE}

PROMPT_COMPLETION = Packager(
    "a goal and its demonstration (TRL)",
    {
        "": Part(
            problems,
            COLUMNS,
            rows=each(whole, row),
            messages=("prompt", "completion"),
            trainers=(TRL,),
            sequences=(("prompt", "completion", "tools"),),
        )
    },
)

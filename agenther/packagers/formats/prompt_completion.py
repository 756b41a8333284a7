"""Prompt and completion (TRL): the goal, and the whole demonstration after it.

    {"prompt": [system?, user], "completion": [assistant, tool, ..., assistant], "tools": "[...]", "weight": 0.8, ...}

TRL learns all of the completion, results included, unless it is told `assistant_only_loss=True`. It masks no single
turn, so that rows are cut as for `sft`. `weight` is a column that it does not read.
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
    prompt = chat.messages(talk, ())
    yield {
        "prompt": prompt,
        "completion": chat.demonstration(talk)[len(prompt) :],
        "tools": text(schemas(talk.tools, talk.calls)),
        **provenance(pick),
    }


def problems(row: Row) -> list[str]:
    found = chat.problems(row, "prompt", "completion")
    if [message["role"] for message in row["prompt"][-1:]] != ["user"]:
        found.append("the prompt does not end with the user")
    if row["completion"] and row["completion"][-1].get("tool_calls"):
        found.append("the last message is no answer")
    return found


COLUMNS: Columns = {"prompt": Each(MESSAGE), "completion": Each(MESSAGE), "tools": JSON_TEXT, **PROVENANCE}

PROMPT_COMPLETION = Packager(
    "a goal and its demonstration (TRL)", {"": Part(problems, COLUMNS, rows=rows, messages=("prompt", "completion"))}
)

r"""Whole demonstrations for verl's multi-turn SFT, as parquet: `train.parquet`, `test.parquet`.

    {"messages": [{"role": "system", "content": "# Tools ..."}, {"role": "user", "content": "..."},
                  {"role": "assistant", "content": "<tool_call>\n{\"name\": ...}\n</tool_call>"},
                  {"role": "user", "content": "<tool_response>\n...\n</tool_response>"}, ...], ...}

Columns of parquet are structs: arguments and schemas of tools would be filled with nulls, and verl reads no JSON text.
So tools, calls and results stand in the text, as Hermes and Qwen write them, and the roles are those of any chat
template, which verl applies to one message at a time. Rows are cut as for `sft`. Thoughts go, unless they are in the
text already (`--thoughts inline`). `weight` is a column that verl does not read.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from agenther.packagers.base import PROVENANCE, Message, Packager, Row, files, text
from agenther.packagers.columns import TEXT, Columns, Each, features
from agenther.packagers.formats import sft
from agenther.packagers.trainers import VERL as TRAINER

TOOLS = """\
# Tools

You may call these tools:
<tools>
{tools}
</tools>

To call one, write its name and its arguments as JSON between tags:
<tool_call>
{{"name": ..., "arguments": {{...}}}}
</tool_call>"""


def shape(row: Row) -> Row:
    return {**{name: row[name] for name in PROVENANCE}, "messages": [*_messages(row)]}


def _messages(row: Row) -> Iterator[dict[str, str]]:
    system, *others = row["messages"] if row["messages"][0]["role"] == "system" else [{"content": ""}, *row["messages"]]
    tools = "\n".join(map(text, json.loads(row["tools"])))
    parts = [part for part in (system["content"], TOOLS.format(tools=tools) if tools else "") if part]
    if parts:
        yield {"role": "system", "content": "\n\n".join(parts)}
    for role, said in groupby(others, key=lambda message: "assistant" if message["role"] == "assistant" else "user"):
        yield {"role": role, "content": "\n".join(map(_content, said))}


def _content(message: Message) -> str:
    if message["role"] == "tool":
        return f"<tool_response>\n{message['content']}\n</tool_response>"
    calls = (_call(call["function"]) for call in message.get("tool_calls", ()))
    return "\n".join(part for part in (message["content"], *calls) if part)


def _call(function: dict[str, Any]) -> str:
    return f"<tool_call>\n{text({'name': function['name'], 'arguments': function['arguments']})}\n</tool_call>"


def to_parquet(folder: Path) -> None:
    """Puts parquet in the place of the lines of each split."""
    import polars as pl  # noqa: PLC0415 - slow to load, and few formats need it

    message = pl.Struct({"role": pl.String, "content": pl.String})
    kinds = {"string": pl.String(), "float64": pl.Float64()}
    schema = {column["name"]: kinds[column["dtype"]] for column in features(PROVENANCE)} | {
        "messages": pl.List(message)
    }
    for split, path in files(folder).items():
        frame = pl.scan_ndjson(path, schema=schema).with_columns(pl.lit(split).alias("split"))
        frame.sink_parquet(folder / f"{split}.parquet")
        path.unlink()


COLUMNS: Columns = {**PROVENANCE, "messages": Each({"role": TEXT, "content": TEXT})}

VERL = Packager(
    "whole demonstrations as text, in parquet (verl)",
    {"": sft.PART._replace(columns=COLUMNS, shape=shape, trainers=(TRAINER,), sequences=(("messages",),))},
    to_parquet,
)

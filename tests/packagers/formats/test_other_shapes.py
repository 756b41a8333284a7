"""Unsloth, verl and NeMo-RL: the rows of `sft` and `dpo` in the shape that their readers take."""

import json
from itertools import pairwise

import polars as pl
import pytest
from shapes import hindsight, runs, samples

from agenther.packagers.selection.choices import Choices, Thoughts
from agenther.packagers.selection.select import select
from agenther.packagers.table import PACKAGERS
from agenther.packagers.write import write

NAMES = ("sft", "dpo", "unsloth", "verl", "nemo-rl")
ROLES = {"system", "user", "assistant"}


def packed(folder, **choices):
    folder.mkdir()
    given = [*hindsight(), *samples()]
    selection = select(lambda _ids=None: iter(given), runs, Choices(**choices))
    return write(folder, {name: PACKAGERS[name] for name in NAMES}, selection)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "dataset"
    packed(folder)
    return folder


def rows(folder, name):
    found = [json.loads(line) for line in (folder / name / "train.jsonl").read_text("utf-8").splitlines()]
    for column in ("messages", "prompt", "chosen", "rejected", "context"):
        for row in found[:1]:
            if isinstance(row.get(column), list):
                row[column][0].pop("datasets>=4.8")
    return found


def test_unsloth_has_the_rows_of_sft_as_text(folder):
    wanted = rows(folder, "sft")
    found = rows(folder, "unsloth")
    assert {type(value) for row in found for value in row.values()} <= {str, float}
    assert [{**row, "messages": json.loads(row["messages"])} for row in found] == wanted


def test_nemo_rl_has_the_rows_of_sft_with_tools_as_a_list(folder):
    wanted = [{**row, "tools": json.loads(row["tools"])} for row in rows(folder, "sft")]
    assert rows(folder, "nemo-rl/sft") == wanted
    assert all(isinstance(tool["function"]["parameters"], dict) for row in wanted for tool in row["tools"])


def test_nemo_rl_ranks_what_is_chosen_below_what_is_rejected(folder):
    found = rows(folder, "nemo-rl/preference")
    for row in found[:1]:
        row["completions"][0]["completion"][0].pop("datasets>=4.8")
    ranked = [(row["context"], *([it["rank"], it["completion"]] for it in row["completions"])) for row in found]
    assert ranked == [(row["prompt"], [0, row["chosen"]], [1, row["rejected"]]) for row in rows(folder, "dpo")]


def test_verl_reads_text_alone_in_roles_of_any_template(folder):
    frame = pl.read_parquet(folder / "verl/train.parquet")
    wanted = rows(folder, "sft")
    assert not list((folder / "verl").glob("*.jsonl"))
    assert frame["id"].to_list() == [row["id"] for row in wanted]
    assert set(frame["split"]) == {"train"}
    for messages, row in zip(frame["messages"].to_list(), wanted, strict=True):
        roles = [message["role"] for message in messages]
        assert set(roles) <= ROLES
        assert not [one for one, other in pairwise(roles) if one == other], "in strict alternation"
        assert roles[-1] == "assistant"
        text = "\n".join(message["content"] for message in messages if message["role"] == "assistant")
        calls = [json.loads(part.partition("\n</tool_call>")[0]) for part in text.split("<tool_call>\n")[1:]]
        asked = [call["function"] for message in row["messages"] for call in message.get("tool_calls", [])]
        assert calls == asked
        seen = "\n".join(message["content"] for message in messages if message["role"] == "user")
        assert all(message["content"] in seen for message in row["messages"] if message["role"] in {"user", "tool"})
        listed = messages[0]["content"].partition("<tools>\n")[2].partition("\n</tools>")[0].splitlines()
        assert [json.loads(tool) for tool in listed] == json.loads(row["tools"])


def test_thoughts_of_verl_stand_in_the_text_or_nowhere(folder, tmp_path):
    assert "<think>" not in str(pl.read_parquet(folder / "verl/train.parquet")["messages"].to_list())
    packed(tmp_path / "inline", thoughts=Thoughts.INLINE)
    said = str(pl.read_parquet(tmp_path / "inline/verl/train.parquet")["messages"].to_list())
    thoughts = [one for row in rows(folder, "sft") for one in row["messages"] if "reasoning_content" in one]
    assert thoughts
    assert said.count("<think>") == len(thoughts)

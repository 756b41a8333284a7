"""The formats that keep every step and say which are learned, and the records: rows, and the rules that refuse one."""

import copy
import json

import polars as pl
import pytest
from builders import ANSWER, LIST, PAGE, a_pick, some_steps
from test_formats import STUCK, TEXT_CALLS, problems, rows_of
from test_rows import CLOSING, SYSTEM, THOUGHTS, USER, one

from agenther.packagers.base import text
from agenther.packagers.formats.records import to_parquet
from agenther.packagers.table import PACKAGERS

# --- ms-swift ------------------------------------------------------------------------------------


def test_swift_row():
    row = one(PACKAGERS["swift"], a_pick(0.8))
    learned = {"loss": True, "loss_scale": 0.8}
    assert row["messages"] == [
        SYSTEM,
        USER,
        {"role": "assistant", "content": f"<think>\n{THOUGHTS[0]}\n</think>\n\n", **learned},
        {"role": "tool_call", "content": TEXT_CALLS[0], **learned},
        {"role": "tool_response", "content": LIST},
        {"role": "assistant", "content": f"<think>\n{THOUGHTS[1]}\n</think>\n\n", **learned},
        {"role": "tool_call", "content": TEXT_CALLS[1], **learned},
        {"role": "tool_response", "content": PAGE},
        {**CLOSING, **learned},
    ]
    assert [tool["function"]["name"] for tool in json.loads(row["tools"])] == ["search", "open"]


def test_swift_learns_nothing_of_a_step_that_does_not_serve_the_goal():
    row = one(PACKAGERS["swift"], a_pick(0.8, **STUCK))
    acts = [message for message in row["messages"] if "loss" in message]
    assert [(message["loss"], message["loss_scale"]) for message in acts] == [
        (True, 0.8),
        (False, 0.0),
        *[(True, 0.8)] * 2,
    ]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda m: m.pop(), "the last message is no answer"),
        (lambda m: m.pop(1), "the conversation does not begin with the user"),
        (lambda m: (m.pop(3), m.pop(2)), "a result that no call asked for"),
        (lambda m: [message.pop("loss", None) for message in m], "no message carries loss"),
        (lambda m: m[1].update(content=" "), "an empty message of the user"),
        (lambda m: m[3].update(content='{"name": "buy", "arguments": []}'), "a call of a tool that is not listed"),
        (
            lambda m: m[3].update(content='{"name": "buy", "arguments": []}'),
            "the arguments of a call are no JSON object",
        ),
    ],
)
def test_swift_rules(damage, problem):
    row = copy.deepcopy(one(PACKAGERS["swift"], a_pick()))
    damage(row["messages"])
    assert problem in problems("swift", row)


# --- OpenAI --------------------------------------------------------------------------------------


def test_openai_row():
    row = one(PACKAGERS["openai"], a_pick())
    assert set(row) == {"messages", "tools", "parallel_tool_calls"}
    act, result = row["messages"][2:4]
    function = {"name": "search", "arguments": '{"q": "brass desk lamp"}'}
    assert act == {
        "role": "assistant",
        "content": THOUGHTS[0],
        "weight": 1,
        "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
    }
    assert result == {"role": "tool", "tool_call_id": "call_1", "content": LIST}
    assert row["messages"][-1] == {**CLOSING, "weight": 1}
    assert row["parallel_tool_calls"] is False


def test_openai_weights_and_parallel_calls():
    row = one(PACKAGERS["openai"], a_pick(0.2, **STUCK))
    assert [message["weight"] for message in row["messages"] if "weight" in message] == [1, 0, 1, 1]
    first, second = some_steps()
    row = one(PACKAGERS["openai"], a_pick(steps=(first, second.model_copy(update={"turn": 1}))))
    assert row["parallel_tool_calls"] is True


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda row: row["messages"].pop(), "the conversation does not end with the agent"),
        (lambda row: row["messages"].__delitem__(slice(-2, None)), "the last message is no answer"),
        (lambda row: row["messages"][2]["tool_calls"][0]["function"].update(arguments="{"),
         "the arguments of a call are no JSON object"),
        (lambda row: row["messages"][3].update(tool_call_id="call_7"), "a result that no call asked for"),
        (lambda row: [it.update(weight=0) for it in row["messages"] if "weight" in it], "no message carries loss"),
        (lambda row: row["tools"][0]["function"].update(name="shop.search"),
         "a tool's name has other characters than letters, digits, _ and -, or more than 64"),
        (lambda row: row["tools"].extend(row["tools"] * 64), "more than 128 tools"),
        (lambda row: row["messages"][1].update(weight=1), "messages.user.weight: Extra inputs are not permitted"),
        (lambda row: row["messages"][3].update(weight=0), "messages.tool.weight: Extra inputs are not permitted"),
        (lambda row: row["messages"][2].update(weight=2),
         "messages.assistant.weight: Input should be less than or equal to 1"),
        (lambda row: row["messages"][2].update(weight=0.5),
         "messages.assistant.weight: Input should be a valid integer"),
        (lambda row: row["messages"][2].update(weight=True),
         "messages.assistant.weight: Input should be a valid integer"),
        (lambda row: row["messages"][2].update(reasoning_content="so"),
         "messages.assistant.reasoning_content: Extra inputs are not permitted"),
        (lambda row: row["messages"][2].update(content=None),
         "messages.assistant.content: Input should be a valid string"),
        (lambda row: row["messages"][2]["tool_calls"][0]["function"].update(arguments={"q": "lamp"}),
         "messages.assistant.tool_calls.function.arguments: Input should be a valid string"),
        (lambda row: row["messages"][2]["tool_calls"][0]["function"].update(arguments='["lamp"]'),
         "the arguments of a call are no JSON object"),
        (lambda row: row["messages"][2]["tool_calls"][0].pop("type"),
         "messages.assistant.tool_calls.type: Field required"),
        (lambda row: row["messages"][3].pop("tool_call_id"), "messages.tool.tool_call_id: Field required"),
        (lambda row: row["messages"].pop(3), "a call without a result"),
        (lambda row: row.update(tools=text(row["tools"])), "tools: Input should be a valid list"),
        (lambda row: row["tools"].clear(),
         "tools: List should have at least 1 item after validation, not 0"),
        (lambda row: row.update(parallel_tool_calls=0), "parallel_tool_calls: Input should be a valid boolean"),
        (lambda row: row.update(id="a"), "id: Extra inputs are not permitted"),
        (lambda row: row["messages"][2]["tool_calls"].append(row["messages"][4]["tool_calls"][0]),
         "several calls in a message, which the row says are not made"),
    ],
)  # fmt: skip
def test_openai_rules(damage, problem):
    row = copy.deepcopy(one(PACKAGERS["openai"], a_pick()))
    damage(row)
    assert problem in problems("openai", row)


# --- ATIF ----------------------------------------------------------------------------------------


def test_atif_row():
    row = one(PACKAGERS["atif"], a_pick(0.4, **STUCK))
    assert row["schema_version"] == "ATIF-v1.7"
    assert [step["step_id"] for step in row["steps"]] == [1, 2, 3, 4, 5, 6]
    assert [step["source"] for step in row["steps"]] == ["system", "user", *["agent"] * 4]
    assert [step["extra"]["serves_goal"] for step in row["steps"][2:]] == [True, False, True, True]
    assert row["steps"][2]["observation"] == {"results": [{"source_call_id": "call_1", "content": LIST}]}
    assert row["steps"][-1]["message"] == ANSWER
    assert row["extra"]["weight"] == 0.4
    assert "a call of a tool that is not listed" in problems("atif", {**row, "agent": {"tool_definitions": []}})


# --- records -------------------------------------------------------------------------------------


def test_records_as_parquet(tmp_path):
    given = [a_pick(2.0), a_pick(id="b", system=None, start=None, failure_type=None)._replace(split="test")]
    for split, pick in zip(("train", "test"), given, strict=True):
        (row,) = rows_of("records", pick)
        (tmp_path / f"{split}.jsonl").write_text(json.dumps(row) + "\n")
    to_parquet(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["records.parquet"]
    frame = pl.read_parquet(tmp_path / "records.parquet")
    assert frame["split"].to_list() == ["train", "test"]
    first, second = frame.to_dicts()
    assert (first["weight"], first["severity_weight"], first["efficiency"]) == (2.0, 0.75, 2.0)
    assert (second["system"], second["failure_type"], second["source_line"]) == (None, None, 1)
    sample = given[0].sample
    assert json.loads(first["steps"]) == json.loads(sample.model_dump_json())["steps"]
    assert json.loads(first["relevant_steps"]) == [1, 2]
    kept = {*type(sample).model_fields} - {"source"}
    assert kept <= set(frame.columns), "all that is known of a sample"

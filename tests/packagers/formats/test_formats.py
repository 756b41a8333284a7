"""The further formats: what a row looks like, which turns are learned, and the rules that refuse a row."""

import copy
import json

import pytest
from builders import ANSWER, GOAL, LIST, NEW_GOAL, PAGE, a_batch, a_pick, a_run, a_step
from test_rows import ACTS, CALLS, CLOSING, RESULTS, SYSTEM, THOUGHTS, USER, one

from agenther.packagers.base import LeftOut
from agenther.packagers.formats.goal_pairs import NO_CONTRAST
from agenther.packagers.table import PACKAGERS
from agenther.records import Label

ASIDE = (
    a_step(1),
    a_step(2, "weather", '{"sky": "grey", "code": "W-31"}'),
    a_step(3, "open", PAGE, arguments={"id": "W-31"}),
)
STUCK = {"steps": ASIDE, "relevant_steps": (1, 3), "claims": ()}
"""Step 2 does not serve the goal, and cannot be cut out since step 3 takes a value from it."""
TEXT_CALLS = [json.dumps(call["function"]) for call in CALLS]


def rows_of(name, pick, part=""):
    return list(PACKAGERS[name].parts[part].rows(pick))


def problems(name, row, part=""):
    return PACKAGERS[name].parts[part].problems(row)


WHOLE = [("prompt-completion", ""), ("llamafactory", "sft"), ("goal-pairs", "swift"), ("goal-pairs", "llamafactory-v1")]
MASKED = [("llamafactory", "v1"), ("swift", ""), ("openai", ""), ("atif", "")]


@pytest.mark.parametrize(("name", "part"), [*WHOLE, *MASKED])
def test_nothing_serves_the_goal(name, part):
    pick = a_pick(relevant_steps=())
    assert rows_of(name, pick, part) == [LeftOut(pick.sample.id, "no step serves the goal")]


@pytest.mark.parametrize(("name", "part"), WHOLE)
def test_a_format_without_masks_does_without_a_stuck_step(name, part):
    (miss,) = rows_of(name, a_pick(**STUCK), part)
    assert miss.rule == "a later turn needs a value from a step that does not serve the goal"


@pytest.mark.parametrize(("name", "part"), [*WHOLE, *MASKED])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"answer": " "}, id="no answer"),
        pytest.param(
            {"steps": (a_step(1, raw="{q: lamp"),), "relevant_steps": (1,), "claims": ()}, id="broken arguments"
        ),
    ],
)
def test_rows_that_no_trainer_takes(name, part, changes):
    (row,) = rows_of(name, a_pick(**changes), part)
    assert problems(name, row, part)


# --- prompt-completion ---------------------------------------------------------------------------


def test_prompt_and_completion():
    row = one(PACKAGERS["prompt-completion"], a_pick())
    assert row["prompt"] == [SYSTEM, USER]
    assert row["completion"] == [ACTS[0], RESULTS[0], ACTS[1], RESULTS[1], CLOSING]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda row: row["prompt"].append(row["completion"].pop(0)), "the prompt does not end with the user"),
        (lambda row: row["completion"].pop(), "the conversation does not end with the agent"),
        (lambda row: row.update(completion=row["completion"][:3]), "the last message is no answer"),
        (lambda row: row["prompt"].clear(), "the prompt is empty"),
    ],
)
def test_prompt_completion_rules(damage, problem):
    row = copy.deepcopy(one(PACKAGERS["prompt-completion"], a_pick()))
    damage(row)
    assert problem in problems("prompt-completion", row)


# --- LLaMA-Factory -------------------------------------------------------------------------------


def test_llamafactory_sft_is_sharegpt():
    assert rows_of("llamafactory", a_pick(), "sft") == rows_of("sharegpt", a_pick())


def test_llamafactory_kto_has_one_decision_in_each_row():
    rows = rows_of("llamafactory", a_pick(), "kto")
    assert [row["kto_tag"] for row in rows] == [True, True, True, False]
    assert [row["conversations"][-1]["from"] for row in rows] == ["function_call", "function_call", "gpt", "gpt"]
    assert [len(row["conversations"]) for row in rows] == [2, 4, 6, 6]
    assert [row["conversations"][0]["value"] for row in rows] == [NEW_GOAL] * 3 + [GOAL]
    assert [problems("llamafactory", row, "kto") for row in rows] == [[]] * 4


def test_llamafactory_ranking():
    good = a_run(
        id="good", label=Label(success=True), steps=(a_step(1), a_step(2, "open", "$4", arguments={"id": "L-4"}))
    )
    part = PACKAGERS["llamafactory"].parts["ranking"]
    (row,) = part.pairs(a_batch(a_run(id="bad"), good))
    assert part.problems(row) == []
    assert [turn["from"] for turn in row["conversations"]] == ["human", "function_call", "observation"]
    assert json.loads(row["chosen"]["value"]) == {"name": "open", "arguments": {"id": "L-4"}}
    assert json.loads(row["rejected"]["value"]) == {"name": "open", "arguments": {"id": "L-77"}}
    assert "chosen and rejected are the same" in part.problems({**row, "chosen": row["rejected"]})
    assert "the turns do not alternate" in part.problems({**row, "chosen": {"from": "observation", "value": "x"}})
    assert "an odd number of turns" in part.problems({**row, "conversations": row["conversations"][:2]})


def test_v1_weighs_what_serves_the_goal():
    row = one(PACKAGERS["llamafactory"], a_pick(0.7, **STUCK), "v1")
    assert [(message["role"], message["loss_weight"]) for message in row["messages"]] == [
        ("system", 0.0),
        ("user", 0.0),
        ("assistant", 0.7),
        ("tool", 0.0),
        ("assistant", 0.0),
        ("tool", 0.0),
        ("assistant", 0.7),
        ("tool", 0.0),
        ("assistant", 0.7),
    ]


def test_v1_parts_of_a_message():
    row = one(PACKAGERS["llamafactory"], a_pick(), "v1")
    assert row["messages"][2]["content"] == [
        {"type": "reasoning", "value": THOUGHTS[0]},
        {"type": "tool_call", "value": TEXT_CALLS[0]},
    ]
    assert row["messages"][3]["content"] == [{"type": "text", "value": LIST}]
    assert row["messages"][-1]["content"] == [{"type": "text", "value": ANSWER}]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda m: m.pop(), "the last message is no answer"),
        (lambda m: m.__delitem__(slice(-2, None)), "the last message is no answer"),
        (lambda m: m.__delitem__(slice(0, 2)), "the conversation does not begin with the user"),
        (lambda m: [message.update(loss_weight=0.0) for message in m], "no message carries loss"),
        (lambda m: m[1]["content"].clear(), "an empty message of the user"),
        (lambda m: m[2]["content"][1].update(value='{"name": "buy", "arguments": {}}'),
         "a call of a tool that is not listed"),
        (lambda m: m[2]["content"][1].update(value='{"name": "open", "arguments": {"n": 1' + "0" * 30 + "}}"),
         "an integer of more than 64 bits"),
    ],
)  # fmt: skip
def test_v1_rules(damage, problem):
    row = copy.deepcopy(one(PACKAGERS["llamafactory"], a_pick(), "v1"))
    damage(row["messages"])
    assert problem in problems("llamafactory", row, "v1")


# --- goal pairs ----------------------------------------------------------------------------------


def test_goal_pairs_differ_in_the_goal_alone():
    row = one(PACKAGERS["goal-pairs"], a_pick(), "swift")
    chosen, rejected = row["messages"], row["rejected_messages"]
    assert (chosen[1]["content"], rejected[1]["content"]) == (NEW_GOAL, GOAL)
    assert chosen[2:] == rejected[2:]
    row = one(PACKAGERS["goal-pairs"], a_pick(0.5), "llamafactory-v1")
    chosen, rejected = row["chosen_messages"], row["rejected_messages"]
    assert [side[1]["content"][0]["value"] for side in (chosen, rejected)] == [NEW_GOAL, GOAL]
    assert chosen[2:] == rejected[2:]
    assert chosen[-1]["loss_weight"] == 0.5


@pytest.mark.parametrize("part", ["swift", "llamafactory-v1"])
def test_goal_pairs_need_two_goals(part):
    pick = a_pick(goal_seen=False)
    assert rows_of("goal-pairs", pick, part) == [LeftOut(pick.sample.id, NO_CONTRAST)]
    row = one(PACKAGERS["goal-pairs"], a_pick(), part)
    key = "messages" if part == "swift" else "chosen_messages"
    assert problems("goal-pairs", {**row, "rejected_messages": row[key]}, part) == ["chosen and rejected are the same"]

"""Rows of one sample in each format, and the rules that refuse a row."""

import copy
import json

import pytest
from builders import ANSWER, GOAL, LIST, NEW_GOAL, PAGE, a_pick, a_sample, a_step, some_steps

from agenther.packagers.base import LeftOut
from agenther.packagers.formats import kto, sft, sharegpt
from agenther.packagers.table import PACKAGERS

SYSTEM = {"role": "system", "content": "You are a shop assistant."}
USER = {"role": "user", "content": NEW_GOAL}
CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": {"q": "brass desk lamp"}}},
    {"id": "call_2", "type": "function", "function": {"name": "open", "arguments": {"id": "L-77"}}},
]
THOUGHTS = ["I look for brass desk lamps first.", "The list names L-77; I open it for its price."]
ACTS = [
    {"role": "assistant", "content": "", "reasoning_content": thought, "tool_calls": [call]}
    for thought, call in zip(THOUGHTS, CALLS, strict=True)
]
RESULTS = [
    {"role": "tool", "tool_call_id": "call_1", "name": "search", "content": LIST},
    {"role": "tool", "tool_call_id": "call_2", "name": "open", "content": PAGE},
]
CLOSING = {"role": "assistant", "content": ANSWER}


def one(packager, pick, part=""):
    """The one row of a sample, which the format's own rules accept."""
    (row,) = packager.parts[part].rows(pick)
    assert not isinstance(row, LeftOut), row
    assert packager.parts[part].problems(row) == []
    return row


# --- sft -----------------------------------------------------------------------------------------


def test_sft_row():
    row = one(sft.SFT, a_pick(weight=1.5))
    assert row["messages"] == [SYSTEM, USER, ACTS[0], RESULTS[0], ACTS[1], RESULTS[1], CLOSING]
    assert [tool["function"]["name"] for tool in json.loads(row["tools"])] == ["search", "open"]
    assert (row["weight"], row["severity_weight"]) == (1.5, 0.75)
    assert row["goal_original"] == GOAL


def test_no_column_is_null_and_numbers_keep_their_type():
    row = one(sft.SFT, a_pick(failure_type=None, system=None, severity=0, confidence=1))
    assert None not in row.values()
    assert [type(row[key]) for key in ("weight", "severity_weight", "severity", "confidence")] == [float] * 4


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"system": f"Your task:\n{GOAL.upper().replace(' ', '  ')}"}, id="in the system prompt"),
        pytest.param({"system": None, "start": f"Task: {GOAL}"}, id="in what it saw first"),
        pytest.param({"system": None, "start": "Hi, got a cheap lamp?", "goal_seen": False}, id="in the user's words"),
    ],
)
def test_the_failed_goal_stands_nowhere_before_the_first_act(changes):
    row = one(sft.SFT, a_pick(**changes))
    assert row["messages"][0] == USER


def test_what_was_seen_first_follows_the_goal():
    row = one(sft.SFT, a_pick(start="Welcome to the shop"))
    assert row["messages"][1]["content"] == f"{NEW_GOAL}\n\nObservation:\nWelcome to the shop"


def test_thought_may_use_a_word_only_after_the_run_has_shown_it():
    steps = (
        a_step(1, thought="The Orbit first."),
        a_step(2, "open", PAGE, thought="The Orbit then."),
        a_step(3, "open", PAGE, thought="A desk lamp in stock, so I open it next."),
    )
    row = one(sft.SFT, a_pick(steps=steps, relevant_steps=(1, 2, 3), claims=()))
    kept = [message.get("reasoning_content") for message in row["messages"] if message["role"] == "assistant"]
    assert kept == [None, steps[1].thought, steps[2].thought, None]


def test_parallel_calls_stay_one_message():
    first, second = some_steps()
    row = one(sft.SFT, a_pick(steps=(first, second.model_copy(update={"turn": 1, "thought": first.thought}))))
    act = {"role": "assistant", "content": "", "reasoning_content": THOUGHTS[0], "tool_calls": CALLS}
    assert row["messages"][2:] == [act, *RESULTS, CLOSING]


def without_thought(act):
    return {key: value for key, value in act.items() if key != "reasoning_content"}


def test_irrelevant_step_is_cut_out_with_its_result_and_the_thoughts_beside_it_and_after_it():
    first, second = some_steps()
    aside = a_step(2, "weather", "grey", arguments={}).model_copy(update={"turn": 1})
    last = second.model_copy(update={"n": 3, "turn": 2})
    row = one(sft.SFT, a_pick(steps=(first, aside, last), relevant_steps=(1, 3), claims=()))
    assert row["messages"][2:] == [without_thought(ACTS[0]), RESULTS[0], without_thought(ACTS[1]), RESULTS[1], CLOSING]
    assert "weather" not in json.dumps(row)


def test_thought_that_answers_a_user_who_is_not_there_goes():
    first, second = some_steps()
    row = one(
        sft.SFT,
        a_pick(steps=(first, second.model_copy(update={"n": 3, "turn": 3})), relevant_steps=(1, 3), claims=()),
    )
    assert row["messages"][2:] == [ACTS[0], RESULTS[0], without_thought(ACTS[1]), RESULTS[1], CLOSING]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"relevant_steps": ()}, "no step serves the goal", id="nothing relevant"),
        pytest.param({"relevant_steps": (7,)}, "no step serves the goal", id="relevant step is not there"),
        pytest.param(
            {"relevant_steps": (1,)}, "a step that does not serve the goal holds evidence for it", id="evidence"
        ),
        pytest.param(
            {"relevant_steps": (2,), "claims": ()},
            "a later turn needs a value from a step that does not serve the goal",
            id="value",
        ),
    ],
)
@pytest.mark.parametrize("name", ["sft", "sharegpt"])
def test_left_out(name, changes, rule):
    pick = a_pick(**changes)
    assert list(PACKAGERS[name].parts[""].rows(pick)) == [LeftOut(pick.sample.id, rule)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"answer": " "}, "an empty message of the assistant", id="no answer"),
        pytest.param(
            {"steps": (a_step(1, raw="{q: lamp"),), "relevant_steps": (1,)},
            "the arguments of a call are no JSON object",
            id="broken arguments",
        ),
        pytest.param(
            {"steps": (a_step(1, arguments={"q": [{"n": 2**64}]}),), "relevant_steps": (1,)},
            "an integer of more than 64 bits",
            id="an integer that loaders cannot keep",
        ),
        pytest.param({"steps": (a_step(1, ""),), "relevant_steps": (1,)}, "a call without a name", id="no name"),
    ],
)
def test_sft_row_that_its_rules_refuse(changes, problem):
    (row,) = sft.rows(a_pick(**changes))
    assert problem in sft.problems(row)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda m: m.clear(), "the conversation does not end with the agent"),
        (lambda m: m.pop(), "the conversation does not end with the agent"),
        (lambda m: (m.pop(), m.pop()), "the last message is no answer"),
        (lambda m: m.pop(1), "the conversation does not begin with the user"),
        (lambda m: m.pop(3), "a call without a result"),
        (lambda m: m.pop(2), "a result that no call asked for"),
        (lambda m: m[3].update(tool_call_id="call_9"), "a result that no call asked for"),
        (lambda m: m.append(dict(m[-1])), "two messages of the assistant in a row"),
        (lambda m: m.append(dict(m[0])), "the conversation does not begin with the user"),
        (lambda m: m[2]["tool_calls"][0]["function"].update(name="buy"), "a call of a tool that is not listed"),
        (lambda m: m[1].update(content=""), "an empty message of the user"),
    ],
)
def test_sft_rules(damage, problem):
    row = copy.deepcopy(one(sft.SFT, a_pick()))
    damage(row["messages"])
    assert problem in sft.problems(row)


# --- kto -----------------------------------------------------------------------------------------


def test_kto_rows():
    rows = list(kto.rows(a_pick()))
    assert [kto.problems(row) for row in rows] == [[]] * 4
    assert [(row["completion"], row["label"]) for row in rows] == [
        ([ACTS[0]], True),
        ([ACTS[1]], True),
        ([CLOSING], True),
        ([CLOSING], False),
    ]
    history = [ACTS[0], RESULTS[0], ACTS[1], RESULTS[1]]
    assert [row["prompt"] for row in rows[:3]] == [[SYSTEM, USER, *history[: 2 * n]] for n in range(3)]
    assert rows[3]["prompt"] == [SYSTEM, {"role": "user", "content": GOAL}, *history]
    assert rows[2]["pair_id"] == rows[3]["pair_id"]
    assert len({row["id"] for row in rows}) == 4


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"goal_seen": False}, id="the agent never saw the goal"),
        pytest.param({"steps": (a_step(1), a_step(3, "open", PAGE)), "relevant_steps": (1, 3)}, id="a dialogue"),
        pytest.param({"original_goal": NEW_GOAL}, id="the same goal"),
    ],
)
def test_kto_without_goal_contrast(changes):
    assert all(row["label"] for row in kto.rows(a_pick(**{"claims": (), **changes})))


def test_kto_learns_no_turn_that_does_not_serve_the_goal():
    """It stays in the prompt when it cannot be cut out."""
    rows = list(kto.rows(a_pick(relevant_steps=(2,), claims=())))
    assert [row["completion"] for row in rows if row["label"]] == [[ACTS[1]], [CLOSING]]
    assert rows[0]["prompt"] == [SYSTEM, USER, ACTS[0], RESULTS[0]]


def test_kto_leaves_out_a_sample_without_relevant_steps():
    assert list(kto.rows(a_pick(relevant_steps=()))) == [LeftOut(a_sample().id, "no step serves the goal")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"prompt": []}, "the prompt is empty"),
        ({"completion": []}, "the completion is not one message"),
        ({"completion": [CLOSING, CLOSING]}, "the completion is not one message"),
        ({"prompt": [SYSTEM]}, "the conversation does not begin with the user"),
        ({"prompt": [SYSTEM, USER, ACTS[0]]}, "a call without a result"),
    ],
)
def test_kto_rules(changes, problem):
    row = {**next(kto.rows(a_pick())), **changes}
    assert problem in kto.problems(row)


# --- sharegpt ------------------------------------------------------------------------------------


def test_sharegpt_row():
    row = one(sharegpt.SHAREGPT, a_pick())
    assert row["conversations"] == [
        {"from": "human", "value": NEW_GOAL},
        {
            "from": "function_call",
            "value": f"<think>\n{THOUGHTS[0]}\n</think>\n\n" + json.dumps(CALLS[0]["function"]),
        },
        {"from": "observation", "value": LIST},
        {
            "from": "function_call",
            "value": f"<think>\n{THOUGHTS[1]}\n</think>\n\n" + json.dumps(CALLS[1]["function"]),
        },
        {"from": "observation", "value": PAGE},
        {"from": "gpt", "value": ANSWER},
    ]
    assert row["system"] == "You are a shop assistant."
    assert [tool["name"] for tool in json.loads(row["tools"])] == ["search", "open"]


def test_sharegpt_parallel_calls():
    first, second = some_steps()
    steps = (first.model_copy(update={"thought": None}), second.model_copy(update={"turn": 1, "thought": None}))
    turns = one(sharegpt.SHAREGPT, a_pick(steps=steps, system=None))["conversations"]
    assert [turn["from"] for turn in turns] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(turns[1]["value"]) == [call["function"] for call in CALLS]
    assert turns[2]["value"] == f"{LIST}\n</tool_response>\n<tool_response>\n{PAGE}"


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda t: t.pop(), "an odd number of turns"),
        (lambda t: t.pop(), "the last message is no answer"),
        (lambda t: t.pop(0), "the first turn is not from human"),
        (lambda t: t.insert(1, {"from": "gpt", "value": "I look."}), "the turns do not alternate"),
        (lambda t: t[1].update(value="{"), "a call is no JSON"),
        (
            lambda t: t[1].update(value='{"name": "search", "arguments": "{}"}'),
            "the arguments of a call are no JSON object",
        ),
        (lambda t: t[1].update(value='{"name": "buy", "arguments": {}}'), "a call of a tool that is not listed"),
        (lambda t: t[-1].update(value=""), "an empty turn from gpt"),
    ],
)
def test_sharegpt_rules(damage, problem):
    row = copy.deepcopy(one(sharegpt.SHAREGPT, a_pick()))
    damage(row["conversations"])
    assert problem in sharegpt.problems(row)


def test_a_sample_reread_from_its_json_gives_the_same_rows():
    pick = a_pick()
    again = pick._replace(sample=type(pick.sample).model_validate_json(pick.sample.model_dump_json()))
    for packager in PACKAGERS.values():
        for part in packager.parts.values():
            assert list(part.rows(again)) == list(part.rows(pick))

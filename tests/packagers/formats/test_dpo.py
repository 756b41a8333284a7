"""DPO rows: one message a side, all else in the prompt."""

import pytest
from builders import LIST, a_step
from two_runs import act, failure, made, success

from agenther.packagers.formats import dpo


def test_thoughts_stay_only_when_both_decisions_have_one():
    thinking = (
        a_step(1, thought="First."),
        a_step(2, "open", "Dot lamp, $4", arguments={"id": "L-4"}, thought="L-4 it is."),
    )
    (row,) = made(failure(), success(steps=thinking))
    assert row["chosen"][0]["reasoning_content"] == "L-4 it is."
    assert "reasoning_content" in row["rejected"][0]
    assert not any("reasoning_content" in message for message in row["prompt"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"prompt": []}, "the prompt is empty"),
        ({"chosen": []}, "chosen or rejected is not one message"),
        ({"rejected": [{"role": "assistant", "content": ""}]}, "an empty message of the assistant"),
        ({"rejected": [{**act("open", id="L-4"), "reasoning_content": "!"}]}, "chosen and rejected are the same"),
        ({"tools": "[]"}, "a call of a tool that is not listed"),
    ],
)
def test_rules(changes, problem):
    (row,) = made(success(), failure())
    assert problem in dpo.problems({**row, **changes})


def test_observations_are_in_the_prompt_only():
    (row,) = made(success(), failure())
    assert row["prompt"][-1]["content"] == LIST
    assert {message["role"] for side in ("chosen", "rejected") for message in row[side]} == {"assistant"}

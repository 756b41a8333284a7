"""Dialogues that are kept as they were, by rules: refusals first."""

import asyncio

import pytest
from builders import a_run, a_step
from stages.rules_run import CREW, a_call

from agenther.pipeline import process
from agenther.records import Ending
from agenther.settings import Settings
from agenther.stages.relabel.rules import relabel

ORDERS = "{'plan': 'Pro', 'orders': ['#W1', '#W2']}"
LISTED = "Your orders are #W1 and #W2. Which one is it?"
ASKED = "Hello! What are the orders of user u_1?"
GOAL = "What are the orders of user u_1?"
FRAMED = "Which orders are listed for user u_1?"


def says(n, text, reply):
    return a_step(n, "respond", reply, arguments={"content": text}).model_copy(update={"answered_by": "user"})


def a_dialogue(*, start=ASKED, seen=ORDERS, told=LISTED, reply="The first, #W1.", first="Who are you?", **call):
    call = call.get("call", "get_user_details")
    steps = (says(1, first, "I am u_1."), a_call(2, call, seen, user_id="u_1"), says(3, told, reply))
    return a_run(
        goal="You are u_1 and want a refund.", goal_seen=False, start=start, steps=steps, answer=None,
        ending=Ending.GAVE_UP,
    )  # fmt: skip


def kept(run):
    samples = asyncio.run(process(run, CREW, Settings())).samples
    return [one for one in samples if one.opening is not None]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"start": "Hi! I want to cancel all my orders."}, id="it was no more than a step on the way"),
        pytest.param({"seen": "Error: no such user"}, id="a call that failed"),
        pytest.param({"call": "update_user_details"}, id="something was changed"),
        pytest.param({"told": "Your order is #W1."}, id="not all was told"),
        pytest.param({"told": "Which order is it?"}, id="nothing was told"),
        pytest.param({"told": LISTED + " They can't be cancelled."}, id="it says what may not be done"),
        pytest.param({"told": LISTED + " Since you are a member, I can cancel them."}, id="it judges"),
        pytest.param({"told": LISTED + " That makes 99 EUR."}, id="something that nobody observed"),
        pytest.param({"reply": "No, that is wrong."}, id="the user objects"),
        pytest.param({"reply": "I don't have these orders."}, id="the user says otherwise"),
    ],
)
def test_rather_no_dialogue(changes):
    assert kept(a_dialogue(**changes)) == []


def test_a_dialogue_is_kept_to_what_served():
    (sample,) = kept(a_dialogue())
    assert (sample.goal, sample.opening, sample.answer) == (GOAL, ASKED, LISTED)
    assert sample.answer_source == "log"
    assert [step.n for step in sample.steps] == [1, 2]


def test_a_turn_that_says_what_may_be_done_is_not_learned():
    (sample,) = kept(a_dialogue(first="I'm not allowed to say. Who are you?"))
    assert sample.relevant_steps == (2,)


def test_the_log_may_end_there():
    assert [one.goal for one in kept(a_dialogue(reply=""))] == [GOAL]


def test_without_a_dialogue_single_calls_are_told():
    run = a_dialogue(reply="No, that is wrong.")
    assert [one.goal for one in asyncio.run(process(run, CREW, Settings())).samples] == [FRAMED]


def test_fold_keeps_no_dialogue():
    run = a_dialogue()
    made = asyncio.run(process(run, CREW, Settings())).made
    diagnosis, outcome = made[:2]
    (proposal,) = asyncio.run(relabel(run, diagnosis, outcome, 1, (), fold=True))
    assert (proposal.as_dialogue, proposal.goal) == (False, FRAMED)

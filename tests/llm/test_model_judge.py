"""What a judging model is shown, what it is not, and what its answer comes to."""

import asyncio
import json

import pytest
from asking import A_PROPOSAL, shown
from builders import a_run, a_step

from agenther.judges.model import ModelJudge
from agenther.llm.clients.scripted import in_order
from agenther.prompt import load
from agenther.records import Point, Verdict
from agenther.rendering.runs import render_run

PROMPTS = load()
RUN = a_run()
VERDICT = {
    "is_valid": True,
    "confidence": 0.8,
    "rejection_reason": "",
    "claims": [{"text": "the price is told", "supported": True, "step": 2}],
}


def judged(proposal=A_PROPOSAL, run=RUN, **changes) -> Verdict:
    return asyncio.run(ModelJudge(in_order([json.dumps(VERDICT | changes)], "strict"), PROMPTS)(run, proposal))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            {"is_valid": False, "confidence": 1, "rejection_reason": "no price"}, "no price", id="says no, surely"
        ),
        pytest.param({"is_valid": False, "confidence": 0}, "refused without a reason", id="says no"),
        pytest.param(
            {"claims": [{"text": "it is red", "supported": False, "step": None}], "confidence": 1},
            "not shown: it is red",
            id="says yes, with a claim that nothing supports",
        ),
    ],
)
def test_a_refusal(change, reason):
    found = judged(**change)
    assert not found.valid
    assert found.reason == reason


def test_a_consent():
    found = judged()
    assert found == Verdict(judge="strict", valid=True, confidence=0.8, claims=(("the price is told", True, 2),))


def decided(*decisions, claims=()):
    said = [{"n": n, "settled": settled, "reason": reason} for n, settled, reason in decisions]
    model = in_order([json.dumps(VERDICT | {"points": said, "claims": list(claims)})], "strict")
    return asyncio.run(ModelJudge(model, PROMPTS)(RUN, A_PROPOSAL, POINTS))


POINTS = (Point(rule="names", question="Is “Orbit” the lamp?"), Point(rule="degree", question="Is it the cheapest?"))


@pytest.mark.parametrize(
    ("decisions", "settled"),
    [
        pytest.param((), [None, None], id="no point decided"),
        pytest.param(((1, True, ""),), [True, None], id="one left open"),
        pytest.param(((1, True, ""), (2, False, "nobody compared")), [True, False], id="one against"),
        pytest.param(((1, True, ""), (1, False, "no"), (2, True, "")), [False, True], id="one decided both ways"),
        pytest.param(((2, True, "so it says"), (1, True, ""), (7, False, "")), [True, True], id="all settled"),
    ],
)
def test_each_point_is_decided_by_its_number(decisions, settled):
    assert [point.settled for point in decided(*decisions).points] == settled


@pytest.mark.parametrize(
    ("quote", "valid"),
    [
        pytest.param("$11.99", False, id="made up"),
        pytest.param("I found no lamp", False, id="of what it was not shown"),
        pytest.param("$12.99", True, id="there"),
        pytest.param("", True, id="none given"),
    ],
)
def test_a_judges_quote_has_to_be_there(quote, valid):
    claim = {"text": "the price is told", "supported": True, "step": 2, "quote": quote}
    found = decided((1, True, ""), (2, True, ""), claims=[claim])
    assert found.valid is valid
    assert found.claims == (("the price is told", valid, 2),)


def test_a_judge_is_shown_the_points_by_number():
    request = shown(lambda model: ModelJudge(model, PROMPTS)(RUN, A_PROPOSAL, POINTS), VERDICT)
    assert "\n1. Is “Orbit” the lamp?\n2. Is it the cheapest?\n" in request.messages[1].content


def judge_prompt(run, proposal=A_PROPOSAL) -> str:
    """All that a judge is shown."""
    request = shown(lambda model: ModelJudge(model, PROMPTS)(run, proposal), VERDICT)
    assert request.temperature == 0
    return "\n".join(message.content for message in request.messages)


def test_a_judge_sees_goal_actions_observations_and_answer():
    seen = judge_prompt(RUN)
    for words in (A_PROPOSAL.goal, A_PROPOSAL.answer, 'open {"id":"L-77"}', "Orbit brass desk lamp, $12.99"):
        assert words in seen


def test_a_judge_sees_no_thoughts_no_old_goal_no_later_steps_no_old_answer():
    run = a_run(failure_reason="it was too dear")
    thoughts_ = [step.thought for step in run.steps if step.thought]
    assert thoughts_
    for end in (2, 3):
        seen = judge_prompt(run, A_PROPOSAL.model_copy(update={"end_step": end}))
        for words in (run.goal, run.answer, run.failure_reason, "respond", *thoughts_):
            assert words not in seen


def test_a_judges_run_is_the_beginning_of_the_whole():
    seen = judge_prompt(RUN, A_PROPOSAL.model_copy(update={"end_step": 1}))
    shown_run = seen.split("<run>\n")[-1].split("\n</run>")[0]
    assert shown_run
    assert render_run(RUN).startswith(shown_run)


def test_a_judge_of_a_dialogue_sees_what_the_user_said():
    turns = (a_step(1, "respond", "A brass one.", arguments={"content": "Which?"}, answered_by="user"),)
    assert 'from="user">A brass one.<' in judge_prompt(a_run(steps=turns))

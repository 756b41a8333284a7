"""What is said of the single steps of a failed run: without reading, and by a model in one call."""

import asyncio
import json

import pytest
from builders import GOAL, LIST, a_run, a_step, some_steps
from llm.asking import shown

from agenther.judges.sound import SoundJudge, mechanical
from agenther.llm.clients.scripted import in_order
from agenther.prompt import load
from agenther.records import Verdict

PROMPTS = load()
RUN = a_run()
ERROR = '{"error": "no such lamp"}'


def told(text, n=2, **changes):
    return a_step(n, "respond", None, arguments={"content": text}, **changes)


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        pytest.param((a_step(1, observation=ERROR),), "failed", id="its call failed"),
        pytest.param((a_step(1, observation=None),), "failed", id="nothing came back"),
        pytest.param((a_step(1, error="timeout"),), "failed", id="the log says that it failed"),
        pytest.param((a_step(1, observation=ERROR), told("It is ordered.")), "cites-error", id="told as success"),
        pytest.param((a_step(1, observation=ERROR), told("I could not find that lamp.")), "", id="told as an error"),
        pytest.param((a_step(1, observation=ERROR), told("Sorry, it isn’t working.")), "", id="told with regret"),
        pytest.param((a_step(1, observation=ERROR), a_step(2)), "", id="tried again"),
        pytest.param((a_step(1), told("Your lamp is ordered.")), "", id="told after a success"),
        pytest.param((told("Which lamp?", 1), told("Well?")), "", id="said to nobody who replied"),
    ],
)
def test_what_needs_no_reading(steps, rule):
    found = mechanical(a_run(steps=steps), steps[-1])
    assert (found.valid, found.rule) == (not rule, rule)


def entry(n, *, sound=True, confidence=0.9, quote="brass desk lamp", reason=""):
    return {"n": n, "sound": sound, "confidence": confidence, "quote": quote, "reason": reason}


def asked(*entries, steps=(1, 2), run=RUN):
    judge = SoundJudge(in_order([json.dumps({"steps": list(entries)})], "m"), PROMPTS, "m")
    return asyncio.run(judge(run, steps))


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        pytest.param((entry(1, sound=False, confidence=0.2, reason="A guess."),), "A guess.", id="says no"),
        pytest.param((entry(1, sound=False),), "held to be unsound without a reason", id="says no without a reason"),
        pytest.param((entry(1, quote="a green lamp"),), "its quote does not stand in the step", id="made-up quote"),
        pytest.param((entry(1, quote="$12.99"),), "its quote does not stand in the step", id="quote of another step"),
        pytest.param((entry(1, quote=""),), "its quote does not stand in the step", id="no quote"),
        pytest.param((entry(1), entry(1, sound=False, reason="No.")), "No.", id="both ways"),
    ],
)
def test_a_step_that_is_not_confirmed(entries, reason):
    found = asked(*entries)
    assert set(found) == {1}
    assert (found[1].valid, found[1].reason) == (False, reason)


def test_steps_that_are_confirmed():
    found = asked(entry(2, quote="$12.99"), entry(1), entry(3), entry(99))
    assert found == {
        1: Verdict(judge="m", valid=True, confidence=0.9, claims=(("brass desk lamp", True, 1),)),
        2: Verdict(judge="m", valid=True, confidence=0.9, claims=(("$12.99", True, 2),)),
    }


def test_an_answer_of_no_use_confirms_nothing():
    judge = SoundJudge(in_order(["I would rather not."] * 9, "m"), PROMPTS, "m")
    found = asyncio.run(judge(RUN, (1, 2)))
    assert not any(one.valid for one in found.values())
    assert found[2].raw == "I would rather not."


def test_it_sees_the_run_up_to_the_last_step_in_question_and_the_thoughts_that_would_be_learned():
    request = shown(lambda model: SoundJudge(model, PROMPTS, "m")(RUN, (1,)), {"steps": []})
    prompt = request.messages[1].content
    assert LIST in prompt
    assert "$12.99" not in prompt
    assert GOAL in prompt
    assert [step.thought in prompt for step in some_steps()] == [True, False]

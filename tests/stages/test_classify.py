"""Stage 1 by rules: what sort of failure, and how bad."""

import asyncio

import pytest
from builders import a_run, a_step

from agenther.records import Ending, FailureType, Label, Loop
from agenther.stages import by_rules


@pytest.mark.parametrize(
    ("changes", "is_failure"),
    [
        pytest.param({"label": Label(success=True, source="log"), "ending": Ending.GAVE_UP}, False, id="label first"),
        pytest.param({"label": Label(success=False, source="log")}, True, id="labelled a failure"),
        pytest.param({"label": Label(), "ending": Ending.ANSWERED}, None, id="finished: nobody knows"),
        pytest.param({"label": Label(), "ending": Ending.UNKNOWN}, None, id="unknown"),
        pytest.param({"label": Label(), "ending": Ending.STEP_LIMIT}, True, id="ran out of steps"),
        pytest.param({"label": Label(), "failure_reason": "wrong price"}, True, id="the log says why"),
        pytest.param({"label": Label(), "answer": "I'm sorry, I could not find it."}, True, id="an apology"),
        pytest.param({"label": Label(), "answer": "N/A"}, True, id="no answer in words"),
    ],
)
def test_success_is_never_inferred_from_finishing(changes, is_failure):
    run = a_run(**{"answer": "The lamp costs $12.99.", **changes})
    assert asyncio.run(by_rules.classify(run)).is_failure is is_failure


@pytest.mark.parametrize(
    ("observations", "flags", "why"),
    [
        pytest.param(["Error", None], (), "no act of the agent brought anything but errors", id="errors"),
        pytest.param(
            [None, None],
            ("observations-truncated",),
            "the log holds no whole observation of 2 of 2 acts: it was cut when it was written",
            id="a log that was cut",
        ),
        pytest.param(
            [None, "Error"],
            ("observations-truncated",),
            "the log holds no whole observation of 1 of 2 acts: it was cut when it was written, and the others brought"
            " errors",
            id="cut, and errors",
        ),
        pytest.param(
            ["Error"],
            ("observations-truncated",),
            "no act of the agent brought anything but errors",
            id="cut elsewhere",
        ),
    ],
)
def test_why_nothing_was_brought(observations, flags, why):
    steps = tuple(a_step(n, observation=seen) for n, seen in enumerate(observations, 1))
    diagnosis = asyncio.run(by_rules.classify(a_run(steps=steps, flags=flags)))
    assert (diagnosis.recoverable, diagnosis.explanation) == (False, why)


@pytest.mark.parametrize(
    ("changes", "type_"),
    [
        pytest.param({"answer": None}, FailureType.INCOMPLETE, id="no answer"),
        pytest.param({"answer": "The lamp costs $12.99."}, FailureType.WRONG_RESULT, id="grounded, but not it"),
        pytest.param({"answer": "The lamp costs $871.50."}, FailureType.HALLUCINATION, id="a number never seen"),
        pytest.param({"steps": (a_step(observation="Error"),)}, FailureType.TOOL_ERROR, id="errors all the way"),
        pytest.param({"goal": "Why a timeout?", "answer": None}, FailureType.INCOMPLETE, id="the request's words"),
    ],
)
def test_failure_types_look_at_the_run_alone(changes, type_):
    diagnosis = asyncio.run(by_rules.classify(a_run(**changes)))
    assert diagnosis.failure_type is type_
    assert diagnosis.weight == pytest.approx(1 - diagnosis.severity)


def test_the_worse_the_run_the_smaller_its_weight():
    good = asyncio.run(by_rules.classify(a_run(answer=None)))
    errors = (a_step(1), *(a_step(n, observation="Error: down", arguments={"q": str(n)}) for n in (2, 3)))
    bad = asyncio.run(by_rules.classify(a_run(steps=errors, answer=None)))
    assert (good.severity < bad.severity, good.weight > bad.weight) == (True, True)
    assert bad.decisive_step == 2


def test_three_of_the_same_are_a_loop():
    run = a_run(steps=tuple(a_step(n) for n in (1, 2, 3)))
    diagnosis = asyncio.run(by_rules.classify(run))
    assert diagnosis.loops == (Loop(start=1, times=3),)
    assert asyncio.run(by_rules.classify(a_run(steps=(a_step(1), a_step(2))))).loops == ()

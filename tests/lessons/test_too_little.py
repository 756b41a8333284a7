"""What does not follow from the runs is no lesson: too few values, calls or runs, or agents tried it in vain."""

import pytest
from builders import a_run, a_step, a_tool
from test_causes import DOWN
from test_lessons import BAD, GOOD, call, made

from agenther.lessons.freeze import frozen
from agenther.lessons.gather import Gathered
from agenther.lessons.records import Choices, Why
from agenther.records import Attribution

KEYS = [call("quote_for_shares", "Error: invalid api key", api_key="mine")] * 2


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(
            call("quote_for_shares", "Error: invalid api key", api_key="demo"), id="another was tried in vain"
        ),
        pytest.param(call("price_for_shares", GOOD, of="A"), id="of the same API one worked without it"),
    ],
)
def test_what_agents_tried_in_vain_is_not_recommended(tmp_path, more):
    kept, away = made(tmp_path, [*KEYS, more], [*KEYS, more])
    assert (kept, {one.why for one in away}) == ((), {Why.CONTRADICTED, Why.TOO_LITTLE})


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        pytest.param((True, "gold"), 2, id="two values"),
        pytest.param(("US", "CA", "USA"), 2, id="all written alike"),
        pytest.param((True, "gold", "2"), 1, id="one run"),
    ],
)
def test_an_argument_of_which_few_values_were_tried_is_not_to_be_left_out(tmp_path, given, runs):
    steps = [*(call("book", BAD, to="Rome", vip=vip) for vip in given), call("book", GOOD, to="Rome")]
    kept, away = made(tmp_path, *[steps] * runs)
    assert (kept, [one.why for one in away]) == ((), [Why.TOO_LITTLE])


@pytest.mark.parametrize(
    "result", ["[]", '""', "{'es': {}}", """{"error": "", "response": "{'es': [], 'fr': null}"}"""]
)
def test_an_empty_result_is_no_call_that_worked(tmp_path, result):
    bad = [call("get", DOWN, at="a"), call("get", DOWN, at="b")]
    [kept], _ = made(tmp_path, bad, bad, [call("get", result, at="c")])
    assert kept.wrong.endswith("calling it again, with other arguments too, did not work in the same run.")
    assert kept.instead == "After this error go on without `get`, or say that no answer is given."


def test_one_run_that_goes_round_is_no_lesson(tmp_path):
    kept, away = made(tmp_path, [call("scroll", GOOD, by=1)] * 3)
    assert (kept, [one.why for one in away]) == ((), [Why.TOO_LITTLE])


def _unknown(*results, name="test"):
    """What is said of a tool that only another agent has; each result is of a run of its own."""
    gathered = Gathered()
    for n, back in enumerate(results):
        steps = (a_step(1, name, back, arguments={"position": "a"}),)
        run = a_run(id=f"tau-{n:016d}", task_id=str(n), steps=steps, tools=(a_tool("find", position="string"),))
        gathered.add(run, Attribution(run_id=run.id, method="rules"))
    return frozen(gathered, Choices())


def test_a_tool_that_the_agent_does_not_have():
    [kept] = _unknown(*["No such function name: test"] * 2).kept
    assert kept.wrong == "`test` is no tool that the agent has, and calling it fails with “no such”."
    assert _unknown(*["No such function name: set_position"] * 2, name="set_position").kept


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(DOWN, id="its own error"),
        pytest.param('{"error": "Invalid, tests only"}', id="another name"),
        pytest.param('{"error": "Cannot import tools.test.api"}', id="a file of it"),
        pytest.param("Error: test failed, position is invalid", id="an argument of it"),
    ],
)
def test_a_tool_that_answered_is_there(more):
    result = _unknown("No such function name: test", more)
    assert not result.kept
    assert Why.CONTRADICTED in {one.why for one in result.dropped}
    assert not _unknown(more, more).kept

"""What lessons say of the cause of an error, and of errors that have none; first what does not follow from the runs."""

import pytest
from test_lessons import BAD, DATED, GOOD, call, made

from agenther.lessons.records import Kind, Why

DOWN = '{"error": "Internal server error"}'


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        pytest.param([[call("get", DOWN, at=1), call("get", DOWN, at=2)]], Why.TOO_LITTLE, id="one run"),
        pytest.param(
            [
                [call("get", "Error: no user uma_1", user="uma_1")] * 2,
                [call("get", "Error: no user uma_2", user="uma_2")] * 2,
            ],
            Why.TOO_LITTLE,
            id="the error repeats what was given",
        ),
        pytest.param(
            [[call("get", DOWN, ref=f"X-{run}4411{n}") for n in range(2)] for run in range(2)],
            Why.TOO_LITTLE,
            id="ids that nobody spoke of",
        ),
    ],
)
def test_what_says_nothing_of_the_tool(tmp_path, runs, why):
    kept, away = made(tmp_path, *runs)
    assert (kept, {one.why for one in away} - {Why.UNPROVED}) == ((), {why})


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        pytest.param(
            [[call("get", DOWN, at="a"), call("get", DOWN, at="b")]] * 2,
            "`get` fails with “internal server error”, and no call of it worked in any run.",
            id="other arguments in two runs",
        ),
        pytest.param(
            [[call("get", DOWN, at="a")] * 2] * 2,
            "After `get` failed with “internal server error”, calling it again did not work in the same run.",
            id="always the same arguments",
        ),
        pytest.param(
            [*[[call("get", DOWN, at="a"), call("get", DOWN, at="b")]] * 2, [call("get", "", at="c")]],
            "After `get` failed with “internal server error”, calling it again, with other arguments too, did not work"
            " in the same run.",
            id="a call of which nobody knows",
        ),
        pytest.param(
            [[call("get", DOWN, at="a"), call("get", DOWN, at="b")], [call("get", DOWN, at="b")]],
            "`get` fails with “internal server error”, and no call of it worked in any run.",
            id="once in another run",
        ),
    ],
)
def test_a_dead_end(tmp_path, runs, told):
    [kept], _ = made(tmp_path, *runs)
    assert (kept.wrong, kept.runs) == (told, 2)


def test_a_fault_that_passes_is_no_matter_of_the_arguments(tmp_path):
    bad = [call("get", DOWN, at="Rome")] * 2
    kept, _ = made(tmp_path, bad, bad, [call("get", GOOD, at="Rome")])
    assert [one.instead for one in kept] == [
        "Call `get` once again later, and then go on; such calls work in other runs."
    ]


def test_the_same_tool_under_another_name(tmp_path):
    bad = [call("find", "Error: tool not found", at="a")] * 2
    kept, _ = made(tmp_path, bad, [call("shop__find", GOOD, at="a")])
    assert [one.instead for one in kept] == ["Call `shop__find`: it worked."]


def test_tools_of_one_api_that_fail_alike_are_one_lesson(tmp_path):
    runs = [[call(f"{name}_for_maps", DOWN, at="a"), call(f"{name}_for_maps", DOWN, at="b")] for name in ("x", "y")]
    [kept], [away] = made(tmp_path, *runs)
    fails = "fail with “internal server error”, and no call of them worked in any run"
    assert kept.wrong == f"`x_for_maps` and `y_for_maps` of `maps` {fails}."
    assert (kept.when.tools, kept.runs, away.why) == (("x_for_maps", "y_for_maps"), 2, Why.MERGED)


@pytest.mark.parametrize("error", ["Error: invalid api key", """{"error": "{'why': 'invalid api_key=none'}"}"""])
def test_an_argument_of_which_the_error_speaks(tmp_path, error):
    kept, _ = made(tmp_path, *[[call("quote", error, api_key=key)] * 2 for key in ("mine", "yours")])
    assert [(one.wrong, one.instead) for one in kept] == [
        (
            "Calls of `quote` fail with “invalid”, which speaks of `api_key`.",
            "Take another value of `api_key` from what the tool, the user or a result says, or ask for it.",
        )
    ]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([call("book", BAD, to="Rome", date="2026-11-30")], id="the same error, in the shape that worked"),
        pytest.param([call("book", GOOD, to="Oslo", date="30/11/2026")], id="what is warned of worked"),
    ],
)
def test_what_sets_failures_and_successes_not_apart_is_no_cause(tmp_path, more):
    kept, away = made(tmp_path, DATED, DATED, DATED, more)
    assert kept == ()
    assert len(away) == 1


def test_another_value_is_no_cause(tmp_path):
    steps = [
        call("who", '{"cards": ["card_771", "card_882"]}'),
        call("pay", BAD, card="card_882", to="Rome"),
        call("pay", GOOD, card="card_771", to="Rome"),
    ]
    assert made(tmp_path, steps, steps) == ((), [])


def test_quotes_hold_no_values(tmp_path):
    steps = [
        call("find", "Error: Hernandez not found", last="", zip="1"),
        call("find", "sofia_hernandez_1", last="Hernandez", zip="1"),
    ]
    kept, away = made(tmp_path, steps, steps)
    found = [*kept, *(one.lesson for one in away)]
    quotes = [one.quote for lesson in found for one in (*lesson.failures, *lesson.successes)]
    assert quotes
    assert not any("ernandez" in quote or "sofia" in quote for quote in quotes)


LOST = "Error: phone number not found"


def test_a_shape_that_works_in_other_runs(tmp_path):
    """No call of the run shows what is wrong; those of others do."""
    bad = [call("find", LOST, phone="+1 555-123-2002"), call("find", LOST, phone="+1 555-123-2003")]
    fine = [[call("find", GOOD, phone=f"555-123-200{n}")] for n in range(2)]
    kept, away = made(tmp_path, bad, *fine)
    assert [(one.wrong, one.instead) for one in kept] == [
        (
            "`find` fails with “not found” when `phone` is a number written +# ###-###-####.",
            "Give `phone` as a number written ###-###-####, as it works in other runs.",
        )
    ]
    assert {one.why for one in away} == {Why.MERGED, Why.CONTRADICTED}  # another number was tried in vain


def test_several_shapes_that_do_not_work_are_one_lesson(tmp_path):
    bad = [call("find", LOST, phone=phone) for phone in ("+1 555-123-2002", "+15551232002")]
    [kept], _ = made(tmp_path, bad, *[[call("find", GOOD, phone=f"555-123-200{n}")] for n in range(2)])
    written = "a number written +# ###-###-#### or a number written +###########"
    assert kept.wrong == f"`find` fails with “not found” when `phone` is {written}."


def test_a_value_that_nobody_said(tmp_path):
    bad = [
        call("find", "Error: order not found", order_id="W-99871"),
        call("find", "Error: order not found", order_id="W-1"),
    ]
    fine = [call("list", '{"orders": ["W-5512"]}'), call("find", GOOD, order_id="W-5512")]
    kept, away = made(tmp_path, bad, bad, fine)
    [only] = kept
    assert only.wrong.endswith("when `order_id` is a value that was said nowhere before.")
    assert only.instead == "Take `order_id` from what the user or a result says, or ask for it."
    assert {one.why for one in away} == {Why.MERGED}  # the dead end; of its shape such a value says nothing


def test_a_long_result_in_a_loop_is_not_called_an_error(tmp_path):
    page = '{"error": "Message error...", "response": "' + "Fido, a film of 2006. " * 30 + '"}'
    kept, _ = made(tmp_path, *[[call("films", page, of="1")] * 3] * 2)
    [loop] = [one for one in kept if one.when.signature.kind == Kind.LOOP]
    assert loop.wrong.endswith("brought the same result each time.")


def _paid(*, before, after, total):
    back = f"Error: amounts do not add up, total price is {total}, but paid {sum(before)}"
    cards = ([{"id": f"c{n}", "amount": amount} for n, amount in enumerate(each)] for each in (before, after))
    return [call("book", said, to="Rome", cards=many) for said, many in zip((back, GOOD), cards, strict=True)]


def test_amounts_of_a_list_are_what_the_error_names_together(tmp_path):
    steps = [_paid(before=(100, 50), after=(100, 80), total=180), _paid(before=(50,), after=(70,), total="70.00")]
    [kept], _ = made(tmp_path, *steps)
    told = "`book` fails with “{error}” when the sum of all `cards[].amount` is not the value that the error names."
    assert kept.wrong in {told.format(error="do not"), told.replace("“{error}”", "an error")}
    assert (kept.instead, kept.runs) == ("Take the sum of all `cards[].amount` from what the error itself says.", 2)

"""What a tool's verb makes of a request: acts are no lookups, and a change counts only where it was made."""

import pytest

from agenther.evidence.verbs import CHANGES, DEEDS, DOINGS, LOOKS, NAMES_TOO, NOUNS_TOO
from agenther.stages.inputs import Input
from agenther.stages.phrases import phrase
from tests.stages.one_call import asked


def test_the_tables_of_verbs_do_not_overlap_and_name_no_strangers():
    tables = [LOOKS, frozenset(CHANGES), DEEDS, DOINGS]
    assert len(frozenset().union(*tables)) == sum(map(len, tables))
    assert DEEDS | frozenset(CHANGES) >= NOUNS_TOO
    assert frozenset().union(*tables) >= NAMES_TOO


@pytest.mark.parametrize(
    "tool",
    [
        *("refund_loan", "deactivate_loan", "place_loan", "swap_loan", "restart_loan", "call_loan", "recommend_loan"),
        *("refundLoan", "loan_cancel", "can_extend_loan", "auto_renew_loan", "mark_loan_paid", "notarize_loan"),
        *("rate_loan", "complete_loan", "predict_loan", "request_loan", "deactivate_loan_status"),
    ],
)
def test_an_act_is_no_lookup(tool):
    assert asked(tool, "{'owner': 'Ann', 'room': '4'}", loan_id="L77821") == []


@pytest.mark.parametrize(
    ("tool", "thing"),
    [
        pytest.param("refund_status", "refund status", id="a verb that is a noun, before what is recorded"),
        pytest.param("call_history", "call history", id="a history"),
        pytest.param("train_seats", "train seats", id="a noun that is seldom a verb"),
        pytest.param("file_size", "file size", id="a noun with the ending of a verb"),
        pytest.param("browse_lamps", "lamps", id="a verb of looking"),
        pytest.param("define_word", "word", id="a verb of telling"),
    ],
)
def test_what_is_looked_up_is_named_without_the_verb(tool, thing):
    found = phrase(tool, [Input(("loan",), "L77821", "L77821", said=True)])
    assert found is not None
    assert " ".join(found.thing) == thing


@pytest.mark.parametrize(
    "observation",
    [
        "{'status': 'cancellation requested', 'message': 'To have it cancelled was asked for'}",
        "{'status': 'success', 'message': 'It will be cancelled'}",
        "{'status': 'ok', 'message': '0 orders cancelled'}",
        "{'status': 'ok', 'message': 'The order was not yet cancelled'}",
        "{'order': 'o77821', 'cancelled': false}",
        "{'order': 'o77821', 'cancelled': '2024-06-01', 'by': 'Ann'}",
        "{'status': 'ok', 'state': 'pending'}",
    ],
)
def test_a_change_that_was_not_made_is_none(observation):
    assert asked("cancel_order", observation, order_id="o77821") == []


@pytest.mark.parametrize(
    ("tool", "arguments", "observation", "goal"),
    [
        pytest.param(
            "cancel_order", {"order_id": "o77821"}, "{'cancelled': true}", "Cancel order o77821.", id="a field says so"
        ),
        pytest.param(
            "create_coupon",
            {"name": "SPRING", "limit": 5, "discount": "10%"},
            "{'status': 'success'}",
            'Create the coupon SPRING with a limit of 5 and the discount "10%".',
            id="nothing is left out",
        ),
        pytest.param(
            "book_room",
            {"room": "Aster", "start": "2024-06-04 10:00", "end": "2024-06-04 11:00"},
            "{'status': 'booked'}",
            "Book the room Aster from 2024-06-04 10:00 to 2024-06-04 11:00.",
            id="from and to",
        ),
        pytest.param(
            "create_event",
            {"title": "Tea", "start": "2024-06-04T10:00", "duration_minutes": 30},
            "{'status': 'confirmed'}",
            'Create the event "Tea" starting at 2024-06-04T10:00 with a duration of 30 minutes.',
            id="a duration",
        ),
        pytest.param(
            "add_tag",
            {"name": "Tea", "owners": ["mira li", "pell"]},
            "{'status': 'ok'}",
            "Add the tag Tea with the owners mira li and pell.",
            id="several",
        ),
        pytest.param(
            "update_order",
            {"order_id": "o77821", "guests": 4},
            "{'status': 'updated'}",
            "Change the number of guests of order o77821 to 4.",
            id="how many",
        ),
    ],
)
def test_a_change_is_told_whole(tool, arguments, observation, goal):
    assert asked(tool, observation, **arguments) == [goal]

"""Which acts changed something: what changes nothing comes first."""

import pytest
from builders import a_run, a_step

from agenther.evidence.changes import change, is_change


@pytest.mark.parametrize(
    "name",
    [
        "get_order_details",
        "getUpdates",
        "search_orders_to_cancel",
        "find_and_send",
        "order_status",
        "book_details_for_shelf_mark",
        "exchange_for_money_desk",
        "exchange_rates",
        "post_comments_list",
        "stock_purchase_activity",
        "latest_updates",
        "money_for_send_it",
        "settings",
        "respond",
        "think",
        "",
        "取消",
        "mcp__delete_desk__get_branch",
        "booking.find_room",
    ],
)
def test_names_of_tools_that_change_nothing(name):
    assert not is_change(name)


@pytest.mark.parametrize(
    "name",
    [
        "cancel_reservation",
        "book_reservation",
        "book",
        "transfer",
        "transfer_to_human_agents",
        "return_delivered_order_items",
        "update_order_status",
        "sendEmail",
        "GmailSendEmail",
        "issues.create",
        "mcp__forge__delete_branch",
        "create_label_for_parcel_desk",
        "pay_fees",
        "calendar_event_remove",
    ],
)
def test_names_of_tools_that_change_something(name):
    assert is_change(name)


HOME, CART = "Tab 0 (current): Home | Shop", "Tab 0 (current): Cart | Shop"


def done(name, observation="done", **changes):
    return change(a_run(start=HOME, steps=(step := a_step(1, name, observation, **changes),)), step)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param({"name": "cancel_order", "observation": "Error: no such order"}, id="an error"),
        pytest.param({"name": "cancel_order", "error": "timed out"}, id="the log says that it failed"),
        pytest.param({"name": "submit", "final": True}, id="the closing act"),
        pytest.param({"name": "respond", "answered_by": "user"}, id="words to the user"),
        pytest.param({"name": "files", "arguments": {"action": "list"}}, id="an argument that looks"),
        pytest.param({"name": "run", "arguments": {"command": "delete all of it"}}, id="words of any sort"),
        pytest.param({"name": "files", "arguments": {"action": ["delete"]}}, id="not a name"),
        pytest.param({"name": "click", "arguments": {"element": "link 'Delete'"}}, id="a link"),
        pytest.param({"name": "click", "arguments": {"element": "button 'Search'"}}, id="a search"),
        pytest.param({"name": "click", "arguments": {"element": ["button 'Save'"]}}, id="no text"),
        pytest.param(
            {"name": "click", "arguments": {"element": "button 'Save'"}, "observation": HOME}, id="the page stayed"
        ),
    ],
)
def test_nothing_was_changed(step):
    assert done(**step) is None


@pytest.mark.parametrize(
    ("step", "told"),
    [
        pytest.param({"name": "cancel_order"}, "cancel_order", id="by the tool's name"),
        pytest.param({"name": "files", "arguments": {"action": "delete"}}, "delete", id="by an argument"),
        pytest.param(
            {"name": "click", "arguments": {"element": "button '\ue60e Add to Cart'"}, "observation": CART},
            "button '\ue60e Add to Cart'",
            id="by a button",
        ),
    ],
)
def test_something_was_changed(step, told):
    assert done(**step) == told

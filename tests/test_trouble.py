import pytest
from builders import a_step

from agenther.evidence.trouble import page_title, trouble

WRAPPED = '{"error": "", "response": "%s"}'


@pytest.mark.parametrize(
    "observation",
    [
        None,
        "",
        "  \n",
        "[]",
        "{}",
        "null",
        '{"error": "", "response": ""}',
        '{"error": "", "response": "[]"}',
        '{"data": [], "message": null}',
        '{"error": "Rate limit error...", "response": "{}"}',
        "{'error': 'no such city'}",
        "{'Error Message': 'Invalid API KEY'}",
        WRAPPED % "{'success': False, 'data': {'x': 1}}",
        WRAPPED % "{'status': 'error', 'code': 7}",
        WRAPPED % "{'message': \\\"Endpoint x does not exist\\\"}",
        WRAPPED % "Service No Longer Available",
        WRAPPED % "{'message': 'You have exceeded the MONTHLY quota'}",
        "Error: payment amount does not add up",
        "Traceback (most recent call last):",
        "404 page not found",
        "Tab 0 (current): 404 Not Found\n\n[1] RootWebArea '404 Not Found'",
        "Tab 0 (current): Sign in\n[2] textbox 'Password *' required: True",
        "RootWebArea 'Whoops, our bad...' focused: True",
    ],
)
def test_errors_and_empty_answers_achieve_nothing(observation):
    assert trouble(a_step(observation=observation))


@pytest.mark.parametrize(
    "observation",
    [
        "255.0",
        "ok",
        "Certificate added to user mia with amount 50.",
        WRAPPED % "{'postcode': 'CF10 3NP', 'latitude': 51.48563}",
        WRAPPED % "{'success': True, 'errors': [], 'result': 3}",
        WRAPPED % "{'title': 'Property', 'err': None, 'count': 2}",
        '{"error": null, "items": [1, 2]}',
        '{"error": 0, "items": [1, 2]}',
        "Tab 0 (current): Orders / Magento Admin\n[3] link 'Error log'",
        "The history of error correction. " * 20,
    ],
)
def test_nothing_speaks_against_these(observation):
    assert trouble(a_step(observation=observation)) is None


def test_what_a_user_reports_is_no_trouble_of_the_step():
    assert trouble(a_step(observation="No Service, it failed", answered_by="user")) is None
    assert trouble(a_step(observation="No Service, it failed"))


def test_the_environments_own_word_counts_first():
    assert trouble(a_step(observation="all is well", error="timeout")) == "timeout"


@pytest.mark.parametrize(
    ("observation", "title"),
    [
        pytest.param("plain text", None, id="no page"),
        pytest.param("Tab 0 (current): Orders / Magento Admin\n\n[1] ...", "Orders / Magento Admin", id="one tab"),
        pytest.param("Tab 0 (current): A | B | Tab 1: Other\n", "A | B", id="a tab behind it"),
        pytest.param("Tab 0: Other | Tab 1 (current): Mine\n", "Mine", id="a tab before it"),
        pytest.param("[4] RootWebArea 'It''s here' focused: True", "It", id="a quotation mark ends the title"),
        pytest.param('RootWebArea "Maps" url=x', "Maps", id="without a number"),
    ],
)
def test_page_title(observation, title):
    assert page_title(observation) == title

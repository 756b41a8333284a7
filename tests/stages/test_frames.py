"""A few frames for what one call did: refusals first."""

import pytest
from stages.rules_run import a_call, a_tool, goals, result_of

USER = "{'plan': 'Basic', 'membership': 'gold', 'email': 'm@x.example'}"
FILMS = "[{'title': 'Uno'}, {'title': 'Dos'}]"
FLIGHTS = "[{'flight_number': 'HT1'}, {'flight_number': 'HT2'}]"


def framed(step, **changes):
    goal = " ".join(str(value) for value in step.action.arguments.values())
    return goals(step, **{"goal": f"I have {goal}.", **changes})


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(a_call(1, "getusrdtls", USER, user_id="u1"), id="a name of no words"),
        pytest.param(a_call(1, "get_basic_info", USER, peopleid="nm1"), id="an endpoint's word"),
        pytest.param(a_call(1, "metadata_album", "{'title': 'Red'}", is_id="a77"), id="words in an endpoint's order"),
        pytest.param(
            a_call(1, "get_movies_by_year", "[{'title': 'A'}, {'title': 'B'}]", movie_year=2000), id="no slot"
        ),
        pytest.param(a_call(1, "get_user_details", USER, user_id="u1", api_key="k9"), id="a slot that nobody says"),
        pytest.param(a_call(1, "get_user_details", USER, user={"a": "u1"}), id="an input that nobody would say"),
        pytest.param(a_call(1, "get_companies", "[{'name': 'A'}, {'name': 'B'}]"), id="a list of anything"),
        pytest.param(a_call(1, "check_a_url", "{'status': 200}", url="x.example"), id="a state of the exchange"),
        pytest.param(a_call(1, "get_user_details", "{'email': 'm@x.example'}", user_id="u1"), id="what is private"),
        pytest.param(a_call(1, "get_boat_details", "{'length': 12}", boat_id="b1"), id="a measure without a unit"),
        pytest.param(a_call(1, "get_transaction", "{'title': 'P', 'data': [1, 2]}", zip="10011"), id="an envelope"),
        pytest.param(a_call(1, "cancel_order", "{'state': 'cancelled'}", order_id="o7"), id="a change"),
        pytest.param(a_call(1, "search_films", FILMS, origin="Peru", mood="sad"), id="a filter that nobody would say"),
        pytest.param(a_call(1, "suggest_films", FILMS, country="Peru"), id="too few of what goes on"),
        pytest.param(
            a_call(1, "get_vehicle_details", "{'hull': {'x': 'a'}, 'mast': {'x': 'b'}}", vehicle_id="b1"), id="alike"
        ),
    ],
)  # fmt: skip - a table reads better by lines
def test_rather_no_frame(step):
    assert framed(step) == []


@pytest.mark.parametrize(
    ("step", "goal"),
    [
        pytest.param(
            a_call(1, "get_user_details", USER, user_id="mia_li_36"),
            "What are the plan and membership of user mia_li_36?",
            id="one thing by its key",
        ),
        pytest.param(
            a_call(1, "find_user_id_by_name_zip", "mia_li_36", first_name="Mia", last_name="Li", zip="75284"),
            "What is the user ID for the name Mia Li and ZIP code 75284?",
            id="a number that is found",
        ),
        pytest.param(
            a_call(1, "get_customer_by_phone", "{'full_name': 'Jo Hill'}", phone_number="555-123"),
            "What is the full name of the customer with phone number 555-123?",
            id="by what it has",
        ),
        pytest.param(
            a_call(1, "get_flight_status", "available", flight_number="HT176", date="2024-05-20"),
            "What is the status of flight number HT176 on 2024-05-20?",
            id="what the tool's name asks",
        ),
        pytest.param(
            a_call(1, "geocode", "{'postcode': 'CF10 3NP', 'latitude': 51.4}", postcode="CF103NP"),
            "What is the latitude of postcode CF103NP?",
            id="what is known as the thing",
        ),
        pytest.param(
            a_call(
                1, "get_order_details", "{'state': 'sent', 'items': [{'name': 'Mat'}, {'name': 'Pot'}]}", order_id="#W1"
            ),
            "Which items are listed for order #W1?",
            id="what it lists",
        ),
        pytest.param(
            a_call(1, "get_trip", "{'port': 'Oslo', 'state': 'open', 'flights': " + FLIGHTS + "}", trip_id="o7"),
            "What are the details of trip o7?",
            id="what it numbers",
        ),
        pytest.param(
            a_call(1, "search_direct_flight", FLIGHTS, origin="JFK", destination="SEA", date="2024-05-20"),
            "Which direct flights are there from JFK to SEA on 2024-05-20?",
            id="a list by its filters",
        ),
        pytest.param(
            a_call(
                1,
                "search_news",
                "[{'title': 'Uno'}, {'title': 'Dos'}, {'title': 'Tres'}]",
                keyword="sports",
                language="es",
            ),
            'Find some news articles for "sports" in Spanish.',
            id="some of a search",
        ),
        pytest.param(
            a_call(1, "get_vehicle_details", "{'name': 'Ann', 'port': 'Oldport', 'crew': 'Bo'}", vehicle_id="b1"),
            "What are the details of vehicle b1?",
            id="all of what it tells much of",
        ),
        pytest.param(
            a_call(1, "get_user_details", "{'plan': 'Pro', 'orders': ['#W1', '#W2']}", user_id="u1"),
            "Which orders are listed for user u1?",
            id="a bare list of a thing",
        ),
    ],
)  # fmt: skip - a table reads better by lines
def test_a_frame(step, goal):
    assert goal in framed(step)


def test_a_field_that_is_called_by_a_mark_is_one_of_the_others():
    flights = "[{'$': 'a b', 'flight_number': 'HT1'}, {'$': 'c d', 'flight_number': 'HT2'}]"
    step = a_call(1, "search_direct_flight", flights, origin="JFK", destination="SEA")
    assert framed(step) == ["Which direct flights are there from JFK to SEA?"]


def test_words_of_the_request_are_known():
    step = a_call(1, "get_wyvern_info", "{'age': 30}", wyvern_id="w1")
    assert framed(step) == []
    assert framed(step, goal="My wyvern w1 is ill.") == ["What is the age of wyvern w1?"]


def test_a_text_is_given_as_it_is():
    sample = result_of(a_call(1, "love_quote", "{'quote': 'Hold on.'}"), goal="Love and songs?").samples[0]
    assert (sample.goal, sample.answer) == ("Give me a love quote.", 'Here is a love quote: "Hold on."')


def test_an_input_that_nobody_told_gives_no_goal():
    assert goals(a_call(1, "get_user_details", USER, user_id="u-77812"), goal="Who am I?") == []


def test_a_value_that_the_schema_does_not_know_gives_no_goal():
    step = a_call(1, "get_user_details", USER, user_id="u1")
    known = a_tool("get_user_details", user_id={"type": "string", "enum": ["u1", "u2"]})
    other = a_tool("get_user_details", user_id={"type": "string", "enum": ["u2"]})
    assert (len(framed(step, tools=(known,))), framed(step, tools=(other,))) == (1, [])


@pytest.mark.parametrize(("before", "count"), [("get_user_details", 1), ("send_voucher", 0)])
def test_nothing_is_changed_that_is_not_asked_for(before, count):
    first = a_call(1, before, "{'note': 'Voucher sent to u1'}", user_id="u1")
    second = a_call(2, "get_order_status", "sent", order_id="o7")
    found = goals(first, second, goal="u1 and o7")
    assert found.count("What is the status of order o7?") == count

"""What inputs make of a request: nothing that was said is lost, changed, or said as nobody would say it."""

import pytest

from agenther.judges.demands import numbers
from agenther.stages.inputs import Input
from tests.stages.one_call import asked

NAMES = "[{'name': 'A'}, {'name': 'B'}]"


@pytest.mark.parametrize(
    ("tool", "arguments", "observation"),
    [
        pytest.param("get_loan", {"loan": "7781"}, "{'loan': '7718', 'owner': 'Ann'}", id="two digits swapped"),
        pytest.param("get_loan", {"loan": "L7", "year": 2023}, "{'year': 2019, 'owner': 'Ann'}", id="of another year"),
        pytest.param("get_shop", {"name": "Bolt"}, "[{'name': 'Bolt Threads', 'owner': 'Ann'}]", id="a longer name"),
        pytest.param("get_loan", {"loanId": "L77821"}, "{'loan_id': 'L77812', 'owner': 'Ann'}", id="spelt otherwise"),
        pytest.param(
            "list_players",
            {"team": "Lions", "status": "hurt"},
            "[{'name': 'A', 'status': 'hurt'}, {'name': 'B', 'status': 'fit'}]",
            id="one of a list",
        ),
        pytest.param(
            "get_rate", {"base": "EUR", "target": "USD"}, "{'base': 'USD', 'target': 'EUR', 'rate': 0.9}", id="swapped"
        ),
        pytest.param(
            "create_event",
            {"title": "Tea", "start": "2024-06-04"},
            "{'status': 'ok', 'start': '2024-06-05'}",
            id="another day than was set",
        ),
        pytest.param(
            "cancel_order", {"order_id": "o77821"}, "{'order_id': 'o77812', 'status': 'cancelled'}", id="of a change"
        ),
    ],
)
def test_what_contradicts_an_input_is_not_told(tool, arguments, observation):
    assert asked(tool, observation, **arguments) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "observation"),
    [
        pytest.param("get_loan", {"loan": "l 7781"}, "{'loan': 'L-7781', 'owner': 'Ann'}", id="spelt otherwise"),
        pytest.param("get_shop", {"country": "de"}, "{'country': 'Germany', 'owner': 'Ann'}", id="a code for a name"),
        pytest.param(
            "list_players",
            {"status": "hurt"},
            "{'status': 'ok', 'players': [{'name': 'A', 'status': 'hurt'}, {'name': 'B', 'status': 'hurt'}]}",
            id="a field of the wrapper",
        ),
        pytest.param("search_shops", {"query": "bolt"}, "[{'name': 'A', 'query': 'x'}, {'name': 'B'}]", id="sought"),
        pytest.param(
            "list_events",
            {"start": "2024-06-01", "end": "2024-06-30"},
            "[{'name': 'A', 'start': '2024-06-03'}, {'name': 'B', 'start': '2024-06-09'}]",
            id="within a range",
        ),
        pytest.param(
            "search_shops",
            {"name": "bolt"},
            "[{'name': 'Bolt A', 'phone': '12 34'}, {'name': 'Bolt B', 'phone': '12 35'}]",
            id="a part of it",
        ),
    ],
)
def test_another_spelling_or_another_field_is_no_contradiction(tool, arguments, observation):
    assert len(asked(tool, observation, **arguments)) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "observation"),
    [
        pytest.param("list_museums", {"city": "Rome", "offset": 10}, NAMES, id="behind the first ten"),
        pytest.param("list_museums", {"city": "Rome", "start": 11}, NAMES, id="from the eleventh on"),
        pytest.param("list_museums", {"city": "Rome", "page": "2"}, NAMES, id="the second page"),
        pytest.param("get_shoe_price", {"model": "Rex", "size": 42}, "{'price': '9 EUR'}", id="the size of one thing"),
        pytest.param("list_museums", {"city": "Rome", "sort": "price"}, NAMES, id="a setting"),
        pytest.param("list_museums", {"city": "Rome", "order_by": "price"}, NAMES, id="an order"),
        pytest.param("list_museums", {"city": "Rome", "units": "metric"}, NAMES, id="units"),
        pytest.param("list_museums", {"city": "Rome", "response_filter": "Web"}, NAMES, id="a filter"),
        pytest.param("list_museums", {"city": "Rome", "open_now": "true"}, NAMES, id="a flag in words"),
        pytest.param("list_museums", {"city": "Rome", "language": "xx"}, NAMES, id="a language nobody knows"),
        pytest.param("list_museums", {"user": "me"}, NAMES, id="what only the service understands"),
        pytest.param("list_trains", {"from": "Rome", "depart_after": "08:00"}, NAMES, id="a bound without words"),
        pytest.param("list_museums", {"city": "Rome", "exclude": "Ulm"}, NAMES, id="a verb for a name"),
        pytest.param("list_museums", {"city": "Rome", "radius": 500}, NAMES, id="a measure without a unit"),
        pytest.param("list_loans", {"since": 1717000000}, NAMES, id="a stamp"),
        pytest.param("list_cars", {"pickup_city": "Graz", "dropoff_city": "Wien"}, NAMES, id="two places as one"),
        pytest.param(
            "list_cars", {"pickup_date": "2024-06-08", "dropoff_date": "2024-06-10"}, NAMES, id="two dates as one"
        ),
        pytest.param("list_trains", {"from": "Rome", "start_date": "2024-06-08"}, NAMES, id="from where and when"),
        pytest.param("list_cars", {"pickup_time": "10:00", "dropoff_time": "18:00"}, NAMES, id="two times as one"),
        pytest.param("list_cars", {"start_date": "2024-06-08", "start_time": "10:00"}, NAMES, id="a day and a time"),
        pytest.param("list_museums", {"city": "Rome", "kind": "all"}, NAMES, id="no choice"),
    ],
)
def test_what_nobody_would_say_so_is_not_asked(tool, arguments, observation):
    assert asked(tool, observation, **arguments) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "observation", "goal"),
    [
        pytest.param(
            "list_books",
            {"author": "Ida Norr", "published_after": "2010", "published_before": "2020"},
            NAMES,
            "Which books are there by Ida Norr published after 2010 and before 2020?",
            id="bounds in time",
        ),
        pytest.param(
            "list_flats",
            {"city": "Graz", "min_rooms": 2, "max_rent": 900},
            NAMES,
            "Which flats are there with at least 2 rooms and a rent of at most 900 in Graz?",
            id="bounds",
        ),
        pytest.param(
            "list_books", {"after_date": "2010-05-01"}, NAMES, "Which books are there after 2010-05-01?", id="a bound"
        ),
        pytest.param(
            "list_rooms",
            {"start_time": "10:00", "end_time": "11:30"},
            NAMES,
            "Which rooms are there from 10:00 to 11:30?",
            id="times of day",
        ),
        pytest.param(
            "list_dogs", {"breed": "husky"}, NAMES, "Which dogs are there for the breed husky?", id="no participle"
        ),
        pytest.param(
            "list_papers",
            {"topic": "tides", "year_from": 2020},
            NAMES,
            "Which papers are there from 2020 on about tides?",
            id="an open range",
        ),
        pytest.param(
            "list_papers",
            {"topic": "tides", "end_date": "2020-05-01"},
            NAMES,
            "Which papers are there until 2020-05-01 about tides?",
            id="open at the other end",
        ),
        pytest.param(
            "list_events",
            {"start": "2024-06-01", "end": "2024-06-30"},
            NAMES,
            "Which events are there from 2024-06-01 to 2024-06-30?",
            id="a date that is no page",
        ),
        pytest.param(
            "list_talks", {"days": 1, "city": "Rome"}, NAMES, "Which talks are there for 1 day in Rome?", id="one day"
        ),
        pytest.param(
            "list_news",
            {"lang": "de", "topic": "tides"},
            NAMES,
            "Which news articles are there in German about tides?",
            id="a language",
        ),
        pytest.param(
            "list_loans",
            {"due_date": "2024-07-01"},
            NAMES,
            "Which loans are there for due date 2024-07-01?",
            id="a date that is not when it all is",
        ),
        pytest.param("list_museums", {"city": "Rome", "offset": 0}, NAMES, "Name two museums in Rome.", id="no offset"),
        pytest.param("list_museums", {"city": "Rome", "per_page": 9}, NAMES, "Name two museums in Rome.", id="a size"),
    ],
)
def test_inputs_are_said_as_a_person_says_them(tool, arguments, observation, goal):
    assert asked(tool, observation, **arguments) == [goal]


def test_each_of_several_values_is_quoted_by_itself():
    one = Input(("words",), "wet, dry and cold", "wet", said=True, several=("wet", "dry!", "cold"))
    assert one.quoted == one.shown == '"wet", "dry!" and "cold"'


def test_a_day_and_a_time_are_two_demands():
    found = numbers("Create the event Tea on 2024-06-04T11:00.")
    assert [(one.shown, one.dates) for one in found] == [("2024-06-04", ((2024, 6, 4),)), ("11:00", ())]

"""Parts of the request in its own words: refusals first."""

import pytest
from builders import a_run, a_step
from hypothesis import given, settings
from hypothesis import strategies as st
from stages.rules_run import a_call, a_tool, goals, result_of

from agenther.records import Outcome
from agenther.stages.relabel.answers import answers
from agenther.stages.relabel.parts import parts_met
from agenther.stages.relabel.request import sentences

PLACE = "{'latitude': 51.48, 'longitude': -3.17, 'county': 'Glam'}"
BOATS = "[{'name': 'Ann', 'price': '5 EUR'}, {'name': 'Cy', 'price': '7 EUR'}]"
ELSE = " Also, book a table for tonight."


@pytest.mark.parametrize(
    ("goal", "step"),
    [
        pytest.param("What is the population of CF10?", a_call(1, "geocode", PLACE, postcode="CF10"), id="not told"),
        pytest.param("What is the latitude of CF11?", a_call(1, "geocode", PLACE, postcode="CF10"), id="another one"),
        pytest.param("What is the latitude?", a_call(1, "geocode", PLACE, postcode="CF10"), id="an input untold"),
        pytest.param("What is its latitude?", a_call(1, "geocode", PLACE), id="it points back"),
        pytest.param(
            "Tell me the latitude, population and longitude of CF10.",
            a_call(1, "geocode", PLACE, postcode="CF10"),
            id="not all told",
        ),
        pytest.param(
            "What boats match the name Ann?",
            a_call(1, "search", BOATS, query="Ann"),
            id="a search promises no complete list",
        ),
        pytest.param(
            "What boats are in Oldport?",
            a_call(1, "suggest_boats", BOATS, city="Oldport"),
            id="suggestions are no complete list",
        ),
        pytest.param(
            "Give me details of the boats in Oldport.",
            a_call(1, "get_boat", "{'name': 'Ann', 'owner': 'Bo Li', 'tasks': ['a', 'b']}", city="Oldport"),
            id="details of several",
        ),
        pytest.param("Give me 9 boats in Oldport.", a_call(1, "get_boats_in", BOATS, city="Oldport"), id="a number"),
        pytest.param(
            "Which romantic boats are in Oldport?", a_call(1, "get_boats_in", BOATS, city="Oldport"), id="a condition"
        ),
        pytest.param("Give me the boats.", a_call(1, "get_boats", BOATS), id="any of the world"),
        pytest.param(
            "Give me all the boats in Oldport.", a_call(1, "get_boats_in", BOATS[:-5], city="Oldport"), id="a cut list"
        ),
        pytest.param(
            "Tell me the distance from A1 to B2.",
            a_call(1, "distance", "{'distance': 4.8}", a="A1", b="B2"),
            id="no unit",
        ),
        pytest.param(
            "I want to visit Oldport and its boats.", a_call(1, "get_boats", BOATS, city="Oldport"), id="no request"
        ),
        pytest.param(
            "Cancel the boats in Oldport.", a_call(1, "get_boats_in", BOATS, city="Oldport"), id="another deed"
        ),
        pytest.param(
            "Give me details of the boat B2.",
            a_call(1, "get_boat", "{'ok': True, 'name': 'unknown'}", id="B2"),
            id="nothing",
        ),
        pytest.param(
            "Search for tags of boats.",
            a_call(1, "search_tags", "{'tags': [{'name': 'boats'}, {'name': 'mast'}, {'name': 'sail'}]}", q="boats"),
            id="what was sought is among what was found, and would not be told",
        ),
        pytest.param(
            "Give me a list of boats in Oldport.",
            a_call(1, "get_boats_in", BOATS[:-1] + ", {'name': 'Di'}, {'name': 'Ed'}, {'name': 'E", city="Oldport"),
            id="a list that was cut off",
        ),
        pytest.param(
            "Give me details of the boat B2.",
            a_call(1, "get_boat", "{'name': 'Ann', 'owner': 'Bo Li', 'berth': 'North', 'ca", id="B2"),
            id="details that were cut off",
        ),
    ],
)  # fmt: skip - a table reads better by lines
def test_rather_no_part(goal, step):
    run_goals = [sample.goal for sample in result_of(step, goal=goal + ELSE).samples if sample.kind == "part"]
    assert run_goals == []


@pytest.mark.parametrize(
    ("goal", "step", "part", "answer"),
    [
        pytest.param(
            "I plan a trip. Additionally, could you also give me the latitude and longitude of CF10?",
            a_call(1, "geocode", PLACE, postcode="CF10"),
            "Could you give me the latitude and longitude of CF10?",
            "The latitude is 51.48 and the longitude is -3.17.",
            id="some fields",
        ),
        pytest.param(
            "Find boats in Oldport, including their price.",
            a_call(1, "get_boats_in", BOATS, city="Oldport"),
            "Find boats in Oldport, including their price.",
            "Here are the boats:\n- Ann: price 5 EUR\n- Cy: price 7 EUR",
            id="a list with a field of each",
        ),
        pytest.param(
            "As a sailor, I need the names of boats in Oldport so that I can choose.",
            a_call(1, "get_boats_in", "{'boats': ['Ann', 'Cy']}", city="Oldport"),
            "I need the names of boats in Oldport.",
            "The boats are Ann and Cy.",
            id="names of a list of names",
        ),
        pytest.param(
            "As a sailor, I need boats in Oldport so that I can choose one.",
            a_call(1, "get_boats_in", BOATS, city="Oldport"),
            "I need boats in Oldport.",
            "The boats are Ann and Cy.",
            id="a lead and a purpose are cut",
        ),
        pytest.param(
            "Give me details of the boat B2.",
            a_call(1, "get_boat", "{'name': 'Ann', 'sold': False, 'owner': 'Bo Li', 'marks': 5, 'best': 50}", id="B2"),
            "Give me details of the boat B2.",
            "- name: Ann\n- sold: no\n- owner: Bo Li\n- marks: 5\n- best: 50",
            id="what is not so is told, too",
        ),
        pytest.param(
            "Convert 50 EUR to USD.",
            a_call(1, "convert", "{'result': {'convertedAmount': 56.2}}", source="EUR", to="USD", amount=50),
            "Convert 50 EUR to USD.",
            "The converted amount is 56.2.",
            id="a conversion",
        ),
        pytest.param(
            "Provide information about player 8466.",
            a_call(1, "getplayer", "{'people': [{'fullName': 'Jo Hill', 'birthCity': 'Rome'}]}", id=8466),
            "Provide information about player 8466.",
            "The full name is Jo Hill and the birth city is Rome.",
            id="all that is told of one",
        ),
        pytest.param(
            "Can you give me news in Spanish? Can you sing?",
            a_call(1, "search_news", "[{'title': 'Uno'}, {'title': 'Dos'}]", language="es"),
            "Can you give me news in Spanish?",
            "Here are the news:\n- Uno\n- Dos",
            id="a code for a name",
        ),
        pytest.param(
            "Can you recommend a random dad joke that is good for all ages?",
            a_call(1, "random_dad_joke", "{'joke': 'Knock, knock.'}"),
            "Can you recommend a random dad joke?",
            "Knock, knock.",
            id="a condition is cut",
        ),
        pytest.param(
            "¿Cuál es la latitud de CF10?", a_call(1, "geo", "{'latitud': 51.48}", postcode="CF10"), None, None, id="x"
        ),
    ],
)
def test_a_part_in_its_own_words(goal, step, part, answer):
    found = [sample for sample in result_of(step, goal=goal + ELSE).samples if sample.kind == "part"]
    assert [(one.goal, one.answer) for one in found] == ([(part, answer)] if part else [])


def test_the_description_of_a_tool_speaks_for_it():
    step = a_call(1, "v1", "{'price': '5 EUR'}", isin="LU06")
    goal = "What is the closing price of the fund with ISIN LU06?" + ELSE
    assert goals(step, goal=goal) == []
    assert goals(step, goal=goal, tools=(a_tool("v1", "Closing fund price", isin={}),)) == [goal.removesuffix(ELSE)]


def test_what_an_earlier_call_showed_needs_that_call():
    found = a_call(1, "find_team", "{'team_id': 't-77', 'city': 'Oldport'}", name="Lions")
    asked = a_call(2, "get_team", "{'captain': 'Ann Li', 'founded': '1901'}", team_id="t-77")
    samples = result_of(found, asked, goal="Who is the captain of the team Lions?" + ELSE).samples
    assert [(one.goal, one.relevant_steps) for one in samples][:1] == [
        ("Who is the captain of the team Lions?", (1, 2))
    ]


def test_a_dialogue_is_no_request_of_its_agent():
    hidden = result_of(
        a_call(1, "geocode", PLACE, postcode="CF10"), goal="What is the county of CF10?", goal_seen=False
    )
    assert all(one.kind != "part" for one in hidden.samples)


def test_sentences():
    assert sentences("Ask Acme Inc. for it. Is it 3.5? Yes!") == ["Ask Acme Inc. for it.", "Is it 3.5?", "Yes!"]


@settings(max_examples=200, deadline=None)
@given(goal=st.text(max_size=200), seen=st.text(max_size=80), value=st.text(max_size=20))
def test_whatever_is_asked_never_raises(goal, seen, value):
    steps = (a_step(1, "get_boats", BOATS, arguments={"q": value}), a_step(2, "x", seen, arguments={value: seen}))
    result_of(*steps, goal=goal or "x y", tools=(a_tool("get_boats", value, q={"description": seen}),))
    assert list(parts_met(goal, answers(a_run(), Outcome(run_id="r")))) == []


def test_of_a_long_record_nothing_is_left_out():
    names = "bow stern mast keel sail hull deck anchor rudder cabin galley engine flag rope".split()
    seen = str({name: f"of oak no {n}" for n, name in enumerate(names, 20)})
    made = result_of(a_call(1, "get_boat", seen, boat=8466), goal="Provide information about boat 8466." + ELSE)
    assert all(f"- {name}: of oak no {n}" in made.samples[0].answer for n, name in enumerate(names, 20))

"""The finer points of wording: what stands where, what is called by its name, what is first."""

import pytest

from tests.stages.worded import worded


@pytest.mark.parametrize(
    ("tool", "observation", "arguments"),
    [
        pytest.param("get_random_solution", "{'depth': 11}", {"position": "GBW7"}, id="of any of many"),
        pytest.param("get_time", "{'datetime': '2024-06-03 22:14'}", {"timezone": "Oslo"}, id="the time of a time"),
        pytest.param("get_stock_price", "{'price': 4, 'change': 2}", {"ticker": "MSFT"}, id="a change of an amount"),
        pytest.param("get_interest_rate", "{'rate': 4.25}", {"bank": "ECB"}, id="a rate in percent, without the sign"),
        pytest.param("get_leaderboard", "[{'name': 'A'}, {'name': 'B'}]", {"game": "Chess"}, id="names of a ranking"),
        pytest.param("search_parking", "[{'name': 'A'}, {'name': 'B'}]", {"address": "Ring 4"}, id="not counted"),
        pytest.param(
            "get_standings",
            "[{'team': 'A', 'position': 3}, {'team': 'B', 'position': 4}]",
            {"league": "L1"},
            id="third",
        ),
    ],
)
def test_rather_no_wording(tool, observation, arguments):
    assert worded(tool, observation, **arguments) == []


@pytest.mark.parametrize(
    ("tool", "arguments", "observation", "goal", "answer"),
    [
        pytest.param(
            "get_hotel",
            {"name": "Hotel Adler"},
            "{'stars': 3}",
            "What is the number of stars of Hotel Adler?",
            "The number of stars is 3.",
            id="a name that says what it is",
        ),
        pytest.param(
            "get_room",
            {"room": "living room"},
            "{'location': 'first floor'}",
            "What is the location of the living room?",
            "The location is first floor.",
            id="a common name that says what it is",
        ),
        pytest.param(
            "get_population",
            {"city": "Ulm"},
            "{'population': 126949}",
            "What is the population of Ulm?",
            "The population is 126949.",
            id="what a place has",
        ),
        pytest.param(
            "current_weather",
            {"city": "Paris"},
            "{'region': 'Texas', 'summary': 'Showers'}",
            "What is the summary of the current weather in Paris?",
            'The summary is "Showers".',
            id="the weather in words",
        ),
        pytest.param(
            "list_players",
            {"team": "Lions"},
            "[{'name': 'Ada Norr'}, {'name': 'Ida Holt'}]",
            "Which players are there on the team Lions?",
            "The players are Ada Norr and Ida Holt.",
            id="on a team",
        ),
        pytest.param(
            "get_match_result",
            {"team": "Lions", "date": "2024-05-04"},
            "{'score': '2-1', 'home': 'Bears', 'venue': 'Quarry Park'}",
            "What are the score and venue of the match for the team Lions on 2024-05-04?",
            "The score is 2-1 and the venue is Quarry Park.",
            id="the result of something",
        ),
        pytest.param(
            "get_interest_rate",
            {"bank": "ECB"},
            "{'rate': '4.25 %'}",
            "What is the interest rate for the bank ECB?",
            "The interest rate is 4.25 %.",
            id="a rate in percent",
        ),
        pytest.param(
            "get_fact",
            {"number": 42},
            "{'text': '42 is even.'}",
            "Give me a fact about number 42.",
            'Here is a fact: "42 is even."',
            id="a saying about something",
        ),
        pytest.param(
            "list_files",
            {"path": "/docs"},
            "[{'name': 'a.txt'}, {'name': 'b.txt'}]",
            'Which files are there in "/docs"?',
            "The files are a.txt and b.txt.",
            id="in a path",
        ),
        pytest.param(
            "list_stops",
            {"line": 4},
            "[{'name': 'Ebb'}, {'name': 'Flow'}]",
            "Which stops are there on line 4?",
            "The stops are Ebb and Flow.",
            id="on a numbered line",
        ),
        pytest.param(
            "list_courses",
            {"university": "Ulm University"},
            "[{'name': 'Ebb'}, {'name': 'Flow'}]",
            "Which courses are there at Ulm University?",
            "The courses are Ebb and Flow.",
            id="at what says what it is",
        ),
        pytest.param(
            "search_for_tube",
            {"query": "lamps", "type": "any"},
            "[{'title': 'Oak', 'views': 3}, {'tit",
            'What are the title and number of views of the first result for "lamps" of type any on Tube?',
            'For the first result, the title is "Oak" and the number of views is 3.',
            id="a type that is none",
        ),
        pytest.param(
            "list_songs",
            {"album": "Blue Hour"},
            "{'songs': [{'title': 'Dusk'}, {'title': 'Tram'}], 'total': 11}",
            "Give me the titles of two songs on the album Blue Hour.",
            'Two of the songs are "Dusk" and "Tram".',
            id="a part of an album",
        ),
        pytest.param(
            "list_tasks",
            {"project": "Tidepool", "assignee": "Mira"},
            "[{'name': 'Ebb'}, {'name': 'Flow'}]",
            "Which tasks are there in the project Tidepool for the assignee Mira?",
            "The tasks are Ebb and Flow.",
            id="in a project, for somebody",
        ),
        pytest.param(
            "get_league_standings",
            {"league": "lg-3"},
            "[{'position': 1, 'team': 'Lions', 'points': 71}, {'position': 2, 'team': 'Bears', 'points': 66}]",
            "Which team is first in the standings of league lg-3?",
            "The first team is Lions.",
            id="the first of a ranking",
        ),
        pytest.param(
            "search_for_tube",
            {"query": "desk lamps", "type": "video"},
            "[{'title': 'Oak', 'views': 3, 'rating': 4}, {'tit",
            'What are the title and number of views of the first video for "desk lamps" on Tube?',
            'For the first video, the title is "Oak" and the number of views is 3.',
            id="results of a type",
        ),
        pytest.param(
            "get_chickens",
            {},
            "[{'name': 'Peri'}, {'name': 'Satay'}]",
            "Name two kinds of chicken.",
            "Two of the kinds of chicken are Peri and Satay.",
            id="what is counted by kinds",
        ),
        pytest.param(
            "get_animes",
            {},
            "[{'name': 'Oki'}, {'name': 'Umi'}]",
            "Name two anime.",
            "Two of the anime are Oki and Umi.",
            id="one or many",
        ),
    ],
)
def test_a_call_is_worded_as_a_person_would(tool, arguments, observation, goal, answer):
    assert worded(tool, observation, **arguments) == [(goal, answer)]


@pytest.mark.parametrize(
    ("tool", "arguments", "said", "goal"),
    [
        pytest.param(
            "get_categories_for_motors_api", {}, "", "Name two categories from Motors.", id="too little to say"
        ),
        pytest.param("get_fonts_for_free_letters", {}, "", "Name two fonts.", id="nothing else is needed"),
        pytest.param(
            "get_boats_for_lost_isle_simple",
            {},
            "What of Lost Isle?",
            "Name two boats from Lost Isle.",
            id="as its user says",
        ),
        pytest.param("get_boats_for_lost_isle", {}, "I lost an isle.", "Name two boats.", id="words, not a name"),
        pytest.param("get_boats_for_boat_day", {}, "It is Boat Day.", "Name two boats.", id="no more than the thing"),
        pytest.param(
            "get_boats_for_hsn_tsn", {"maker": "Ford"}, "HSN!", "Which boats are there by Ford?", id="a mere code"
        ),
        pytest.param(
            "get_boats_for_nhl_live_data",
            {"pier_id": 84},
            "The NHL has them.",
            "Which boats are there for pier 84, according to the NHL?",
            id="a number of its own",
        ),
    ],
)
def test_a_service_is_named_where_it_has_to_be(tool, arguments, said, goal):
    assert [asked for asked, _ in worded(tool, "[{'name': 'Ann'}, {'name': 'Bo'}]", said, **arguments)] == [goal]

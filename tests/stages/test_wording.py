"""What a call did, as a person would ask for it, and the answer; what has no natural wording comes first."""

import pytest

from agenther.stages.calls import findings
from agenther.stages.requests import answering, asking
from tests.builders import a_run, a_step


def worded(tool, observation, said="", **arguments):
    """(goal, answer) of one call, whose user has said all that it was called with but the limit."""
    known = [str(value) for name, value in arguments.items() if name != "limit"]
    goal = f"I have {' and '.join(known)}. {said}"
    run = a_run(steps=(a_step(1, tool, observation, arguments=arguments),), answer=None, goal=goal)
    return [(asking((one.request,)), answering((one.request,))) for one in findings(run)]


@pytest.mark.parametrize(
    ("tool", "observation", "arguments"),
    [
        pytest.param("carriers_detect", "{'carrier': 'X'}", {"number": "77"}, id="a verb at the end"),
        pytest.param("price_converter", "{'price': 3}", {"amount": 3}, id="what a service is, not gives"),
        pytest.param("translate", "{'translation': 'Hola'}", {"text": "Hello"}, id="a verb alone"),
        pytest.param("get_hotel_data", "{'price': 3}", {"city": "Rome"}, id="one of many in a place"),
        pytest.param("get_reviews", "{'rating': 3}", {"product": "lamp"}, id="several of which one thing is told"),
        pytest.param("get_plan", "{'price': 3}", {"speed": 50, "term": 12}, id="told apart by several properties"),
        pytest.param("get_net_share_purchase_activity", "{'period': '6m'}", {"symbol": "AA"}, id="too long a name"),
        pytest.param("get_sun_times", "{'sunrise': '06:31'}", {"city": "Rome"}, id="one of a set"),
        pytest.param("get_distance", "12.5", {"from": "Rome", "to": "Oslo"}, id="a distance without a unit"),
        pytest.param("get_options", "['a', 'b', 'c']", {}, id="options of anything"),
        pytest.param("get_geocode", "[{'name': 'A'}, {'name': 'B'}]", {"city": "Rome"}, id="several of one"),
        pytest.param("get_user", "{'city': 'Rome'}", {"active": True}, id="yes and no"),
        pytest.param("get_user", "{'city': 'Rome'}", {"team": "."}, id="an input without a letter"),
        pytest.param("get_recipe", "Chop it all.", {"dish": "stew"}, id="a sentence for a thing"),
        pytest.param("get_level", "{'require_level': 10}", {"name": "Ann"}, id="a verb among the fields"),
        pytest.param("update_order", "{'status': 'updated'}", {"order_id": "o7", "a": "b", "c": "d"}, id="two changes"),
        pytest.param("update_address", "{'status': 'updated'}", {"city": "Rome"}, id="a change of nobody's"),
    ],
)
def test_rather_no_wording(tool, observation, arguments):
    assert worded(tool, observation, **arguments) == []


ONE = [
    pytest.param(
        "get_reservation_details",
        {"reservation_id": "H8Q05L"},
        "{'origin': 'JFK', 'destination': 'ATL', 'cabin': 'basic_economy'}",
        "What are the origin, destination and cabin of reservation H8Q05L?",
        "The origin is JFK, the destination is ATL and the cabin is basic economy.",
        id="a thing by its number",
    ),
    pytest.param(
        "getteamdetails",
        {"teamname": "Lions"},
        "{'city': 'Rome', 'founder': 'Ann'}",
        "What are the city and founder of the team Lions?",
        "The city is Rome and the founder is Ann.",
        id="a thing by its name",
    ),
    pytest.param(
        "get_loan",
        {"loan": "L-9021"},
        "{'title': 'The Orchard'}",
        "What is the title of loan L-9021?",
        'The title is "The Orchard".',
        id="a thing by itself",
    ),
    pytest.param(
        "products_detail",
        {"sku": "W003"},
        "{'brand': 'Oak & Co'}",
        "What is the brand of the product with SKU W003?",
        "The brand is Oak & Co.",
        id="a thing by what it has",
    ),
    pytest.param(
        "get_movie_details",
        {"title": "Night Boat"},
        "{'title': 'Night Boat', 'director': 'Ann Li'}",
        'Who is the director of the movie "Night Boat"?',
        "The director is Ann Li.",
        id="who, not what",
    ),
    pytest.param(
        "geocode_for_postfinder",
        {"postcode": "CF10 3NP"},
        "{'latitude': 51.48, 'longitude': -3.2}",
        "What are the latitude and longitude of postcode CF10 3NP?",
        "The latitude is 51.48 and the longitude is -3.2.",
        id="what is known as the thing",
    ),
    pytest.param(
        "get_country_info",
        {"country": "France"},
        "{'capital': 'Paris'}",
        "What is the capital of France?",
        "The capital is Paris.",
        id="a place",
    ),
    pytest.param(
        "current_weather_for_skycast",
        {"city": "Tromvik"},
        "{'temp_c': -3.5, 'wind_kph': 22, 'humidity': 81}",
        "What are the current temperature and wind speed in Tromvik?",
        "The current temperature is -3.5 °C and the current wind speed is 22 km/h.",
        id="the weather",
    ),
    pytest.param(
        "sun_times",
        {"city": "Oldport", "date": "2024-03-09"},
        "{'sunrise': '06:31', 'sunset': '18:04'}",
        "Give me the sun times in Oldport on 2024-03-09: the sunrise and sunset.",
        "The sunrise is 06:31 and the sunset is 18:04.",
        id="several that belong together",
    ),
    pytest.param(
        "historical_rate",
        {"from_currency": "CHF", "to_currency": "EUR", "date": "2024-03-07"},
        "{'rate': 1.0433, 'source': 'bank'}",
        "What is the historical rate from CHF to EUR on 2024-03-07?",
        "The historical rate is 1.0433.",
        id="a fact that is the thing",
    ),
    pytest.param(
        "get_weight_category",
        {"bmi": 23.5},
        "{'weight_category': 'normal_weight'}",
        "What is the weight category for a BMI of 23.5?",
        "The weight category is normal weight.",
        id="a number that is known",
    ),
    pytest.param(
        "find_user_id_by_email",
        {"email": "mia@example.com"},
        "mia_li_3668",
        "What is the user ID for the email address mia@example.com?",
        "The user ID is mia_li_3668.",
        id="a bare value",
    ),
    pytest.param(
        "get_order_status",
        {"order_id": "o7"},
        "{'status': 'shipped'}",
        "What is the status of order o7?",
        "The status is shipped.",
        id="a fact of what is known",
    ),
    pytest.param(
        "sentiment_analysis",
        {"text": "I love it"},
        "{'sentiment': 'positive', 'score': 0.9}",
        'What is the sentiment of "I love it"?',
        "The sentiment is positive.",
        id="a fact that is what is reported",
    ),
    pytest.param(
        "get_nutrition",
        {"food": "apple", "grams": 100},
        "{'calories': 52, 'protein_g': 0.3}",
        "What are the calories and protein of the food apple for 100 grams?",
        "The calories are 52 and the protein is 0.3 g.",
        id="so many of something",
    ),
    pytest.param(
        "get_customer_by_name",
        {"full_name": "John Smith", "dob": "1985-06-15"},
        "[{'full_name': 'John Smith', 'phone': '12-34'}]",
        "What is the phone number of the customer John Smith with date of birth 1985-06-15?",
        "The phone number is 12-34.",
        id="a person and what tells them apart",
    ),
    pytest.param(
        "find_user_id",
        {"first_name": "Mia", "last_name": "Li"},
        "mia_li_3668",
        "What is the user ID for the name Mia Li?",
        "The user ID is mia_li_3668.",
        id="a first and a last name",
    ),
    pytest.param(
        "get_shipping_cost",
        {"from_zip": "10001", "to_zip": "94105"},
        "{'cost': 12.5}",
        "What is the shipping cost from 10001 to 94105?",
        "The shipping cost is 12.5.",
        id="from here to there",
    ),
    pytest.param(
        "get_definition",
        {"word": "ephemeral"},
        "{'definition': 'lasting a short time'}",
        'What is the definition of "ephemeral"?',
        'The definition is "lasting a short time".',
        id="of words",
    ),
    pytest.param(
        "get_random_solution",
        {"position": "GBW7"},
        "{'depth': 11}",
        "What is the depth of a random solution for position GBW7?",
        "The depth is 11.",
        id="any of many",
    ),
    pytest.param(
        "love_quote_for_larder_quotes",
        {},
        "{'quote': 'Love is a boat.'}",
        "Give me a love quote from Larder.",
        'Here is a love quote: "Love is a boat."',
        id="a saying",
    ),
    pytest.param(
        "get_groundhog",
        {"slug": "punxs-phil"},
        "{'region': 'West'}",
        "What is the region of the groundhog Punxs Phil?",
        "The region is West.",
        id="a name with hyphens, as its user writes it",
    ),
]
LISTS = [
    pytest.param(
        "searchDirectFlight",
        {"origin": "JFK", "destination": "SEA", "date": "2024-05-20"},
        "[{'flight_number': 'A1'}, {'flight_number': 'B2'}]",
        "Which direct flights are there from JFK to SEA on 2024-05-20?",
        "The direct flights are A1 and B2.",
        id="all of a short list",
    ),
    pytest.param(
        "searchDirectFlight",
        {"origin": "JFK"},
        "[{'flight_number': 'A1'}]",
        "Which direct flights are there from JFK?",
        "The only direct flight is A1.",
        id="the only one",
    ),
    pytest.param(
        "train_times",
        {"from": "Lindau", "to": "Marbeck"},
        "[{'train': 'RE 1', 'departs': '9'}, {'train': 'RE 2', 'departs': '8'}]",
        "Which trains are there from Lindau to Marbeck?",
        "The trains are RE 1 and RE 2.",
        id="what the times are of",
    ),
    pytest.param(
        "find_recipe",
        {"query": "plum cake"},
        "[{'title': 'Oak'}, {'title': 'Ash'}]",
        'Which recipes match "plum cake"?',
        'The recipes are "Oak" and "Ash".',
        id="what is sought by words",
    ),
    pytest.param(
        "search_for_tube",
        {"query": "desk lamps"},
        "[{'title': 'Oak'}, {'title': 'Ash'}]",
        'Which results come up for "desk lamps" on Tube?',
        'The results are "Oak" and "Ash".',
        id="a search for the words themselves",
    ),
    pytest.param(
        "search_for_tube",
        {"query": "desk lamps"},
        "[{'title': 'Oak', 'duration': 9, 'duration_text': '1:09'}, {'tit",
        'What are the title and duration of the first result for "desk lamps" on Tube?',
        'For the first result, the title is "Oak" and the duration is 1:09.',
        id="the first of many",
    ),
    pytest.param(
        "search_books",
        {"query": "Night Boat"},
        "[{'title': 'Night Boat', 'author': 'Edda Quill', 'year': 1986}, {'title': 'Boats', 'author': 'J', 'year': 7}]",
        'What are the author and year of the book "Night Boat"?',
        "The author is Edda Quill and the year is 1986.",
        id="the one that was sought",
    ),
    pytest.param(
        "get_main_characters_for_new_girl_api",
        {},
        "[{'name': 'Ann Li'}, {'name': 'Bo'}, {'name': 'Cy'}, {'name': 'Di",
        "Name three main characters from New Girl.",
        "Three of the main characters are Ann Li, Bo and Cy.",
        id="a few of a service's",
    ),
    pytest.param(
        "get_all_dog_breeds_for_dogbreeds",
        {},
        "[{'breed_name': 'Afador'}, {'breed_name': 'Akita'}]",
        "Name two dog breeds.",
        "Two of the dog breeds are Afador and Akita.",
        id="a service that says no more than the thing",
    ),
    pytest.param(
        "get_news_from_a_specific_newspaper_v2_for_quill_v3",
        {"newspaper": "Daily Post", "limit": 9},
        "[{'title': 'A'}, {'title': 'B'}]",
        "Give me the titles of two news articles in the newspaper Daily Post.",
        'Two of the news articles are "A" and "B".',
        id="versions, articles and paging",
    ),
    pytest.param(
        "get_channel_videos",
        {"channel_id": "UC1"},
        "[{'title': 'A'}, {'title': 'B'}]",
        "Which videos are there for channel UC1?",
        'The videos are "A" and "B".',
        id="what is known is not said twice",
    ),
    pytest.param(
        "get_events_in_city",
        {"city": "Rome", "start_date": "2024-05-01", "end_date": "2024-05-07"},
        "['Opera', 'Fair']",
        "Which events are there from 2024-05-01 to 2024-05-07 in Rome?",
        "The events are Opera and Fair.",
        id="where and when",
    ),
    pytest.param(
        "search_videos",
        {"query": "kayak", "type": "video", "language": "en"},
        "[{'title': 'A', 'views': 3}, {'tit",
        'What are the title and number of views of the first video for "kayak" in the language en?',
        'For the first video, the title is "A" and the number of views is 3.',
        id="the first of what is sought",
    ),
    pytest.param(
        "get_order_details",
        {"order_id": "#W59"},
        "{'status': 'sent', 'items': [{'name': 'Lamp', 'price': 3}, {'name': 'Desk', 'price': 4}]}",
        "Which items are listed for order #W59?",
        "The items are Lamp and Desk.",
        id="what a thing has",
    ),
    pytest.param(
        "search_hotels",
        {"city": "Rome", "checkin_date": "2024-05-01", "checkout_date": "2024-05-03", "adults": 2},
        "[{'hotel_name': 'Rose'}, {'hotel_name': 'Lily'}]",
        "Which hotels are there from 2024-05-01 to 2024-05-03 for 2 adults in Rome?",
        "The hotels are Rose and Lily.",
        id="many inputs",
    ),
]
CHANGES = [
    pytest.param(
        "cancel_order",
        {"order_id": "o7"},
        "{'order': 'o7', 'status': 'cancelled'}",
        "Cancel order o7.",
        "Order o7 was cancelled.",
        id="a change",
    ),
    pytest.param(
        "update_order",
        {"order_id": "o7", "cabin": "first"},
        "{'cabin': 'first', 'status': 'updated'}",
        "Change the cabin of order o7 to first.",
        "The cabin of order o7 was changed.",
        id="a change of one thing",
    ),
    pytest.param(
        "create_event",
        {"title": "Team lunch", "date": "2024-05-01"},
        "{'status': 'created'}",
        'Create the event "Team lunch" on 2024-05-01.',
        'The event "Team lunch" was created.',
        id="something new",
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "observation", "goal", "answer"), [*ONE, *LISTS, *CHANGES])
def test_a_call_is_worded_as_a_person_would(tool, arguments, observation, goal, answer):
    assert worded(tool, observation, "Ask Punxs Phil.", **arguments) == [(goal, answer)]


def test_names_are_written_as_their_user_writes_them():
    listed = "[{'title': 'A'}, {'title': 'B'}]"
    asked = "Give me the titles of two Baker articles."
    assert worded("get_baker_articles", listed, "I want Baker articles.")[0][0] == asked
    assert worded("get_weight_plans", "['Ax', 'Bo']", "From the Weight Plans.")[0][0] == "Name two weight plans."

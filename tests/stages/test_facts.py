"""What is read from tools' answers, and what of it a request asks for."""

import pytest

from agenther.stages.facts import Call, Shape, facts
from agenther.stages.values import values

WRAP = '{"error": "", "response": "%s"}'


@pytest.mark.parametrize(
    ("text", "root", "whole"),
    [
        pytest.param('{"a": 1}', {"a": 1}, True, id="JSON"),
        pytest.param("{'a': True, 'b': None}", {"a": True, "b": None}, True, id="Python"),
        pytest.param("[('x', 1.5), 'it\\'s']", [["x", 1.5], "it's"], True, id="tuples and escapes"),
        pytest.param(WRAP % "{'a': 'b'}", {"a": "b"}, True, id="wrapped Python"),
        pytest.param(WRAP % '{\\"a\\": \\"b\\"}', {"a": "b"}, True, id="wrapped JSON"),
        pytest.param(WRAP % "plain words", "plain words", True, id="wrapped text"),
        pytest.param("{'a': 1, 'b': [1, 2], 'c': 'cu", {"a": 1, "b": [1, 2]}, False, id="cut in a string"),
        pytest.param("[{'a': 1}, {'a': 2", [{"a": 1}, {}], False, id="a number at the cut may go on"),
        pytest.param(WRAP[:-2].replace("%s", "{'a': 1, 'b': 'x...") + "...", {"a": 1}, False, id="a cut wrapper"),
        pytest.param("{'when': datetime.now(), 'a': 1}", {}, False, id="code is not run"),
        pytest.param("{" * 500, None, None, id="endless nesting"),
        pytest.param("just text", None, None, id="text"),
        pytest.param("", None, None, id="nothing"),
        pytest.param("255.0", None, None, id="a bare number is no structure"),
    ],
)
def test_values(text, root, whole):
    found = values(text)
    if root is None:
        assert found is None or found.root in ({}, [])
    else:
        assert (found.root, found.whole) == (root, whole)


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param("{'id': 7, 'url': 'https://x.example'}", id="technical fields"),
        pytest.param("{'message': 'hello there'}", id="a message"),
        pytest.param("{'bho': 'Bhojpuri', 'xqz': 3}", id="abbreviations"),
        pytest.param("{'xqzdetails': 'glued to a name'}", id="a word glued to a name"),
        pytest.param("{'Guy Holding Sign': 2}", id="keys that are data"),
        pytest.param("{'city': 'Oslo'}", id="the input again"),
        pytest.param("{'currency': 'OSL'}", id="a part of the input"),
        pytest.param("{'departs': 'noon', 'dep_no': 5}", id="fields that nobody calls by their name"),
        pytest.param("{'duration': 946000, 'length': 3.5}", id="measures without a unit"),
        pytest.param("{'duration': '946000'}", id="a measure without a unit, as text"),
        pytest.param("{'longitude': -0.11938399999999999}", id="more decimals than anybody says"),
        pytest.param("{'birth_state_province': 'ON'}", id="one place in another"),
        pytest.param("{'insurance': 'yes'}", id="what is not asked for with a what"),
        pytest.param("{'start_date': 20231231}", id="a date as a number"),
        pytest.param("{'status': 'sent', 'country': 'NO'}", id="only fields that say little"),
        pytest.param(str({f"key_{word} name": "x" for word in "abc"}), id="keys of several words and signs"),
        pytest.param(str({f"{word}_name": word for word in "abcdefghijkl"}), id="a map"),
        pytest.param("{'count': 0, 'name': ''}", id="nothing there"),
        pytest.param("{'created': 1700000000000, 'valid': True}", id="stamps and flags"),
        pytest.param("{'from': {'zone': 'a'}, 'to': {'zone': 'b'}}", id="nested without a name"),
        pytest.param("[{'name': 'cut of", id="only what was cut"),
        pytest.param("[1, 2, 3]", id="bare values"),
        pytest.param("{'message': 'ok', 'dates': ['May', 'June']}", id="one of several columns"),
        pytest.param("plain words", id="plain words"),
    ],
)
def test_nothing_that_a_person_would_ask_for(observation):
    assert facts(Call(observation, frozenset({"oslo"}))) is None


@pytest.mark.parametrize(
    ("observation", "shape", "told"),
    [
        pytest.param(
            "{'latitude': 51.48, 'longitude': -3.2}",
            Shape.RECORD,
            {"latitude": "51.48", "longitude": "-3.2"},
            id="fields",
        ),
        pytest.param("{'data': {'population': 709037}}", Shape.RECORD, {"population": "709037"}, id="wrapped"),
        pytest.param("[{'rating': 12.5}]", Shape.RECORD, {"rating": "12.5"}, id="a list of one"),
        pytest.param("{'results': [{'hotel': 'Rose', 'pri", Shape.FIRST, {"hotel": "Rose"}, id="cut in the first"),
        pytest.param(
            "{'results': [{'hotel': 'Rose', 'rating': 12.5}, {'hotel': 'Lily', 'rating': 13}]}",
            Shape.FIRST,
            {"hotel": "Rose", "rating": "12.5"},
            id="a list without names",
        ),
        pytest.param(
            "[{'name': 'Oslo', 'population': 7}, {'name': 'Rome', 'population': 8}]",
            Shape.NAMED,
            {"population": "7"},
            id="the one of the name told",
        ),
        pytest.param("{'temp_c': -3.5}", Shape.RECORD, {"temperature": "-3.5 °C"}, id="a unit in the name"),
        pytest.param("{'windKph': 22}", Shape.RECORD, {"wind speed": "22 km/h"}, id="a unit glued to the name"),
        pytest.param("{'price_per_kg': 3, 'fees_eur': 2.5}", Shape.RECORD, {"fees": "2.5 EUR"}, id="no unit after per"),
        pytest.param("{'views': 7}", Shape.RECORD, {"number of views": "7"}, id="what is counted"),
        pytest.param(
            "{'cabin': 'basic_economy'}", Shape.RECORD, {"cabin": "basic economy"}, id="words with underscores"
        ),
        pytest.param("{'title': 'Oak'}", Shape.RECORD, {"title": '"Oak"'}, id="a title"),
        pytest.param("{'city': 'Rome, Italy'}", Shape.RECORD, {"city": '"Rome, Italy"'}, id="what has a comma"),
        pytest.param(
            "{'duration': 946000, 'duration_formatted': '15:46', 'views': 2}",
            Shape.RECORD,
            {"duration": "15:46", "number of views": "2"},
            id="a value as people read it",
        ),
    ],
)
def test_what_a_person_would_ask_for(observation, shape, told):
    found = facts(Call(observation, frozenset({"oslo"})))
    assert found.shape is shape
    assert {fact.name: fact.told for fact in found.facts} == told
    assert all(fact.quote in observation for fact in found.facts)


@pytest.mark.parametrize(
    ("observation", "shape", "told", "sure"),
    [
        pytest.param(
            "[{'name': 'Ann', 'age': 3}, {'name': 'Bo', 'age': 4}]", Shape.ALL, "Ann Bo", True, id="a short list"
        ),
        pytest.param("['Ann', 'Bo']", Shape.ALL, "Ann Bo", True, id="a list of texts"),
        pytest.param(
            "[{'name': 'Ann'}, {'name': 'Bo'}, {'name': 'Cy'}, {'name': 'Di", Shape.SOME, "Ann Bo Cy", False, id="cut"
        ),
        pytest.param(str([{"Name": f"B{n}"} for n in range(1, 10)]), Shape.SOME, "B1 B2 B3", True, id="a long list"),
        pytest.param(
            "{'total': 240, 'items': [{'full_name': 'Ann'}, {'full_name': 'Bo'}]}",
            Shape.SOME,
            "Ann Bo",
            True,
            id="a page of more",
        ),
        pytest.param(
            "[{'flight_number': 'A1', 'status': 'on'}, {'flight_number': 'B2', 'status': 'on'}]",
            Shape.ALL,
            "A1 B2",
            True,
            id="numbered by what it is about",
        ),
    ],
)
def test_what_tells_the_listed_apart(observation, shape, told, sure):
    found = facts(Call(observation, frozenset(), about=frozenset({"flight"})))
    assert (found.shape, " ".join(fact.told for fact in found.facts), found.sure) == (shape, told, sure)


def test_a_part_that_was_asked_for_is_not_all():
    assert facts(Call("['Ann', 'Bo']", frozenset(), is_limited=True)).shape is Shape.SOME


def test_of_many_facts_those_that_were_asked_for_come_first():
    observation = "{'name': 'Ann', 'city': 'Rome', 'age': 3, 'email': 'a@b.example', 'phone': '12'}"

    def names(*wanted):
        return [fact.name for fact in facts(Call(observation, frozenset(), frozenset(wanted))).facts]

    assert names() == ["name", "city", "age"]
    assert names("phone") == ["name", "city", "phone number"]


def test_of_a_catalogue_nobody_wants_what_stands_first():
    listed = "[{'hotel': 'Rose', 'rating': 5}, {'hotel': 'Lily', 'rating': 6}]"
    assert facts(Call(listed, frozenset(), has_inputs=False)) is None
    assert facts(Call("[{'rating': 12.5}, {'rating': 13}]", frozenset())) is None


def test_quotes_keep_the_logs_own_escapes():
    observation = WRAP % '[{\\"name\\": \\"K\\\\u00f6ln\\", \\"population\\": 7}]'
    found = facts(Call(observation, frozenset()))
    assert found.facts[0].quote in observation
    assert found.facts[0].value == "Köln"

"""What is a finding, what is none, and whether it is all there is; stage 2 hands on exactly that."""

import asyncio

import pytest
from builders import a_run, a_step
from hypothesis import given, settings
from hypothesis import strategies as st

from agenther.evidence import quoted as is_quoted
from agenther.records import Diagnosis
from agenther.stages.extract.rules import extract
from agenther.stages.findings import Fact, findings


def told(observation, tool="get_place_for_atlas_service", **arguments):
    facts, _ = findings(a_step(1, tool, observation, arguments=arguments))
    return {"/".join(fact.path): fact.value for fact in facts}


@pytest.mark.parametrize(
    ("observation", "arguments"),
    [
        pytest.param("{'date': 'Please check what you are inputting'}", {}, id="an error as a value"),
        pytest.param("{'data': 'level should be between 1 to 5'}", {"level": "7"}, id="a complaint as a value"),
        pytest.param("{'host': 'atlas-service.p.rapidapi.com'}", {}, id="the address of the service"),
        pytest.param("{'host': 'atlas-service.example.com'}", {}, id="an address that repeats the service's name"),
        pytest.param("{'city': 'N/A', 'region': 'unknown', 'zone': 'test'}", {}, id="placeholders"),
        pytest.param("{'text': 'Lorem ipsum dolor sit amet'}", {}, id="filler"),
        pytest.param("{'word': 'kayak'}", {"word": "kayak"}, id="the input again"),
        pytest.param("{'message': 'all fine', 'status_code': 200}", {}, id="what speaks of the exchange"),
        pytest.param("[{'id': 0, 'name': 'Guess the firm'}]", {}, id="an entry of no number"),
        pytest.param("{'order_id': 'o12', 'state': 'sent'}", {"order_id": "o21"}, id="another order"),
        pytest.param("[{'city': 'Rome'}, {'city': 'Oslo'}]", {"city": "Rome"}, id="others among them"),
        pytest.param("{'lat': 31.2, 'name': 'Alexandria'}", {"address": "Cairo"}, id="another place"),
        pytest.param("{'lat': 30.0, 'name': 'Cairo'}", {"q": "college in Cairo"}, id="a place around it"),
        pytest.param("Tab 0 (current): Orders / Shop\n[1] x", {}, id="a page"),
        pytest.param("line\nline", {}, id="text of several lines"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_what_is_no_finding(observation, arguments):
    assert told(observation, **arguments) == {}


@pytest.mark.parametrize(
    ("observation", "arguments", "facts"),
    [
        pytest.param("{'a': {'b': 1.5}, 'c': 'x y'}", {}, {"a/b": "1.5", "c": "x y"}, id="a record"),
        pytest.param("[{'name': 'Ann'}, {'name': 'Cy'}]", {}, {"0/name": "Ann", "1/name": "Cy"}, id="a list"),
        pytest.param('{"error": "", "response": "[\\"b\\"]"}', {}, {"0": "b"}, id="wrapped"),
        pytest.param("{'city': 'K\\u00f6ln'}", {}, {"city": "Köln"}, id="escaped"),
        pytest.param("available", {}, {"": "available"}, id="a text"),
        pytest.param("{'postcode': 'CF10 3NP', 'lat': 5}", {"postcode": "cf103np"}, None, id="spelt otherwise"),
        pytest.param("{'country': 'France'}", {"country": "FR"}, {"country": "France"}, id="a code's name"),
        pytest.param("{'lat': 1, 'name': 'Old Town, Tarn'}", {"q": "Tarn"}, None, id="the place"),
    ],
)
def test_findings(observation, arguments, facts):
    found = told(observation, **arguments)
    assert found == facts if facts is not None else found


@pytest.mark.parametrize(
    ("observation", "arguments"),
    [
        pytest.param("[{'name': 'a'}, {'name': 'b", {}, id="cut"),
        pytest.param("{'total': 9, 'rows': ['a', 'b']}", {}, id="a greater total"),
        pytest.param("{'pages': '3', 'rows': ['a', 'b']}", {}, id="more pages"),
        pytest.param("{'next': 'x8', 'rows': ['a', 'b']}", {}, id="something next"),
        pytest.param("['a', 'b']", {"limit": 2}, id="a limit that was reached"),
        pytest.param("[{'name': 'a'}, {'name': 'unknown'}]", {}, id="a filler among them"),
        pytest.param(str([str(n) + "a" for n in range(99)]), {}, id="too many to tell"),
    ],
)
def test_a_part_is_not_the_whole(observation, arguments):
    _, is_whole = findings(a_step(1, "list_rows", observation, arguments=arguments))
    assert not is_whole


@pytest.mark.parametrize(
    "observation", ["['a', 'b']", "{'total': 2, 'rows': ['a', 'b']}", "{'next': None, 'rows': ['a', 'b']}"]
)
def test_the_whole(observation):
    assert findings(a_step(1, "list_rows", observation, arguments={"limit": 5}))[1]


def outcome_of(run):
    return asyncio.run(extract(run, Diagnosis(run_id=run.id, is_failure=True, recoverable=True)))


def test_steps_count_once_and_errors_not():
    seen = [("a", "{'b': 1}"), ("a", "{'b': 1}"), ("c", "Error: no"), ("d", "{'e': 2}")]
    run = a_run(steps=tuple(a_step(n, name, text) for n, (name, text) in enumerate(seen, 1)))
    assert [one.step for one in outcome_of(run).achievements] == [1, 4]


def test_a_request_with_a_picture_is_not_met_by_words():
    assert outcome_of(a_run(goal="What is in [image]?")).achievements == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@settings(max_examples=200, deadline=None)
@given(value=VALUES, write=st.sampled_from([str, repr]), cut=st.integers(0, 200), text=st.text(max_size=60))
def test_whatever_comes_back_is_quoted_letter_by_letter(value, write, cut, text):
    steps = (a_step(1, "get_x", write(value)), a_step(2, "get_x", write(value)[:cut], arguments={"q": text}))
    run = a_run(steps=(*steps, a_step(3, "get_y", text, arguments={"a": text})), goal=text or "x y")
    outcome = outcome_of(run)
    for one in (*outcome.achievements, *outcome.key_observations):
        assert is_quoted(run, one)
        Fact.of(one)

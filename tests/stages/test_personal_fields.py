"""Whose facts are told: of the thing that was looked up, and of nobody what is only theirs to know."""

import pytest

from agenther.stages.facts import Call, facts


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param("{'home': 'Lions', 'first_name': 'Joe'}", id="half of something"),
        pytest.param("{'diagnosis': 'flu', 'card_number': '4111', 'password': 'x'}", id="what is nobody's business"),
        pytest.param("{'assetProfile': {'city': 'Rome'}}", id="of another thing"),
    ],
)
def test_what_nobody_asks_for(observation):
    assert facts(Call(observation, frozenset())) is None


def test_a_whole_name_is_told_and_a_part_of_it_is_not():
    observation = "{'full_name': 'Joe Li', 'first_name': 'Joe', 'title': 'No Man is an Island'}"
    found = facts(Call(observation, frozenset()))
    assert {fact.name: fact.value for fact in found.facts} == {"full name": "Joe Li", "title": "No Man is an Island"}


@pytest.mark.parametrize(
    ("about", "told"),
    [
        pytest.param({"user"}, ["membership"], id="of a person, what is not personal"),
        pytest.param({"hotel"}, ["number", "email address", "phone number"], id="of anything else"),
        pytest.param({"card"}, ["email address", "phone number", "membership"], id="a number is not told"),
    ],
)
def test_what_is_personal_is_told_where_nothing_else_is(about, told):
    observation = "{'number': '4111 1111', 'iban': 'DE02', 'email': 'a@b.example', 'phone': '12-34', %s}"
    call = Call(observation % "'membership': 'gold'", frozenset(), about=frozenset(about))
    assert [fact.name for fact in facts(call).facts] == told


def test_what_is_nothing_but_personal_is_told_of_one_but_not_of_the_first_of_many():
    about = frozenset({"contact"})
    one, two = "{'name': 'Ann', 'phone': '12-34'}", "{'name': 'Ann', 'phone': '56-78'}"
    assert facts(Call("{'phone': '12-34'}", frozenset(), about=about)).facts[0].name == "phone number"
    assert facts(Call(f"[{one}, {two}]", frozenset({"name", "ann"}), about=about)) is None


def test_places_are_no_weather():
    observation = "{'region': 'Texas', 'temp_f': 88, 'place_name': 'Paris'}"
    found = facts(Call(observation, frozenset(), about=frozenset({"current", "weather"})))
    assert [fact.name for fact in found.facts] == ["temperature"]


def test_a_wrapper_may_be_called_as_what_was_looked_up():
    assert facts(Call("{'userInfo': {'city': 'Rome'}}", frozenset(), about=frozenset({"user"}))) is not None
    assert facts(Call("{'bitcoin': {'rank': 3}}", frozenset({"bitcoin"}))) is not None
    assert facts(Call("{'company': {'city': 'Rome'}}", frozenset(), about=frozenset({"stock"}))) is None

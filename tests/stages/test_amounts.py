"""Amounts, measures and times: told with their unit, and not at all where they say nothing."""

import pytest

from agenther.stages.facts import Call, facts


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param("{'price': 1899, 'cost': '12.50', 'gdp': 10.8}", id="money without a currency"),
        pytest.param("{'price': 3, 'unit': 'ounce'}", id="money by the ounce, without a currency"),
        pytest.param("{'delay': 12, 'target': 21, 'gravity': 3.71}", id="more measures without a unit"),
        pytest.param("{'mass': '6.39e23'}", id="a measure with an exponent"),
        pytest.param("{'temperature': 4, 'units': 'metric'}", id="a system of units for a unit"),
        pytest.param("{'height': 4, 'width': 2, 'unit': 'm2 or so'}", id="a unit that is none"),
        pytest.param("{'unit': 'billion', 'height_unit': 'm'}", id="a unit alone"),
        pytest.param("{'sunrise': 1717816800, 'arrival': '1717873200'}", id="stamps of seconds"),
        pytest.param("{'departure': 1717816800, 'delivery': 20240607}", id="a date and a stamp as numbers"),
        pytest.param("{'population': -1, 'members': -5}", id="less than nothing"),
        pytest.param("{'stadium': 'TBD', 'coach': 'TBA', 'motto': '--'}", id="to be announced"),
        pytest.param("{'capital': 'Unknown country', 'mayor': 'Not available'}", id="unknown"),
        pytest.param("{'definition': 'No definition found.'}", id="not found"),
        pytest.param("{'quote': 'Upgrade to premium to see quotes'}", id="an advertisement"),
        pytest.param("{'plot': 'Lorem ipsum dolor sit amet', 'summary': 'Summary goes here.'}", id="filling"),
        pytest.param("{'duration': 'PT15M33S'}", id="a duration as machines write it"),
    ],
)
def test_what_says_nothing_is_not_told(observation):
    assert facts(Call(observation, frozenset())) is None


@pytest.mark.parametrize(
    ("observation", "told"),
    [
        pytest.param(
            "{'price': 3, 'currency': 'eur', 'unit': 'ounce'}",
            {"price": "3 EUR per ounce"},
            id="money by the ounce",
        ),
        pytest.param(
            "{'salary': 3400, 'currency': 'EUR', 'period': 'monthly'}",
            {"salary": "3400 EUR per month"},
            id="money by the month",
        ),
        pytest.param("{'revenue': 9, 'unit': 'billion USD'}", {"revenue": "9 billion USD"}, id="billions"),
        pytest.param("{'balance': '-5.10', 'currency': '€'}", {"balance": '"-5.10 €"'}, id="a debt"),
        pytest.param("{'distance': 482, 'unit': 'km'}", {"distance": "482 km"}, id="a unit beside"),
        pytest.param(
            "{'height': 2.5, 'height_unit': 'm', 'width': 2}",
            {"height": "2.5 m"},
            id="a unit of one of two",
        ),
        pytest.param("{'temperature': -4, 'unit': 'C'}", {"temperature": "-4 °C"}, id="a unit's letter"),
        pytest.param("{'birth_date': 1984}", {"birth date": "1984"}, id="a year"),
    ],
)
def test_amounts_are_told_with_their_unit(observation, told):
    found = facts(Call(observation, frozenset()))
    assert {fact.name: fact.told for fact in found.facts} == told
    assert all(fact.quote in observation for fact in found.facts)


def test_a_quote_shows_the_unit_too():
    (fact,) = facts(Call("{'price': 3, 'vat': '7 %', 'currency': 'EUR'}", frozenset())).facts
    assert fact.quote == "'price': 3, 'vat': '7 %', 'currency': 'EUR'"
    (fact,) = facts(Call(f"{{'price': 3, 'x': '{'y' * 400}', 'currency': 'EUR'}}", frozenset())).facts
    assert (fact.value, fact.quote) == ("3 EUR", "'price': 3")


def test_a_currency_that_was_asked_for_need_not_come_back():
    observation = "{'price': 61000.5}"
    assert facts(Call(observation, frozenset({"currency", "eur"}))).facts[0].told == "61000.5 EUR"
    assert facts(Call(observation, frozenset({"from currency", "eur", "usd"}))) is None
    assert facts(Call(observation, frozenset({"eur"}))) is None

import pytest
from builders import a_run, a_step
from hypothesis import given
from hypothesis import strategies as st

from agenther.evidence import arguments, place, quoted
from agenther.records import Evidence
from agenther.text.dates import dates
from agenther.text.specifics import number, quotations, specifics, tokens, urls
from agenther.text.words import Words, content


@pytest.mark.parametrize(
    ("step", "quote", "where"),
    [
        pytest.param(3, "$12.99", None, id="no such observation"),
        pytest.param(9, "$12.99", None, id="no such step"),
        pytest.param(-1, "$12.99", None, id="a step before all"),
        pytest.param(2, "   ", None, id="blank"),
        pytest.param(2, "", None, id="empty"),
        pytest.param(2, "orbit brass", None, id="other letters"),
        pytest.param(0, "Welcome", "observation", id="what was seen before the first act"),
        pytest.param(2, "$12.99, in", "observation", id="an observation"),
        pytest.param(2, "L-77", "action", id="an argument"),
    ],
)
def test_a_quote_is_there_or_it_is_not(step, quote, where):
    run = a_run(start="Welcome to the shop")
    evidence = Evidence(text="", step=step, quote=quote)
    found = place(run, evidence)
    assert (found.where if found else None) == where
    assert quoted(run, evidence) is (where is not None)


def test_arguments_are_read_however_deep():
    step = a_step(arguments={"a": [{"b": 1}, "x"], "c": None, "d": {"e": [True]}})
    assert arguments(step) == ["1", "x", "True"]
    assert arguments(a_step(raw="not json", arguments={})) == ["not json"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("no digits", [], id="nothing to check"),
        pytest.param("see https://a.example/7 for 7", [("7",)], id="addresses are checked whole"),
        pytest.param("$1,289.50", [("$1,289.50", "1289.5")], id="money"),
        pytest.param("86.97km", [("86.97km", "86.97")], id="with a unit"),
        pytest.param("CF10 3NP", [("cf10",), ("3np", "3")], id="an id of two words"),
        pytest.param("order #312, please.", [("#312", "312")], id="an order"),
        pytest.param("0036590", [("0036590",)], id="leading zeros stay"),
    ],
)
def test_specifics(text, found):
    assert list(specifics(text)) == found


@pytest.mark.parametrize(
    ("haystack", "needle", "holds"),
    [
        pytest.param("rooms: 15", "5", False, id="a part of a number is another number"),
        pytest.param("2015", "15", False, id="the end of a year is no number"),
        pytest.param("1,289.96 USD", "1289.96", True, id="thousands"),
        pytest.param("price 10.50", "10.5", True, id="trailing zeros"),
        pytest.param("user_mia_3668", "3668", True, id="a part of an id"),
        pytest.param("2024-05-20", "20", True, id="a part of a date"),
    ],
)
def test_a_token_is_vouched_for(haystack, needle, holds):
    assert Words([haystack]).has_token(needle) is holds
    assert (needle in tokens(haystack)) is holds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("on 2024-05-20", {(2024, 5, 20)}, id="ISO"),
        pytest.param("May 20, 2024", {(2024, 5, 20)}, id="American"),
        pytest.param("the 20th of May 2024", {(2024, 5, 20)}, id="British"),
        pytest.param("May 20", {(0, 5, 20)}, id="without a year"),
        pytest.param("03/04/2024", {(2024, 4, 3), (2024, 3, 4)}, id="either way"),
        pytest.param("version 1.2.3", set(), id="no date"),
    ],
)
def test_dates(text, found):
    assert set(dates(text)) == found


def test_a_date_without_a_year_fits_any():
    words = Words(["departs 2024-05-20"])
    assert words.has_date((0, 5, 20))
    assert words.has_date((2024, 5, 20))
    assert not words.has_date((2023, 5, 20))


def test_wording_ignores_case_space_and_typography():
    words = Words(["He said:  “The Lamp”\nis lit"])
    assert words.has('"the lamp" IS')
    assert not words.has("the lamps")


def test_what_stands_between_quotation_marks():
    assert quotations("say \"a b\", ‘c’ and it's Bob's `d`") == ("a b", "c", "d")
    assert urls("at https://a.example/x?y=1, or www.b.example.") == ["https://a.example/x?y=1", "www.b.example"]
    assert content("Please tell me the price of a Lamp") == ("price", "lamp")


@given(st.text("ab1 2.,:'(-/$", max_size=40), st.text("ab12.", min_size=1, max_size=4))
def test_a_token_that_stands_alone_is_one_of_the_tokens(text, token):
    """The short way tells the same as the long one."""
    words = Words([text])
    if any(character.isdecimal() for character in token) and number(token.strip(".")) == token:
        assert words.has_token(token) is (token in words.tokens)

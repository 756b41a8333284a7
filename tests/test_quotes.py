"""A quote is found over what a page puts between words, and as the log has it; other words are not found."""

import re
import time

import pytest
from builders import a_run, a_step
from hypothesis import given
from hypothesis import strategies as st

from agenther.evidence import place
from agenther.records import Evidence
from agenther.text.flat import find, flat, unmarked

TREE = "[3] RootWebArea 'Kiln'\n\t[12] StaticText 'Glaze the'\n\t[13] StaticText 'inner'\n\t[14] StaticText 'rim only.'"
MARKED = "_[:]Glaze the\n_[:]inner\n_[:]rim\n_[:].\n_[:]Fire at 1040"
NESTED = '{"said": "{\\"glaze\\": \\"matt\\\\nblue\\", \\"town\\": \\"M\\u00fcnster\\"}"}'


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("Fire at 1041", MARKED, id="one digit changed"),
        pytest.param("glaze the inner rim", MARKED, id="another case"),
        pytest.param("Glaze the rim", MARKED, id="a word left out"),
        pytest.param("Glaze the … rim", MARKED, id="shortened"),
        pytest.param("rim inner", TREE, id="another order"),
        pytest.param("10 40", MARKED, id="a number that was torn"),
        pytest.param("1040 12", "1040\n[12]\n", id="a mark is no word"),
        pytest.param("[9]", "nine", id="a mark alone"),
        pytest.param("''", "a", id="marks that say nothing"),
        pytest.param("ab", "a-b", id="a dash is more than a gap"),
        pytest.param("value 12", "[5] textbox 'value'", id="what the log does not have"),
    ],
)
def test_what_is_not_there(quote, text):
    assert find(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text", "own"),
    [
        pytest.param("Glaze the inner rim.", MARKED, "Glaze the\n_[:]inner\n_[:]rim\n_[:].", id="line marks"),
        pytest.param(
            "Glaze the inner rim only",
            TREE,
            "Glaze the'\n\t[13] StaticText 'inner'\n\t[14] StaticText 'rim only",
            id="a tree",
        ),
        pytest.param("[3] RootWebArea 'Kiln'\n[12] StaticText 'Glaze the'", TREE, TREE[17:50], id="without its tabs"),
        pytest.param("two three", "one <b>two</b>\n <i>three</i>", "two</b>\n <i>three", id="tags"),
        pytest.param("two three", "• two\n• three", "two\n• three", id="bullets"),
        pytest.param("two three", "- two\n- three", "two\n- three", id="a list"),
        pytest.param("two three", "two\u00a0\u200bthree", "two\u00a0\u200bthree", id="no-break and no width"),
        pytest.param('it\'s "two"', "so it’s “two”", "it’s “two", id="typographic quotes"),
        pytest.param('"glaze": "matt\\nblue"', NESTED, 'glaze\\": \\"matt\\\\nblue', id="JSON in JSON"),
        pytest.param("Münster", NESTED, "M\\u00fcnster", id="an escaped letter"),
        pytest.param("salt & ash", "salt &amp; ash", "salt &amp; ash", id="an entity"),
        pytest.param("2019–2021", "in 2019-2021", "2019-2021", id="dashes"),
    ],
)
def test_a_quote_is_found_as_the_log_has_it(quote, text, own):
    start, end = find(quote, text)
    assert text[start:end] == own
    run = a_run(steps=(a_step(1, observation=text),))
    assert place(run, Evidence(text="", step=1, quote=quote)) == ("observation", own)


def test_where_it_stands_letter_by_letter_is_taken_first():
    run = a_run(steps=(a_step(1, observation="one\ntwo", arguments={"q": "one two"}),))
    assert place(run, Evidence(text="", step=1, quote="one two")) == ("action", "one two")


@pytest.mark.parametrize("text", ["<" * 200_000, "[" * 200_000, "\\" * 200_000, " _[:]" * 50_000, "- " * 100_000])
def test_hostile_text_takes_linear_time(text):
    began = time.perf_counter()
    assert find("two three", text) is None
    assert time.perf_counter() - began < 3


@given(st.text(alphabet=" ab1-[]<>\\nu0\n\"'&#;•\u200b—*", max_size=60))
def test_without_marks_a_text_has_the_words_of_its_flat_form(text):
    alone = re.compile(r"[^\W_]+")
    assert alone.findall(unmarked(text)) == alone.findall(flat(text).text)

"""Whether an answer lists all there is or says that there is more."""

import pytest

from agenther.stages.facts import Call, Shape, facts

PEOPLE = "{'players': [{'name': 'Ann'}, {'name': 'Bo'}], %s}"


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param(PEOPLE % "'totalResults': 90", id="a total in one word"),
        pytest.param(PEOPLE % "'element_count': '23'", id="a count as text"),
        pytest.param(PEOPLE % "'pagination': {'page': 1, 'total_pages': 9}", id="pages"),
        pytest.param(PEOPLE % "'nextPageToken': 'x'", id="the next page"),
        pytest.param(PEOPLE % "'has_more': True", id="more"),
        pytest.param(PEOPLE % "'next_cursor': 'abc'", id="a cursor"),
        pytest.param("{'meta': {'total': 90}, 'data': [{'name': 'Ann'}, {'name': 'Bo'}]}", id="beside the data"),
        pytest.param("{'data': {'items': [{'name': 'Ann'}, {'name': 'Bo'}]}, 'total': 3}", id="around the data"),
    ],
)
def test_what_says_that_there_is_more_lists_a_part(observation):
    assert facts(Call(observation, frozenset())).shape is Shape.SOME


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param("'total': 2, 'total_pages': 1, 'page_count': 1", id="as many as are listed"),
        pytest.param("'has_more': False, 'next': None, 'nextPageToken': ''", id="nothing more"),
        pytest.param("'has_more': 'false', 'limit': 50", id="no more, in words"),
        pytest.param("'players2': [{'next': 'x', 'total': 9}]", id="what another list says of itself"),
    ],
)
def test_what_does_not_say_so_lists_all(beside):
    assert facts(Call(PEOPLE % beside, frozenset(), is_of_one=True)).shape is Shape.ALL


def test_the_only_one_of_a_page_is_not_the_only_one():
    observation = "{'data': [{'hotel': 'Rose', 'rating': 5}], 'total': %d}"
    assert facts(Call(observation % 1, frozenset())).shape is Shape.RECORD
    assert facts(Call(observation % 12, frozenset())).shape is Shape.FIRST

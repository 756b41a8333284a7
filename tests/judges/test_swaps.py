"""Names in a goal: put together from two that were seen, or one in the place of two."""

import time

import pytest
from builders import a_run, a_step
from objections import objections

from agenther.records import Evidence, Proposal

MATCHES = (
    '[{"home": "Harrow Vale Rovers", "away": "Stonebridge Athletic", "referee": "Osei, Lydia", "ground": "Mill Park"},'
    ' {"home": "Quay and Quay United", "away": "Tamsin Wick", "coach": {"first_name": "Noor", "last_name": "Haddad"},'
    ' "fans": "Park Inc, API, R. Okafor of Largo Velho 11, Dr. Lee", "score": "2-1", "sku": "SK20024",'
    ' "gate_number": 44}]'
)


def rule_on(goal, tool="matches", **arguments):
    run = a_run(steps=(a_step(1, tool, MATCHES, arguments=arguments),))
    claims = (Evidence(text="the score", step=1, quote="2-1"), Evidence(text="all", step=1, quote=MATCHES))
    proposed = Proposal(
        run_id="r",
        goal=goal,
        claims=claims,
        end_step=1,
        relevant_steps=(1,),
        answer="It was 2-1.",
        answer_source="grounded",
        confidence=0.9,
    )
    return objections(run, proposed)


@pytest.mark.parametrize(
    "goal",
    [
        "What was the score when Stonebridge Rovers played?",
        "What was the score under the referee Lydia Haddad?",
        "What was the score under the coach Tamsin Osei?",
        "What was the score in the match at Mill Wick?",
        "What was the score that N. Okafor saw near Stonebridge Velho 11?",
        "What was the score in the match of Harrow Harrow Rovers?",
    ],
)
def test_the_parts_of_two_names_are_none(goal):
    assert "mixed" in rule_on(goal)


@pytest.mark.parametrize(
    "goal",
    [
        "What was the score when Harrow Vale Rovers played Harrow Vale Rovers?",
        "What was the score between the teams Tamsin Wick and Tamsin Wick?",
        "Which score was higher, the one at Mill Park or the one at Mill Park?",
    ],
)
def test_one_name_is_not_two(goal):
    assert "mixed" in rule_on(goal)


@pytest.mark.parametrize(
    "goal",
    [
        pytest.param("What was the score when Harrow Vale Rovers played Stonebridge Athletic?", id="as it was"),
        pytest.param("What was the score under the referee Lydia Osei?", id="turned round"),
        pytest.param("What was the score under the coach Noor Haddad?", id="in fields of its own"),
        pytest.param("What was the score that R. Okafor of Largo Velho 11 saw?", id="an initial and a number"),
        pytest.param("What was the score that Dr. Lee saw at Mill Park?", id="a title"),
        pytest.param("What was Stonebridge Athletic's Mill Park score?", id="a possessive ends a name"),
        pytest.param("Look at the match of Tamsin Wick. Mill Park has which score?", id="a sentence ends a name"),
        pytest.param("What was the score in the match of Quay and Quay United?", id="called so"),
        pytest.param("What was the score of Tamsin and Tamsin Wick?", id="more than the same"),
        pytest.param("What was the score by Park Inc. Lydia wants it?", id="another sentence"),
        pytest.param("What was the score by the Mill API?", id="a word of the trade"),
        pytest.param("Here is the task: Wick scored how often?", id="what follows a colon"),
        pytest.param("What was the score for Mill SK20024?", id="an id is no part of a name"),
        pytest.param("What was the score at Gate 44?", id="a number in a field of its own"),
        pytest.param("What was the score on Friday, 3 May at Mill Park?", id="a date is no name"),
    ],
)
def test_names_that_are_left_alone(goal):
    assert "mixed" not in rule_on(goal)


def test_an_input_vouches_for_a_name():
    goal = "What was the score when Stonebridge Rovers played?"
    assert "mixed" in rule_on(goal)
    assert "mixed" not in rule_on(goal, team="Stonebridge Rovers")


def test_a_tool_vouches_for_the_name_of_its_service():
    assert "mixed" not in rule_on("Which score was it, according to Mill Wick?", "get_scores_for_mill_wick")


def test_a_part_that_was_never_seen_is_told_by_other_rules():
    assert "names" in rule_on("What was the score when Stonebridge Kestrels played?")


@pytest.mark.parametrize(
    "text", ["noor " * 80_000, "noor ___" * 50_000, "noor " + "name" * 100_000, "noor, x " * 50_000]
)
def test_long_observations_take_linear_time(text):
    """Well under a second each; what backtracks takes hours."""
    began = time.perf_counter()
    goal = "What was the score when Noor Wick met " + "Wick Noor " * 80 + "in the park?"
    assert rule_on(goal, at=[text, "is it Wick who won?"])
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(("asked", "expected"), [("UM3OG5", False), ("HAT239", True)])
def test_what_a_call_brought_is_not_what_it_was_asked_about(asked, expected):
    """Though the agent had seen the id that it asked about, and a claim quotes the other one."""
    steps = (
        a_step(1, "get_user", '{"reservations": ["UM3OG5"]}', arguments={"user": "omar_2"}),
        a_step(2, "get_reservation", '{"origin": "SEA", "flight": "HAT239"}', arguments={"id": "UM3OG5"}),
    )
    quotes = ("UM3OG5", '"origin": "SEA"', '"flight": "HAT239"')
    proposed = Proposal(
        run_id="r",
        goal=f"What are the details of reservation {asked}?",
        claims=tuple(Evidence(text=quote, step=2, quote=quote) for quote in quotes),
        end_step=2,
        relevant_steps=(2,),
        answer="It starts in SEA with flight HAT239.",
        answer_source="grounded",
        confidence=0.9,
    )
    assert ("contradicts" in objections(a_run(steps=steps), proposed)) is expected

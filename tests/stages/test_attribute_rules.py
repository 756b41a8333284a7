"""Signs of the decisive step that need no reading, and what rules make of them."""

import asyncio

import pytest
from builders import a_run, a_step

from agenther.records import Tag
from agenther.stages.attribute.rules import attribute, likelihoods
from agenther.stages.attribute.signals import SIGNS, Signs


def says(n, text, agent="A", seen=None, **changes):
    return a_step(n, "respond", seen, arguments={"content": text}, agent=agent, **changes)


def shown(sign, *steps, **run):
    """The steps at which the sign stands, with how much of it there is."""
    found = [SIGNS[sign](signs, step) for signs in [Signs(a_run(steps=steps, **run))] for step in steps]
    return {n: float(much) for n, much in enumerate(found, 1) if much}


@pytest.mark.parametrize(
    ("sign", "steps", "expected"),
    [
        pytest.param(
            "values from nowhere",
            (says(1, "It costs 17."), says(2, "So 17, or 18.", seen="21"), says(3, "21 it is, at 18.")),
            {1: 0.1, 2: 0.1},
            id="values that nothing before holds",
        ),
        pytest.param(
            "values from nowhere",
            (says(1, "The lamp is to cost $5."), says(2, " ".join(map(str, range(100, 150))))),
            {2: 1.0},
            id="what was asked for is known; many are as many as can be",
        ),
        pytest.param(
            "begin of a loop", (says(1, "a"), says(2, "b"), says(3, "b"), says(4, "b")), {2: 1}, id="a loop begins once"
        ),
        pytest.param("begin of a loop", (says(1, "a"), says(2, "a", "B")), {}, id="what another says too is no loop"),
        pytest.param(
            "first act of its agent", (says(1, "a"), says(2, "b", "B"), says(3, "c")), {1: 1, 2: 1}, id="newcomers"
        ),
        pytest.param("code", (says(1, "a"), says(2, "```\nprint(1)\n```")), {2: 1}, id="code"),
        pytest.param("assumptions", (says(1, "Let us ASSUME so."), says(2, "Look.")), {1: 1}, id="assumed"),
        pytest.param("closing", (says(1, "a"), says(2, "b")), {2: 1}, id="the last"),
        pytest.param(
            "error without recovery",
            (
                says(1, "a", seen="Error: no such page"),
                says(2, "b", seen="A page."),
                says(3, "c", "B", seen="Error: no such file"),
                says(4, "d", seen="Another page."),
            ),
            {3: 1},
            id="an error after which its agent got nothing else",
        ),
    ],
)
def test_a_sign(sign, steps, expected):
    assert shown(sign, *steps) == pytest.approx(expected)


def test_where_the_answer_comes_from():
    steps = (says(1, "Look."), says(2, "It is 41."), says(3, "Right, 41."), says(4, "TERMINATE"))
    assert shown("origin of the answer", *steps, answer="41") == {2: 1}


def test_likelihoods_add_up_whatever_the_weights():
    found = likelihoods([{"a": 1.0}, {"a": 0.0}, {"b": 5.0}], {"a": 800.0})
    assert sum(found) == pytest.approx(1)
    assert found[0] == pytest.approx(1)


def test_steps_are_tagged():
    steps = (
        a_step(1, "open", "Error: no such page", error="no such page"),
        a_step(2, "open", "A page."),
        a_step(3, "open", "A page."),
        a_step(4, "search"),
    )
    found = asyncio.run(attribute(a_run(steps=steps)))
    assert found.tags == (Tag.MISTAKE, Tag.RECOVERY, Tag.UNNECESSARY, Tag.GOOD)
    assert found.wasted == {1, 3}


def test_suspects_are_ranked_and_told_with_their_signs():
    found = asyncio.run(
        attribute(a_run(steps=(says(1, "Look."), says(2, "```\nx = 1\n```\nAssume 77."), says(3, "a"))))
    )
    assert found.step == 2
    assert found.suspects[0].reason.startswith("code, assumptions")
    assert 1 >= sum(one.weight for one in found.suspects) > 0.99

"""Which steps may be cut out: the refusals first."""

import time

import pytest
from builders import LIST, PAGE, a_sample, a_step

from agenther.packagers.talk.cut import EVIDENCE, VALUE, cut
from agenther.packagers.talk.cut import PAGE as PAGE_CHANGED
from agenther.records import Evidence

ASIDE = a_step(2, "weather", '{"sky": "grey", "code": "W-31"}', arguments={"city": "Bergen"})
OPEN = a_step(3, "open", PAGE, arguments={"id": "L-77"})


def aside(*, middle=ASIDE, last=OPEN, **changes):
    """Step 2 does not serve the goal."""
    fields = {"steps": (a_step(1), middle, last), "relevant_steps": (1, 3), "claims": ()}
    return cut(a_sample(**{**fields, **changes}))


def test_nothing_to_cut():
    sample = a_sample()
    assert cut(sample) == (sample.steps, "")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"last": a_step(3, "open", PAGE, arguments={"id": "W-31"})}, VALUE, id="id taken over"),
        pytest.param({"last": a_step(3, "open", PAGE, arguments={"id": "item W-31?"})}, VALUE, id="id within a text"),
        pytest.param({"last": a_step(3, "open", PAGE, arguments={"a": [{"b": ["grey"]}]})}, VALUE, id="word, deep"),
        pytest.param({"last": a_step(3, "open", PAGE, raw="{sky: grey")}, VALUE, id="word in a broken call"),
        pytest.param(
            {"middle": a_step(2, "weather", "[8]"), "last": a_step(3, "open", PAGE, arguments={"n": 8})},
            VALUE,
            id="a number",
        ),
        pytest.param({"answer": "The lamp costs $12.99; code 31."}, VALUE, id="number in the answer"),
        pytest.param({"claims": (Evidence(text="it is grey", step=2, quote="grey"),)}, EVIDENCE, id="holds evidence"),
        pytest.param({"start": "Shop"}, PAGE_CHANGED, id="web: the page changed"),
        pytest.param({"last": OPEN.model_copy(update={"url": "http://shop.test/L-77"})}, PAGE_CHANGED, id="web by url"),
        pytest.param(
            {"start": "Shop", "middle": a_step(2, "wait", None)}, PAGE_CHANGED, id="web: nothing was seen any more"
        ),
    ],
)
def test_step_that_has_to_stay(changes, rule):
    kept, stuck = aside(**changes)
    assert [step.n for step in kept] == [1, 2, 3]
    assert stuck == rule


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="on its own"),
        pytest.param({"middle": a_step(2, "weather", "no such city", error="404")}, id="a failed call"),
        pytest.param({"middle": a_step(2, "look", LIST)}, id="its values were seen before"),
        pytest.param({"middle": a_step(2, "search", PAGE), "last": OPEN}, id="its values were used before"),
        pytest.param(
            {"goal": "Find item W-31.", "last": a_step(3, "open", PAGE, arguments={"id": "W-31"})}, id="given"
        ),
        pytest.param(
            {"last": a_step(3, "open", PAGE, arguments={"id": "L-77", "code": True, "x": None})}, id="names, true, null"
        ),
        pytest.param({"start": "Shop", "middle": a_step(2, "scroll", LIST)}, id="web: the page stayed"),
        pytest.param({"start": "Shop", "middle": a_step(2, "click", "404", error="not clickable")}, id="web: failed"),
    ],
)
def test_step_that_can_go(changes):
    kept, stuck = aside(**changes)
    assert [step.n for step in kept] == [1, 3]
    assert stuck == ""


def test_what_a_stuck_step_needs_is_stuck_too():
    steps = (
        a_step(1),
        a_step(2, "login", "token T-900", arguments={}),
        a_step(3, "fetch", "code W-31", arguments={"token": "T-900"}),
        a_step(4, "open", PAGE, arguments={"id": "W-31"}),
    )
    kept, stuck = cut(a_sample(steps=steps, relevant_steps=(1, 4), claims=()))
    assert [step.n for step in kept] == [1, 2, 3, 4]
    assert stuck == VALUE


def test_long_hostile_observation_takes_linear_time():
    began = time.perf_counter()
    aside(middle=a_step(2, "look", "a" * 400_000 + "-" * 400_000 + "a-" * 200_000))
    assert time.perf_counter() - began < 3

"""Pages where agents get lost: those on which they do act, but which they do not leave; refusals first."""

import pytest
from builders import a_run, a_step

from agenther.lessons.freeze import frozen
from agenther.lessons.gather import Gathered
from agenther.lessons.records import Choices, Kind, Why
from agenther.records import Attribution, Label


def acts(*addresses):
    """A click on each of these pages, one after the other."""
    return tuple(
        a_step(n, "click", f"page {n}", arguments={"id": n % 3}, url=f"https://{address}")
        for n, address in enumerate(addresses, 1)
    )


def found(*runs, success=False):
    gathered = Gathered()
    for n, steps in enumerate(runs):
        run = a_run(id=f"webarena-{n:016d}", task_id=str(n), steps=steps, label=Label(success=success, source="log"))
        gathered.add(run, Attribution(run_id=run.id, method="rules"))
    return frozen(gathered, Choices())


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["shop.example/s"] * 5, id="few acts"),
        pytest.param(["shop.example/s"] * 7 + ["shop.example/end"], id="it got on"),
        pytest.param(["shop.example/s/1", "shop.example/s", "shop.example"] * 3, id="many pages"),
        pytest.param(["shop.example/"] + ["told.by.a.page.example/s"] * 7, id="a site that nobody may name"),
    ],
)
def test_not_lost(addresses):
    assert not found(acts(*addresses)).kept


def test_ordinary_work_on_a_page_is_not_lost():
    fields = [1, 2, 3, 1, 4, 5, 6]
    steps = tuple(
        a_step(n, "fill", f"page {n}", arguments={"id": field}, url="https://shop.example/s")
        for n, field in enumerate(fields, 1)
    )
    assert not found(steps, steps).kept


@pytest.mark.parametrize(
    ("addresses", "which"),
    [
        pytest.param(
            ["shop.example/s?q=1"] * 3 + ["shop.example/s?q=2"] * 4,
            "The page `/s`",
            id="it ended there",
        ),
        pytest.param(
            [*["shop.example/", "shop.example/", "shop.example/a"] * 3, "shop.example/b"],
            "The first page",
            id="it came back",
        ),
        pytest.param(
            ["shop.example/item/ignore/previous-instructions"] * 7,
            "The page `/item/…`",
            id="of a path its first word is told",
        ),
    ],
)
def test_lost(addresses, which):
    [kept] = found(acts(*addresses), acts(*addresses)).kept
    again = "most of them `click`, half of them or more the same again"
    told = f"{which} of `shop.example` holds agents for many acts, {again}."
    assert (kept.when.signature.kind, kept.wrong) == (Kind.LOST, told)


def test_who_went_on_soon_speaks_against_it():
    stuck, soon = acts(*["shop.example/s"] * 7), acts("shop.example/s", "shop.example/s", "shop.example/end")
    assert found(stuck, stuck, soon).kept[0].against == 1
    assert [one.why for one in found(stuck, stuck, soon, soon).dropped] == [Why.CONTRADICTED]
    assert [one.why for one in found(stuck).dropped] == [Why.TOO_LITTLE]


def test_who_met_the_goal_speaks_against_it():
    result = found(acts(*["shop.example/s"] * 7), success=True)
    assert [one.why for one in result.dropped] == [Why.CONTRADICTED]

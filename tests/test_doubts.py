"""What becomes of a doubt: who decides it, and what is kept of that."""

import asyncio

import pytest
from builders import NEW_GOAL, a_run
from crews import Cast, a_verdict

from agenther.pipeline import process
from agenther.records import Point
from agenther.settings import Settings
from agenther.stages.by_model import why_refused

NAMES = Point(rule="names", question="The request names “Orbit”. Is that what the run dealt with?")
DEGREE = Point(rule="degree", question="Is it the cheapest?")
DOUBTS = a_verdict(confidence=0.9, judge="grounded", points=(NAMES, DEGREE))


def says(*settled, **changes):
    points = tuple(p.model_copy(update={"settled": s}) for p, s in zip((NAMES, DEGREE), settled, strict=False))
    return a_verdict(points=points, **changes)


def ending(*models, first=DOUBTS, **rules):
    cast = Cast(verdicts=((first,), *((one,) for one in models)))
    return asyncio.run(process(a_run(), cast.crew, Settings(attempts=1, **rules)))


@pytest.mark.parametrize(
    ("models", "rules"),
    [
        pytest.param((), {}, id="nobody can read"),
        pytest.param((says(True, True),), {"strict": True}, id="doubts are final"),
        pytest.param((a_verdict(),), {}, id="consent without a word on the points"),
        pytest.param((says(True),), {}, id="one point left undecided"),
        pytest.param((says(True, None),), {}, id="one point decided neither way"),
        pytest.param((says(True, False),), {}, id="one point decided against"),
        pytest.param((says(True, True, valid=False, confidence=0),), {}, id="refused for another reason"),
        pytest.param((says(True, True), says(True, False)), {}, id="the second decides against"),
        pytest.param((says(True, True), a_verdict()), {"quorum": "majority"}, id="no majority settles them"),
    ],
)
def test_a_doubt_that_is_not_settled_refuses(models, rules):
    result = ending(*models, **rules)
    assert result.samples == ()
    assert result.rejection.detail


@pytest.mark.parametrize(
    ("models", "rules"),
    [
        pytest.param((says(True, True),), {}, id="one judge settles all"),
        pytest.param((says(True, True), says(True, True)), {}, id="both do"),
        pytest.param((says(True, True), says(True, True), a_verdict()), {"quorum": "majority"}, id="most do"),
    ],
)
def test_a_doubt_that_is_settled_is_none(models, rules):
    assert [sample.goal for sample in ending(*models, **rules).samples] == [NEW_GOAL]


def test_a_proof_is_not_put_to_anybody():
    cast = Cast(verdicts=((a_verdict(False, 0, rule="invented", points=(NAMES,)),), (says(True, True),)))
    result = asyncio.run(process(a_run(), cast.crew, Settings(attempts=1)))
    assert not result.samples
    assert not [line for line in cast.asked if line.startswith("judge 1")]


def test_without_doubts_nothing_is_to_be_decided():
    assert ending(a_verdict(), first=a_verdict()).samples
    assert ending(first=a_verdict()).samples


def test_verdicts_keep_the_points_and_how_each_was_decided():
    (judged,) = ending(says(True, False)).judged
    assert [[point.settled for point in verdict.points] for verdict in judged.verdicts] == [[None, None], [True, False]]
    (alone,) = ending().judged
    assert (alone.verdicts[0].rule, alone.verdicts[0].points) == ("names", (NAMES, DEGREE))


@pytest.mark.parametrize(
    ("models", "told", "untold"),
    [
        pytest.param((), (NAMES, DEGREE), (), id="all doubts, where nobody decided"),
        pytest.param((says(True, False),), (DEGREE,), (NAMES,), id="what was decided against"),
        pytest.param((a_verdict(False, 0, reason="no price"),), (NAMES, DEGREE), (), id="what was left open"),
    ],
)
def test_whoever_mends_it_is_told_what_was_doubted(models, told, untold):
    (judged,) = ending(*models).judged
    why = why_refused(judged)
    assert all(why.count(point.question) == 1 for point in told)
    assert not any(point.question in why for point in untold)

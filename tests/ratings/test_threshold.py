"""Thresholds with a guarantee, and intervals, against figures that were worked out by hand or stand in tables."""

import pytest

from agenther.tally.shares import Share, by_runs
from agenther.tally.threshold import Rated, faultless, held_against, in_sequence, levels, needed, order

TARGET, RISK = 0.97, 0.05


def rated(score, valid, wrong=0):
    return [Rated(score, True)] * valid + [Rated(score, False)] * wrong


@pytest.mark.parametrize(
    ("valid", "wrong", "passes"),
    [
        pytest.param(0, 0, False, id="nothing rated"),
        pytest.param(98, 0, False, id="one too few"),
        pytest.param(99, 0, True, id="just enough without a fault"),
        pytest.param(155, 1, False, id="one fault, and one too few"),
        pytest.param(156, 1, True, id="one fault"),
        pytest.param(60, 40, False, id="far off"),
    ],
)
def test_a_threshold_holds_by_the_exact_test(valid, wrong, passes):
    found = held_against(rated(0.9, valid, wrong), 0.9, TARGET, RISK)
    assert found.passes(RISK) is passes
    assert (found.low >= TARGET) is passes, "the bound and the test say the same"


def test_what_does_not_reach_the_threshold_does_not_count():
    found = held_against(rated(0.9, 99) + rated(0.89, 0, 50), 0.9, TARGET, RISK)
    assert (found.of, found.wrong) == (99, 0)


def test_the_first_that_fails_ends_it():
    """Though the last would pass again: what comes after a failure is not looked at."""
    units = rated(0.9, 200) + rated(0.8, 10, 20) + rated(0.7, 5000)
    found = in_sequence(units, [0.9, 0.8, 0.7], TARGET, RISK)
    assert [one.passes(RISK) for one in found] == [True, False]


def test_the_order_begins_where_enough_are_left():
    scores = [0.99] * 10 + [0.9] * 1000 + [0.5] * 1000
    assert order(scores, 2010, TARGET, RISK) == [0.9, 0.5]
    assert order(scores, 50, TARGET, RISK) == [0.5], "when all are too few, the widest is tested"
    assert order([], 0, TARGET, RISK) == []


def test_many_scores_are_tested_at_even_steps():
    found = levels([number / 1000 for number in range(1000)])
    assert len(found) <= 100
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0.0


@pytest.mark.parametrize(
    ("target", "risk", "number"), [(0.97, 0.05, 99), (0.95, 0.05, 59), (0.99, 0.05, 299), (0.97, 0.1, 76)]
)
def test_how_many_ratings_without_a_fault_are_enough(target, risk, number):
    assert faultless(target, risk) == needed(0.0, target, risk) == number


def test_no_number_of_ratings_shows_what_is_not_so():
    assert needed(0.03, TARGET, RISK) is None
    assert needed(0.02, TARGET, RISK) > needed(0.01, TARGET, RISK) > 99


def test_pairs_of_one_run_count_as_one_for_the_interval():
    apart = by_runs((str(number), number > 0) for number in range(50))
    together = by_runs((str(number // 5), number > 0) for number in range(50))
    assert apart.value == together.value == 0.98
    assert together.interval == Share(part=49, of=50, units=10).interval
    assert together.interval[0] < apart.interval[0] < 0.98


def test_more_ratings_make_the_interval_as_narrow_as_asked():
    now = Share(part=45, of=50)
    more = now.more(0.05)
    low, high = Share(part=round(0.9 * (50 + more)), of=50 + more).interval
    assert more > 0
    assert high - low == pytest.approx(0.05, abs=0.002)
    assert Share(part=9000, of=10000).more(0.05) == 0

"""What judges have in common, counted by hand. Too little to count comes first."""

from itertools import product

import pytest
from crews import a_proposal, a_verdict

from agenther.records import Judged
from agenther.settings import Settings
from agenther.tally.panel import ENOUGH, effective, panel, tables

NAMES = ("grounded", "a", "b")


def ballots(*lines):
    """From ("grounded a -b", 3): three proposals to which the first two consented, and the third did not."""
    return [a_ballot(words) for words, times in lines for _ in range(times)]


def a_ballot(words):
    verdicts = [a_verdict(not word.startswith("-"), judge=word.lstrip("-")) for word in words.split()]
    return Judged(proposal=a_proposal(), verdicts=tuple(verdicts), accepted="-" not in words)


def found(*lines, names=NAMES, theta=0.5):
    return panel(names, ballots(*lines), Settings(theta=theta))


@pytest.mark.parametrize("judged", [[], [Judged(proposal=a_proposal(), accepted=False)]])
def test_no_verdicts_no_panel(judged):
    assert panel(NAMES, judged, Settings()) is None


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([("-grounded", 20)], id="no model was asked"),
        pytest.param([("grounded a b", 20)], id="both always consent"),
        pytest.param([("grounded -a -b", 20)], id="both always refuse"),
        pytest.param([("grounded a b", 10), ("grounded a -b", 10)], id="one always consents"),
        pytest.param([("grounded a b", 10), ("grounded -a", 10)], id="the first refusal ended it"),
        pytest.param([("grounded a b", ENOUGH - 2), ("grounded -a -b", 1)], id="too few"),
        pytest.param([("grounded a", 20)], id="the other was never asked"),
    ],
)
def test_what_cannot_be_told(lines):
    said = found(*lines)
    [pair] = said.pairs
    assert (pair.kappa, pair.correlation, said.correlation, said.effective_votes) == (None, None, None, None)
    shown = {table.title: table.rows for table in tables(said)}
    assert shown["Judges in pairs"][0][-2:] == ("n/a", "n/a")
    assert shown["Votes of models"] == (("2", "n/a", "n/a"),)


def test_each_judge_is_counted():
    said = found(
        ("-grounded", 4), ("grounded a b", 5), ("grounded -a b", 3), ("grounded a -b", 1), ("grounded -a -b", 2)
    )
    seats = [(seat.judge, seat.asked, seat.refused, seat.refused_alone) for seat in said.seats]
    assert seats == [("grounded", 15, 4, None), ("a", 11, 5, 3), ("b", 11, 3, 1)]


@pytest.mark.parametrize(
    ("lines", "alone"),
    [
        pytest.param([("grounded a b", 3)], (0, 0, 0), id="nobody refuses"),
        pytest.param(
            [("grounded a b", 3), ("grounded -a", 2)], (0, None, 0), id="who is asked after a refusal? nobody"
        ),
        pytest.param([("grounded a -b", 2), ("grounded -a", 2)], (0, None, 2), id="the last one is"),
        pytest.param([("-grounded", 2)], (None, 0, 0), id="only the mechanical judge"),
    ],
)
def test_refused_alone_needs_the_others_to_be_asked(lines, alone):
    assert tuple(seat.refused_alone for seat in found(*lines).seats) == alone


def test_the_mechanical_judge_by_itself():
    said = found(("grounded", 3), ("-grounded", 1), names=("grounded",))
    assert [(seat.asked, seat.refused, seat.refused_alone) for seat in said.seats] == [(4, 1, None)]
    assert (said.pairs, said.correlation, said.effective_votes) == ((), None, None)
    assert [table.title for table in tables(said) if table.rows] == ["Judges"]


def test_one_model_is_one_vote():
    assert found(("grounded a", 3), names=("grounded", "a")).effective_votes == 1


def test_a_judge_that_was_never_asked_is_told():
    said = found(("-grounded", 3))
    assert [(seat.asked, seat.refused) for seat in said.seats] == [(3, 3), (0, 0), (0, 0)]
    assert next(tables(said)).rows[1] == ("a", "0", "0", "n/a", "0")


def test_a_doubt_is_a_refusal():
    unsure = Judged(proposal=a_proposal(), verdicts=(a_verdict(confidence=0.6, judge="grounded"),), accepted=False)
    assert panel(("grounded",), [unsure], Settings(theta=0.6)).seats[0].refused == 0
    assert panel(("grounded",), [unsure], Settings(theta=0.61)).seats[0].refused == 1


def test_agreement_by_hand():
    # a: 70 yes; b: 60 yes; by chance 0.7 * 0.6 + 0.3 * 0.4 = 0.54 agree, here 0.7 do
    said = found(("grounded a b", 50), ("grounded a -b", 20), ("grounded -a b", 10), ("grounded -a -b", 20))
    [pair] = said.pairs
    assert (pair.judges, pair.asked, pair.agreed) == (("a", "b"), 100, 70)
    assert pair.kappa == pytest.approx((0.7 - 0.54) / (1 - 0.54), abs=5e-5)
    assert pair.correlation == pytest.approx((0.5 - 0.7 * 0.6) / (0.7 * 0.3 * 0.6 * 0.4) ** 0.5, abs=5e-5)
    assert said.correlation == pair.correlation
    assert said.effective_votes == pytest.approx(2 / (1 + pair.correlation), abs=5e-3)


@pytest.mark.parametrize(
    ("lines", "correlation", "votes"),
    [
        pytest.param([("grounded a b", 10), ("grounded -a -b", 10)], 1, 1, id="the same judge twice"),
        pytest.param(
            [(f"grounded {a} {b}", 5) for a, b in product(("a", "-a"), ("b", "-b"))], 0, 2, id="nothing in common"
        ),
        pytest.param([("grounded a -b", 10), ("grounded -a b", 10)], -1, None, id="opposites"),
    ],
)
def test_extremes(lines, correlation, votes):
    said = found(*lines)
    assert (said.correlation, said.effective_votes) == (correlation, votes)


def test_the_mean_is_over_the_pairs_that_can_be_told():
    alike = [("grounded a b c", 10), ("grounded -a -b c", 10)]
    said = found(*alike, names=(*NAMES, "c"))
    assert [pair.correlation for pair in said.pairs] == [1, None, None]
    assert (said.correlation, said.effective_votes) == (1, 1)


@pytest.mark.parametrize(
    ("votes", "rho", "worth"),
    [
        (0, None, None),
        (1, None, 1),
        (3, None, None),
        (3, 0, 3),
        (3, 0.5, 1.5),
        (3, 1, 1),
        (3, -0.5, None),
        (5, -0.1, 8.33),
    ],
)
def test_effective_votes(votes, rho, worth):
    assert effective(votes, rho) == worth


def test_the_order_of_proposals_changes_nothing():
    lines = ballots(("-grounded", 4), ("grounded a b", 9), ("grounded -a b", 3), ("grounded -a -b", 2))
    assert panel(NAMES, lines, Settings()) == panel(NAMES, lines[::-1], Settings())

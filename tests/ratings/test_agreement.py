"""Agreement of raters, against figures that were worked out by hand."""

import pytest

from agenther.tally.agreement import alpha, kappa


def spoken(*rows):
    return [[*row.replace(" ", "")] for row in rows]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param(["y", "n"], id="nobody rated the same"),
        pytest.param(["yy", "yyy"], id="all say one thing"),
    ],
)
def test_none_where_there_is_nothing_to_tell(rows):
    assert alpha(spoken(*rows)) is None
    assert kappa(spoken(*rows)) is None


def test_fleiss_needs_as_many_answers_of_each():
    assert kappa(spoken("yy", "nnn", "yn")) is None


@pytest.mark.parametrize(("rows", "expected"), [(["yy", "nn"], 1.0), (["yn", "yn"], -1.0), (["yy", "yn", "nn"], 1 / 3)])
def test_fleiss_by_hand(rows, expected):
    assert kappa(spoken(*rows)) == pytest.approx(expected)


def test_alpha_by_hand():
    """Of 6 answers 3 are y: expected disagreement 2·3·3/30 = 0.6, observed 2·1/6: 1 - (1/3)/0.6 = 0.444."""
    assert alpha(spoken("yy", "yn", "nn", "y")) == pytest.approx(4 / 9)

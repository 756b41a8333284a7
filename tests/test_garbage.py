"""Settings of the whole process are given back."""

import gc

import pytest

from agenther.jobs.garbage import THRESHOLDS, rarely_collected


def test_what_was_set_is_given_back_also_after_an_error():
    before = gc.get_threshold()
    inside = []

    def fails():
        with rarely_collected():
            inside.append(gc.get_threshold())
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert inside == [THRESHOLDS]
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0

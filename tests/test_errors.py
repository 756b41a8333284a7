"""Errors go to other processes as they are, however they are made."""

import pickle

import pytest

from agenther.errors import AnswerError, CapError, EmptyError, HubError, ModelError, PromptError, ReadError, StoreError


@pytest.mark.parametrize(
    "error",
    [
        AnswerError("judge", "no JSON", "raw"),
        CapError(1, 0.5, ", 3 runs are left"),
        EmptyError("runs/a", "holds nothing"),
        HubError("me/logs", "is gone"),
        ModelError("m", "no key"),
        PromptError("judge", "is missing"),
        ReadError("malformed", "no JSON", line=3, key="a"),
        StoreError("runs/a", "is full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_in_another_process(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))

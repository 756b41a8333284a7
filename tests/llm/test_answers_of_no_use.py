"""A model that is up and never gives an answer of use is stopped; one that often does not is not."""

import asyncio
import contextlib
import math
import random
import re

import pytest

from agenther.errors import AnswerError, ModelError
from agenther.llm.answers import TRIES, ask, request
from agenther.llm.layers.guard import LAST, MOST_USELESS, Guarded
from agenther.llm.model import Completion
from agenther.llm.schemas import SaidVerdict

VERDICT = '{"is_valid": true, "confidence": 0.9, "rejection_reason": "", "claims": []}'


class Fickle:
    """So often it says nothing of use, by chance; knows how often it was asked."""

    name = "m"

    def __init__(self, share, seed=1, useless=None, slow=False):
        self.share, self.slow = share, slow
        self.useless = useless or Completion("Well.", raw="{}")
        self.random = random.Random(seed)
        self.asked = 0

    async def complete(self, request):
        self.asked += 1
        await asyncio.sleep(self.random.random() / 1000 if self.slow else 0)
        return self.useless if self.random.random() < self.share else Completion(VERDICT, raw="{}")

    async def aclose(self): ...


def judged(model, questions, at_once):
    """(how many of so many questions got no answer, why the whole was stopped)"""
    errors = []

    async def all_of_them():
        guarded, free = Guarded(model), asyncio.Semaphore(at_once)

        async def one(number):
            async with free:
                try:
                    prompt = ("Be strict.", f"Is it {number}?")
                    await ask(guarded, request("judge", prompt, SaidVerdict, about=str(number)), SaidVerdict)
                except AnswerError as error:
                    errors.append(error)

        async with asyncio.TaskGroup() as group:
            for number in range(questions):
                group.create_task(one(number))

    try:
        asyncio.run(all_of_them())
    except ExceptionGroup as stopped:
        [why] = {type(error): error for error in stopped.exceptions}.values()
        assert isinstance(why, ModelError)
        return len(errors), str(why)
    return len(errors), ""


@pytest.mark.parametrize("at_once", [1, 37, 288])
@pytest.mark.parametrize(
    "useless", [Completion("I am sorry.", raw="{}"), Completion("No.", "refusal", raw="{}"), Completion("", raw="{}")]
)
def test_a_model_that_never_gives_an_answer_of_use_is_stopped(useless, at_once):
    model = Fickle(1, useless=useless)
    burnt, stopped = judged(model, 1000, at_once)
    assert re.match(
        r"m: (4[6-9]|[56].) of its last .. answers to judge were of no use: .*; what is done is kept", stopped
    )
    assert burnt <= LAST // TRIES
    assert model.asked <= LAST + 2 * at_once


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(("questions", "at_once"), [(1, 37), (12, 37), (60, 37), (288, 288), (2000, 37), (1000, 1000)])
def test_three_answers_in_ten_of_no_use_stop_nothing(questions, at_once, slow):
    """Nor at the end of a run, where all that are still asked are those whose answers were of no use."""
    for seed in range(10):
        _, stopped = judged(Fickle(0.3, seed, slow=slow), questions, at_once)
        assert not stopped


def test_the_chance_of_stopping_by_mistake():
    def chance(share):
        return sum(
            math.comb(LAST, bad) * share**bad * (1 - share) ** (LAST - bad) for bad in range(MOST_USELESS + 1, LAST + 1)
        )

    assert chance(0.3) < 1e-12
    assert chance(0.5) < 1e-4
    assert chance((TRIES - 1) / TRIES) > 0.9, "where none is of use, all but the last try are known to be"


def test_what_a_filter_stops_is_not_the_models_fault():
    assert judged(Fickle(1, useless=Completion("", "content_filter", raw="{}")), 100, 10) == (100, "")


def test_one_stage_that_never_gets_an_answer_of_use_is_enough():
    class Poor(Fickle):
        async def complete(self, request):
            return Completion("Well." if request.stage == "judge" else VERDICT, raw="{}")

    async def mixed():
        guarded = Guarded(Poor(0))
        for number in range(100):
            for stage in ("classify", "extract", "judge"):
                with contextlib.suppress(AnswerError):
                    asked = request(stage, ("s", f"{number}"), SaidVerdict, about=str(number))
                    await ask(guarded, asked, SaidVerdict)

    with pytest.raises(ModelError, match="answers to judge"):
        asyncio.run(mixed())

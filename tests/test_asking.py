"""A run that is too long for the model is asked about with less of it, down to a floor."""

import asyncio
import json

import pytest
from builders import a_run, a_step

from agenther.errors import AnswerError
from agenther.llm.answers import TooLongError
from agenther.llm.asking import ROOMS, Question, put
from agenther.llm.clients.scripted import Scripted
from agenther.llm.model import Completion
from agenther.llm.schemas import SaidOutcome
from agenther.prompt import load
from agenther.rendering.runs import RUN_ROOM, render_run

PROMPTS = load()
WORDS = "seen on page {n}: a lamp of brass, {n} cm high, in room {n}. "
LONG = a_run(
    steps=tuple(
        a_step(n, observation="\n".join(WORDS.format(n=n * 1000 + m) for m in range(300))) for n in range(1, 30)
    )
)
SHORT = a_run()
VALUES = {"goal": "Go.", "goal_seen": True}


def asked(run, fits):
    """(sizes of the prompts, what came of them) with a model that takes up to so many characters."""
    sizes = []

    def answer(request):
        sizes.append(sum(len(message.content) for message in request.messages))
        if sizes[-1] > fits:
            return Completion("", "context_length")
        return json.dumps({"achievements": [], "key_observations": []})

    try:
        return sizes, asyncio.run(put(Scripted(answer), PROMPTS, run, Question("extract", VALUES), SaidOutcome))
    except AnswerError as error:
        return sizes, error


def test_what_fits_is_asked_whole():
    sizes, said = asked(LONG, 1_000_000)
    assert isinstance(said, SaidOutcome)
    assert len(sizes) == 1
    assert sizes[0] > 50_000


@pytest.mark.parametrize("fits", [60_000, 30_000, 16_000])
def test_what_does_not_is_asked_with_less(fits):
    sizes, said = asked(LONG, fits)
    assert isinstance(said, SaidOutcome)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] <= fits < sizes[-2]


def test_at_the_floor_it_is_given_up():
    sizes, said = asked(LONG, 0)
    assert isinstance(said, TooLongError)
    assert "too long for the model" in str(said)
    assert len(sizes) == len(ROOMS)


def test_a_short_run_is_not_asked_again_in_the_same_words():
    sizes, said = asked(SHORT, 0)
    assert len(sizes) == 1
    assert isinstance(said, TooLongError)


def test_less_room_shows_less_and_a_cut_run_still_begins_the_same():
    texts = [render_run(LONG, room=room) for room in ROOMS]
    assert [len(text) for text in texts] == sorted((len(text) for text in texts), reverse=True)
    for room in ROOMS:
        whole = PROMPTS.run(LONG, None, room)
        assert whole == render_run(LONG, room=room)
        assert whole.startswith(PROMPTS.run(LONG, 3, room))
        assert PROMPTS.run(LONG, 3, room) == render_run(LONG, 3, room)
    assert ROOMS[0] == RUN_ROOM


def test_another_run_by_the_same_id_is_not_mistaken_for_it():
    other = a_run(start="another beginning")
    assert PROMPTS.run(SHORT) != PROMPTS.run(other)
    assert PROMPTS.run(SHORT) == render_run(SHORT)

"""A dialogue that is kept as it was: the user's turns stand in every format, and its goal in none of their prompts."""

import json

import pytest
from builders import a_pick, a_step, some_steps

from agenther.packagers.base import LeftOut
from agenther.packagers.table import PACKAGERS

OPENING = "Hello, is there a brass lamp?"
ASKED = "There are two. For the desk or the floor?"
REPLY = "For the desk, please."
SAID = a_step(1, "respond", REPLY, arguments={"content": ASKED}, answered_by="user")
STEPS = (SAID, *(step.model_copy(update={"n": step.n + 1, "turn": step.turn + 1}) for step in some_steps()))


def a_dialogue(relevant=(1, 2, 3), steps=STEPS):
    return a_pick(opening=OPENING, steps=steps, relevant_steps=relevant, claims=())


def rows(name, pick, part=""):
    it = PACKAGERS[name].parts[part]
    found = list(it.rows(pick))
    assert all(isinstance(row, LeftOut) or it.problems(row) == [] for row in found)
    return found


def test_the_words_of_both_stand_as_they_were():
    (row,) = rows("sft", a_dialogue())
    said = [(message["role"], message["content"]) for message in row["messages"] if message["content"]]
    assert said[1:4] == [("user", OPENING), ("assistant", ASKED), ("user", REPLY)]
    assert [message["role"] for message in row["messages"][4:]] == ["assistant", "tool"] * 2 + ["assistant"]


@pytest.mark.parametrize(
    ("name", "part"),
    [(name, part) for name, packager in PACKAGERS.items() for part in packager.parts if name != "records"],
)
def test_no_format_shows_the_goal_as_what_the_user_said(name, part):
    pick = a_dialogue()
    for row in rows(name, pick, part):
        if isinstance(row, LeftOut):
            assert name == "goal-pairs"
        else:
            told = json.dumps({key: value for key, value in row.items() if key != "extra"}, ensure_ascii=False)
            assert pick.sample.goal not in told
            assert OPENING in told


def test_it_makes_no_goal_contrast():
    assert {row["label"] for row in rows("kto", a_dialogue())} == {True}
    assert all(
        isinstance(row, LeftOut)
        for part in ("swift", "llamafactory-v1")
        for row in rows("goal-pairs", a_dialogue(), part)
    )


def test_what_was_wrongly_said_to_the_user_carries_no_loss_or_the_row_is_left_out():
    pick = a_dialogue(relevant=(2, 3))
    (left,) = rows("sft", pick)
    assert left.why == "a turn of the dialogue that does not serve the goal was said to the user"
    (row,) = rows("swift", pick)
    learned = [message["content"] for message in row["messages"] if message.get("loss")]
    assert ASKED not in learned
    assert ASKED in [message["content"] for message in row["messages"]]

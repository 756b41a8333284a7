"""Which runs of a task make pairs, and which must not: first a success and a failure, under the task's own goal."""

import pytest
from builders import PAGE, a_step, a_tool
from two_runs import CLOSING, act, failure, made, open_dot, said, success

from agenther.packagers.base import LeftOut
from agenther.packagers.formats import dpo
from agenther.packagers.pairs.preferences import NO_FORK, NO_PROMPT, NOT_SEEN
from agenther.packagers.selection.sameness import SAME_PAIR
from agenther.records import SET_ASIDE, Label


def test_the_first_decision_that_differs():
    (row,) = made(failure(), success())
    assert dpo.problems(row) == []
    assert [message["role"] for message in row["prompt"]] == ["system", "user", "assistant", "tool"]
    assert row["chosen"] == [act("open", id="L-4")]
    assert row["rejected"] == [act("open", id="L-77")]
    assert (row["chosen_run_id"], row["rejected_run_id"]) == ("good-1", "bad-1")


def test_answers_that_differ():
    steps = (a_step(1), CLOSING)
    (row,) = made(success(steps=steps), failure(steps=steps))
    assert row["chosen"] == [{"role": "assistant", "content": "The Dot lamp costs $4."}]
    assert row["rejected"] == [{"role": "assistant", "content": "I found no lamp under $5."}]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": Label()}, id="unknown outcome"),
        pytest.param({"label": Label(success=False)}, id="two failures"),
        pytest.param({"task_id": "8"}, id="another task"),
    ],
)
def test_runs_that_are_not_of_one_task(changes):
    assert made(success(**changes), failure()) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"goal_seen": False}, NOT_SEEN, id="a goal that the agent never saw"),
        pytest.param({"goal": "Find a lamp."}, NO_PROMPT, id="another goal"),
        pytest.param({"system": "Be brief."}, NO_PROMPT, id="another system prompt"),
        pytest.param({"tools": (a_tool("search"),)}, NO_PROMPT, id="other tools"),
        pytest.param({"start": "Shop"}, NO_PROMPT, id="another first observation"),
    ],
)
def test_a_task_with_both_outcomes_but_no_pair_is_named_with_the_reason(changes, rule):
    assert made(success(**changes), failure()) == [LeftOut("task:shop/7", rule)]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param({}, {"reward": 1.0}, id="the reward of a success"),
        pytest.param({"reward": 0.5}, {"reward": 0.5}, id="the reward of the chosen one"),
        pytest.param({"reward": 0.5}, {"reward": 0.9}, id="more than that"),
    ],
)
def test_a_failure_that_is_worth_as_much_as_the_success_is_not_rejected(good, bad):
    chosen, rejected = Label(success=True, reward_by="score", **good), Label(success=False, reward_by="score", **bad)
    assert made(success(label=chosen), failure(label=rejected)) == [LeftOut("task:shop/7", NO_FORK)]


def test_such_a_failure_takes_no_place():
    labels = {"label": Label(success=False, reward=1.0, reward_by="score")}
    met = (bad_in_its_own_way(n).model_copy(update=labels) for n in range(4))
    assert [row["rejected_run_id"] for row in made(success(), *met, bad_in_its_own_way(9))] == ["bad-9"]


def test_a_task_is_named_once_however_many_prompts_it_had():
    silent = {"steps": (), "answer": None}
    runs = [make(n, system=str(n), **silent) for n in range(3) for make in (success, failure)]
    assert made(*runs) == [LeftOut("task:shop/7", NO_FORK)]
    assert [type(row) for row in made(*runs, success(5), failure(5))] == [dict]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"steps": (a_step(1, observation="[]"), a_step(2, "open", PAGE))}, id="another result"),
        pytest.param({"steps": (a_step(1),), "answer": None}, id="one ends without an answer"),
        pytest.param({"steps": (a_step(1),), "answer": " "}, id="an empty answer"),
        pytest.param({"steps": failure().steps, "answer": failure().answer}, id="the same in all but thoughts"),
    ],
)
def test_runs_without_a_common_prompt(changes):
    assert made(success(**changes), failure()) == [LeftOut("task:shop/7", NO_FORK)]


def test_a_run_without_some_of_its_results_makes_no_pair():
    assert not [item for item in made(success(flags=(SET_ASIDE,)), failure()) if not isinstance(item, LeftOut)]


def test_dialogues_part_at_the_users_words():
    good = success(steps=(said(1, "Which colour?", "Red."), a_step(2)))
    bad = failure(steps=(said(1, "Which colour?", "Blue."), a_step(2, "open", PAGE)))
    assert made(good, bad) == [LeftOut("task:shop/7", NO_FORK)]


def test_dialogues_with_the_same_words():
    good = success(steps=(said(1, "Which colour?", "Red."), a_step(2)))
    bad = failure(steps=(said(1, "Which colour?", "Red."), said(2, "Which size?", "Small.")))
    (row,) = made(good, bad)
    assert dpo.problems(row) == []
    assert row["prompt"][2:] == [{"role": "assistant", "content": "Which colour?"}, {"role": "user", "content": "Red."}]
    assert row["rejected"] == [{"role": "assistant", "content": "Which size?"}]


def bad_in_its_own_way(n):
    return failure(n, steps=(a_step(1), a_step(2, "open", PAGE, arguments={"id": f"X-{n}"})))


def test_a_task_gives_four_pairs_at_most_that_show_many_runs():
    runs = [run for n in range(9) for run in (success(n, answer=f"$4, told {n} times."), bad_in_its_own_way(n))]
    rows = made(*runs)
    assert [(row["chosen_run_id"], row["rejected_run_id"]) for row in rows] == [
        (f"good-{n}", f"bad-{n}") for n in range(4)
    ]
    assert rows == made(*runs)


def test_copies_of_a_run_take_no_place():
    rows = made(success(), *(failure(n) for n in range(9)), bad_in_its_own_way(9))
    assert [row["rejected_run_id"] for row in rows] == ["bad-0", "bad-9"]


def test_a_pair_that_two_tasks_give_is_told_once():
    row, other = made(success(), failure(), success(2, task_id="8"), failure(2, task_id="8"))
    assert (row["id"], other) == ("good-1/bad-1", LeftOut("good-2/bad-2", SAME_PAIR, "good-1/bad-1"))


def test_tasks_may_be_interleaved():
    runs = [make(task_id=task, goal=f"Find lamp {task}.") for make in (success, failure) for task in ("1", "2")]
    assert [row["group"] for row in made(*runs)] == ["task:shop/1", "task:shop/2"]


def test_what_another_success_did_too_is_not_rejected():
    opened = failure().steps[:2]
    again = success(2, steps=(*opened, open_dot().model_copy(update={"n": 3, "turn": 3})))
    pairs = [row for row in made(success(), failure(), again) if not isinstance(row, LeftOut)]
    assert [(row["id"], row["rejected"][0]["content"]) for row in pairs] == [("good-2/bad-1", failure().answer)]

"""Pairs under a hindsight goal: a run over one that misses it, and of two that miss it the nearer one."""

import pytest
from builders import ANSWER, NEW_GOAL, PAGE, a_batch, a_pick, a_step
from two_runs import act, failure, open_dot, said, success

from agenther.packagers.base import LeftOut
from agenther.packagers.formats import dpo
from agenther.packagers.pairs.preferences import band, share
from agenther.packagers.selection.sameness import SAME_PAIR
from agenther.records import Evidence, Label

DOT = Evidence(text="the Dot lamp costs $4", step=2, quote="Dot lamp, $4")
FOUND = Evidence(text="the list names L-77", step=1, quote="L-77")
OWN = a_pick(run_id="bad-1", claims=(FOUND, Evidence(text="it costs $12.99", step=2, quote="$12.99")))
"""The hindsight goal of `failure()`: it searches, opens L-77 and tells its price."""


def under_hindsight(*runs, picks=(OWN,)):
    return [
        row for row in dpo.rows(a_batch(*runs, picks=picks)) if isinstance(row, dict) and row["pair_kind"] != "success"
    ]


def other(n, *steps, **changes):
    return failure(n, **{"steps": steps or (a_step(1), open_dot()), **changes})


def test_its_own_run_over_one_that_misses_its_goal():
    (row,) = under_hindsight(failure(), other(2))
    assert dpo.problems(row) == []
    assert row["prompt"][1] == {"role": "user", "content": NEW_GOAL}
    assert (row["chosen"], row["rejected"]) == ([act("open", id="L-77")], [act("open", id="L-4")])
    assert (row["pair_kind"], row["band"], row["margin"]) == ("hindsight", "medium", 0.5)
    assert (row["chosen_run_id"], row["rejected_run_id"], row["label_source"]) == ("bad-1", "bad-2", "hindsight")
    assert "reasoning_content" not in str(row), "the other run thought of another goal"


def test_its_own_answer_over_one_that_tells_nothing():
    claims = (FOUND, Evidence(text="told", step=1, quote="nowhere else"))
    pick = a_pick(run_id="bad-1", steps=(a_step(1),), relevant_steps=(1,), claims=claims)
    (row,) = under_hindsight(failure(steps=(a_step(1),)), other(2, a_step(1), answer="No."), picks=(pick,))
    assert row["chosen"] == [{"role": "assistant", "content": ANSWER}]
    assert row["rejected"] == [{"role": "assistant", "content": "No."}]


@pytest.mark.parametrize(
    ("runs", "picks"),
    [
        pytest.param((failure(),), (OWN,), id="no other run"),
        pytest.param((failure(), failure(2)), (OWN,), id="the other run meets the goal too"),
        pytest.param((failure(), other(2, task_id="8")), (OWN,), id="another task"),
        pytest.param((failure(), other(2, start="Shop")), (OWN,), id="another first observation"),
        pytest.param((failure(), other(2, said(1, "Which?", "Red."))), (OWN,), id="the other run is a dialogue"),
        pytest.param((failure(goal_seen=False), other(2, goal_seen=False)), (OWN,), id="nobody saw the goal"),
        pytest.param((failure(), other(2)), (a_pick(run_id="bad-1", relevant_steps=(1,), claims=(FOUND, DOT)),),
                     id="the act that differs serves nothing"),
        pytest.param((failure(), other(2, a_step(1, observation="[]"))), (OWN,), id="another result"),
        pytest.param((failure(), success(2)), (OWN,), id="the other run is a success"),
        pytest.param((failure(), other(2, label=Label(success=False, reward=1.0, reward_by="score"))), (OWN,),
                     id="the other run has the reward of a success"),
        pytest.param((failure(), other(2, label=Label(reward=1.0, reward_by="score"))), (OWN,),
                     id="nobody says that it is a success, but for its reward"),
    ],
)  # fmt: skip
def test_no_pair_under_hindsight(runs, picks):
    assert under_hindsight(*runs, picks=picks) == []


def test_a_success_that_is_packed_along_is_no_hindsight():
    """Nothing tells which other run misses a goal without claims; another success does not."""
    along = a_pick(run_id="good-1", goal=failure().goal, claims=(), kind="success")
    runs = success(), success(2, steps=(a_step(1), a_step(2, "open", PAGE)))
    assert under_hindsight(*runs, picks=(along,)) == []


FAR = other(3, a_step(1, arguments={"q": "chair"}, observation="[]"))


def test_of_two_that_miss_the_goal_the_nearer_one():
    rows = under_hindsight(failure(), other(2, a_step(1, arguments={"q": "lamp"})), FAR)
    assert [row["pair_kind"] for row in rows] == ["hindsight", "hindsight", "nearer"]
    assert [row["band"] for row in rows] == ["medium", "easy", "easy"]
    nearer = rows[2]
    assert dpo.problems(nearer) == []
    assert (nearer["chosen_run_id"], nearer["rejected_run_id"], nearer["margin"]) == ("bad-2", "bad-3", 0.5)
    assert nearer["prompt"][1]["content"] == NEW_GOAL


def test_the_same_preference_of_two_kinds_is_told_once():
    batch = a_batch(failure(), other(2), FAR, picks=(OWN,))
    _, row, again = dpo.rows(batch)
    assert (row["pair_kind"], again) == ("hindsight", LeftOut("bad-2/bad-3/nearer", SAME_PAIR, row["id"]))


def test_the_answers_of_runs_that_miss_the_goal_are_not_compared():
    far = other(3, a_step(1), answer="No.")
    rows = under_hindsight(failure(), other(2, a_step(1), answer="None."), far)
    assert [row["pair_kind"] for row in rows] == ["hindsight"] * 2


def test_the_same_preference_is_told_once_and_a_task_gives_four_pairs_of_a_kind():
    again = [other(n) for n in range(2, 4)]
    assert len(under_hindsight(failure(), *again)) == 1
    steps = [(a_step(1), a_step(2, "open", "A chair", arguments={"id": f"X-{n}"})) for n in range(12)]
    many = [other(n, *steps[n], label=Label(success=None if n % 2 else False)) for n in range(2, 12)]
    rows = under_hindsight(failure(), *many)
    assert [row["pair_kind"] for row in rows] == ["hindsight"] * 4


@pytest.mark.parametrize(
    ("near", "name"), [(0.0, "easy"), (0.1, "medium"), (0.59, "medium"), (0.6, "hard"), (0.9, "hard")]
)
def test_bands(near, name):
    assert band(near) == name


def test_share_is_that_of_the_quotes_found_anywhere():
    sample = a_pick(claims=(FOUND, DOT, DOT, DOT)).sample
    assert share(sample, failure()) == 0.25
    assert share(sample, other(2)) == 1
    assert share(sample.model_copy(update={"claims": ()}), failure()) == 0
    start = failure(start="Dot lamp, $4", steps=(a_step(1, "open", "", arguments={"deep": ["x", {"id": "L-77"}]}),))
    assert share(sample, start) == 1

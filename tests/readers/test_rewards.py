"""How near a run came to its goal, by the log: a score of what it can be at most, or a checklist."""

import math

import pytest

from agenther.readers.dialogue.tau2 import _label
from agenther.readers.labels.given import How, _at
from agenther.readers.labels.told import label, together


@pytest.mark.parametrize(
    ("record", "reward"),
    [
        pytest.param({}, None, id="nobody says"),
        pytest.param({"success": False}, None, id="a verdict alone"),
        pytest.param({"reward": 3}, None, id="of a most unknown"),
        pytest.param({"reward": -0.5}, None, id="less than nothing"),
        pytest.param({"score": 5, "max_score": 4}, None, id="more than the most"),
        pytest.param({"success": True, "resolved": False, "reward": 0.6}, None, id="contradicting verdicts"),
        pytest.param({"reward": 0}, 0, id="nothing"),
        pytest.param({"reward": 0.7}, 0.7, id="in part"),
        pytest.param({"score": 7, "max_score": 10}, 0.7, id="of a most beside it"),
        pytest.param({"passed": 3, "failed": 1}, 0.75, id="three tests of four"),
        pytest.param({"success": False, "reward": 0.6}, 0.6, id="beside a verdict"),
    ],
)
def test_of_a_record(record, reward):
    told = label(record)
    assert told.reward == reward
    assert told.reward_by == ("" if reward is None else "score")


def test_where_others_have_more_the_most_is_not_known():
    assert [one.reward for one in together([label({"score": n}) for n in (0.5, 1, 7)])] == [None] * 3
    told = [label({"score": n, "max": 10}) for n in (1, 7)]
    assert [one.reward for one in together(told)] == [0.1, 0.7]


@pytest.mark.parametrize(
    ("score", "least", "success", "reward"),
    [
        pytest.param(-1, 0.0, False, None, id="less than nothing"),
        pytest.param(6, 8.0, False, 0.75, id="of what makes a success"),
        pytest.param(0.6, 8.0, False, 0.075, id="little of it"),
        pytest.param(9, 8.0, True, 1, id="more than that"),
        pytest.param(0, 0.0, True, 1, id="nothing is enough"),
    ],
)
def test_where_the_user_says_what_is_a_success(score, least, success, reward):
    told = _at(label({"score": score}), How(success_at=least))
    assert told.success is success
    assert told.reward == reward if reward is None else math.isclose(told.reward, reward)


MET, MISSED = {"met": True}, {"met": False}


@pytest.mark.parametrize(
    ("info", "reward", "by"),
    [
        pytest.param({}, None, "", id="no reward"),
        pytest.param({"reward_basis": 3, "env_assertions": [MET]}, 0, "score", id="no basis"),
        pytest.param({"reward_basis": [["DB"], "NEW"], "env_assertions": [MET]}, 0, "score", id="another basis"),
        pytest.param({"reward_basis": ["DB"], "db_check": {"db_match": "no"}}, 0, "score", id="no answer"),
        pytest.param({"reward_basis": ["COMMUNICATE"], "communicate_checks": None}, 0, "score", id="nothing to check"),
        pytest.param({"reward_basis": ["DB"], "db_check": {"db_match": False}}, 0, "checklist", id="one, missed"),
        pytest.param({"reward_basis": ["ENV_ASSERTION"], "env_assertions": [MET, MET, MISSED]}, 2 / 3, "checklist",
                     id="two of three"),
        pytest.param({"reward_basis": ["ENV_ASSERTION"], "env_assertions": [MISSED], "nl_assertions": [MET]}, 0,
                     "checklist", id="what the reward is not made of"),
        pytest.param({"reward_basis": ["DB", "COMMUNICATE", "DB"], "db_check": {"db_match": True},
                      "communicate_checks": [MISSED]}, 0.5, "checklist", id="of two kinds"),
    ],
)  # fmt: skip
def test_the_checklist_of_tau2(info, reward, by):
    told = _label({**info, "reward": 0.0} if info else info)
    assert (told.reward, told.reward_by) == (reward, by)
    assert told.success is (False if info else None)

"""What a record says of its success."""

from time import perf_counter
from typing import Any

import pytest

from agenther.readers.labels.told import label


@pytest.mark.parametrize(
    ("record", "success", "source", "score"),
    [
        pytest.param({}, None, "none", None, id="nobody says"),
        pytest.param({"success": None, "passed": "maybe", "reward": "much"}, None, "none", None, id="other words"),
        pytest.param({"success": [False], "reward": {}}, None, "none", None, id="other types"),
        pytest.param({"reward": 10**400}, None, "none", None, id="more than a float holds"),
        pytest.param({"reward": float("inf")}, None, "none", None, id="infinite"),
        pytest.param({"finished": True, "status": "success"}, None, "none", None, id="having finished"),
        pytest.param({"success_rate": 1, "tests_passed": 1, "similarity_score": 1}, None, "none", None, id="of more"),
        pytest.param({"info": {".": 1, "a.success": True}}, None, "none", None, id="names with dots within"),
        pytest.param({"label": 1, "grade": 0}, None, "none", None, id="a class, no verdict"),
        pytest.param({"config": {"success": True}}, None, "none", None, id="of something else"),
        pytest.param({"tool_result": {"success": True}}, None, "none", None, id="of one call"),
        pytest.param({"failed": False, "unresolved": 0}, None, "none", None, id="no failure, which may be no success"),
        pytest.param({"reward": 0.7}, None, "reward", 0.7, id="in part"),
        pytest.param({"reward": 3}, None, "reward", 3.0, id="on a scale unknown"),
        pytest.param({"score": 1, "max_score": 10}, None, "score", 1.0, id="little of much"),
        pytest.param({"score": 1, "maxScore": 5}, None, "score", 1.0, id="little of much, in other letters"),
        pytest.param({"score": 1, "total": 5}, None, "score", 1.0, id="of a total"),
        pytest.param({"info": {"score": 1, "max": 5}}, None, "info.score", 1.0, id="of a maximum within"),
        pytest.param({"score": "1", "max": "5"}, None, "score", 1.0, id="of a maximum, as tables have it"),
        pytest.param({"passed": 1, "total": 3}, None, "passed", 1.0, id="one test of three"),
        pytest.param({"passed": 1, "failed": 4}, None, "passed", 1.0, id="four tests failed"),
        pytest.param({"success": 0.5}, None, "success", 0.5, id="half a success"),
        pytest.param(
            {"is_correct": False, "reward": 1}, None, "contradicting: is_correct, reward", None, id="contradicting"
        ),
        pytest.param(
            {"success": True, "info": {"resolved": False}},
            None,
            "contradicting: success, info.resolved",
            None,
            id="within",
        ),
        pytest.param({"reward": 0}, False, "reward", 0.0, id="reward 0"),
        pytest.param({"reward": 1.0}, True, "reward", 1.0, id="reward 1"),
        pytest.param({"score": 10, "score_max": 10}, True, "score", 10.0, id="all of it"),
        pytest.param({"score": 1, "total_score": 1}, True, "score", 1.0, id="a total that is the score"),
        pytest.param({"passed": 3, "total": 3}, True, "passed", 3.0, id="all of three"),
        pytest.param({"passed": 1, "failed": 0}, True, "passed", None, id="none failed"),
        pytest.param(
            {"metadata": {"evaluation": {"success": True}}}, True, "metadata.evaluation.success", None, id="deep within"
        ),
        pytest.param({"reward": "1.0"}, True, "reward", 1.0, id="a number as text"),
        pytest.param({"resolved": 1}, True, "resolved", None, id="1 for true"),
        pytest.param({"success": "False"}, False, "success", None, id="text"),
        pytest.param({"is_correct": None, "resolved": 1}, True, "resolved", None, id="only one tells"),
        pytest.param({"success": True, "reward": 0.7}, True, "success", None, id="a verdict and a part"),
        pytest.param({"reward": 0.0, "success": 0}, False, "success", None, id="a verdict before a score"),
        pytest.param({"label": "PASS"}, True, "label", None, id="a word"),
        pytest.param({"metadata": {"taskSuccess": True}}, True, "metadata.taskSuccess", None, id="metadata"),
        pytest.param({"evaluation": {"success": False}}, False, "evaluation.success", None, id="evaluation"),
        pytest.param({"test_result": {"passed": 0}}, False, "test_result.passed", None, id="a result"),
        pytest.param({"reward_info": {"reward": 0}}, False, "reward_info.reward", 0.0, id="a score within"),
        pytest.param({"final_reward": 1.0}, True, "final_reward", 1.0, id="final"),
        pytest.param({"acc": 1.0}, True, "acc", 1.0, id="accuracy"),
    ],
)
def test_label(record: dict[str, Any], success: bool | None, source: str, score: float | None):
    found = label(record)
    assert (found.success, found.source, found.score) == (success, source, score)


@pytest.mark.parametrize(
    ("record", "names"),
    [
        ({"goal": "x", "steps": [], "success": True}, ()),
        ({"status": "failed", "exit_status": "submitted", "completed": True}, ("status", "exit_status", "completed")),
        ({"scores": {"includes": {"value": "C"}}, "success": True}, ("scores",)),
        ({"score": 3, "max_score": 5, "passed": "PASS"}, ()),
        ({"result": "Booked.", "state": "failed", "failed": True}, ("state", "failed")),
        ({"tool_result": {"success": True, "text": "x"}}, ("tool_result.success",)),
        ({"metadata": {"success_rate": 0.5}, "passed": None}, ("metadata.success_rate",)),
        ({f"score_{n}": n for n in range(99)}, tuple(f"score_{n}" for n in range(8))),
    ],
)
def test_what_looks_like_a_label_and_is_not_understood_is_told(record: dict[str, Any], names: tuple[str, ...]):
    assert label(record).unread == names


@pytest.mark.parametrize("name", ["score_{}", "max_{}", "k{}"])
def test_many_fields_take_no_time(name: str):
    began = perf_counter()
    label({"metrics": {name.format(n): 1 for n in range(20_000)}, "score": 1})
    assert perf_counter() - began < 5, "looking for labels grew with the square of the fields"

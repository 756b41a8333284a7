from typing import Any

import pytest

from agenther.readers import values


@pytest.mark.parametrize(
    ("record", "success", "source", "score"),
    [
        pytest.param({}, None, "none", None, id="nobody says"),
        pytest.param({"success": None, "passed": "yes", "reward": "1"}, None, "none", None, id="values of other types"),
        pytest.param({"success": [False], "reward": True}, None, "none", None, id="still other types"),
        pytest.param({"reward": 10**400}, None, "none", None, id="more than a float holds"),
        pytest.param({"reward": float("inf")}, None, "none", None, id="infinite"),
        pytest.param({"finished": True, "status": "success"}, None, "none", None, id="having finished"),
        pytest.param({"reward": 0.7}, None, "reward", 0.7, id="in part"),
        pytest.param({"reward": 3}, None, "reward", 3.0, id="on a scale unknown"),
        pytest.param({"reward": 0}, False, "reward", 0.0, id="reward 0"),
        pytest.param({"reward": 1.0}, True, "reward", 1.0, id="reward 1"),
        pytest.param({"is_correct": False, "reward": 1}, False, "is_correct", None, id="a verdict before a reward"),
        pytest.param({"resolved": 1}, True, "resolved", None, id="1 for true"),
    ],
)
def test_label(record: dict[str, Any], success: bool | None, source: str, score: float | None):
    label = values.label(record)
    assert (label.success, label.source, label.score) == (success, source, score)


@pytest.mark.parametrize(
    ("value", "name"), [("a", "a"), (7, "7"), (0, "0"), (True, ""), (1.5, ""), (None, ""), ([], "")]
)
def test_name_of(value: Any, name: str):
    assert values.name_of(value) == name


@pytest.mark.parametrize(("value", "held"), [('[{"a": 1}]', [{"a": 1}]), ("[{", None), (None, None), ([1], [1])])
def test_unpacked(value: Any, held: Any):
    assert values.unpacked(value) == held

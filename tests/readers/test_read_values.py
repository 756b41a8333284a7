from typing import Any

import pytest

from agenther.readers import values


@pytest.mark.parametrize(
    ("value", "name"), [("a", "a"), (7, "7"), (0, "0"), (True, ""), (1.5, ""), (None, ""), ([], "")]
)
def test_name_of(value: Any, name: str):
    assert values.name_of(value) == name


@pytest.mark.parametrize(("value", "held"), [('[{"a": 1}]', [{"a": 1}]), ("[{", None), (None, None), ([1], [1])])
def test_unpacked(value: Any, held: Any):
    assert values.unpacked(value) == held

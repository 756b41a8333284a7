"""What is wrong with a call is wrong in every format."""

import pytest
from builders import a_pick, a_step

from agenther.packagers.base import LeftOut, parts_of
from agenther.packagers.table import PACKAGERS

PARTS = {name: part for name, part in parts_of(PACKAGERS).items() if name != "records"}  # nobody trains on it


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        pytest.param(a_step(1, ""), "a call without a name", id="no name"),
        pytest.param(a_step(1, raw="{q: lamp"), "the arguments of a call are no JSON object", id="broken arguments"),
        pytest.param(a_step(1, arguments={"q": [{"n": 2**64}]}), "an integer of more than 64 bits", id="big integer"),
        pytest.param(a_step(1, arguments={"q": [{"n": -(2**63)}]}), "", id="the least integer"),
    ],
)
@pytest.mark.parametrize("name", PARTS)
def test_a_call_that_no_trainer_reads_right(name, step, rule):
    made = list(PARTS[name].rows(a_pick(steps=(step,), relevant_steps=(1,), claims=())))
    rows = [row for row in made if not isinstance(row, LeftOut)]
    assert made == rows
    assert all((rule in PARTS[name].problems(row)) == bool(rule) for row in rows)

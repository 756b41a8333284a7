"""Pairs at the step that made a run fail: what was done there against what a success did after the same acts."""

import json

import pytest
from builders import a_batch, a_step
from folders import content, rows, write_logs
from recovery import ACTS, agenther, kept_run, steps
from two_runs import CLOSING, act, failure, success

from agenther.packagers.base import LeftOut
from agenther.packagers.formats import dpo
from agenther.packagers.pairs.preferences import PAIRS_PER_TASK
from agenther.packagers.table import PACKAGERS


def made(decisive, *runs):
    return list(dpo.rows(a_batch(*runs)._replace(decisive=decisive)))


@pytest.mark.parametrize(
    ("decisive", "kind"),
    [
        pytest.param({}, "success", id="nobody looked for it"),
        pytest.param({"bad-1": 1}, "success", id="before they part"),
        pytest.param({"bad-1": 2}, "decisive", id="where they part"),
        pytest.param({"bad-1": 3}, "success", id="after they part: another state"),
        pytest.param({"bad-1": 9}, "success", id="no step of the run"),
        pytest.param({"good-1": 2}, "success", id="of another run"),
    ],
)
def test_what_a_pair_is_called(decisive, kind):
    (row,) = made(decisive, failure(), success())
    assert dpo.problems(row) == []
    assert (row["pair_kind"], row["band"], row["margin"]) == (kind, "", 1.0)
    assert (row["chosen"], row["rejected"]) == ([act("open", id="L-4")], [act("open", id="L-77")])


def test_the_closing_act_may_be_decisive():
    same = (a_step(1), CLOSING.model_copy(update={"n": 2, "turn": 2}))
    (row,) = made({"bad-1": 2}, success(steps=same), failure(steps=same))
    assert row["pair_kind"] == "decisive"
    assert row["rejected"] == [{"role": "assistant", "content": "I found no lamp under $5."}]


def test_a_decisive_message_with_several_acts():
    bad = (a_step(1), a_step(2, "open", "x", arguments={"id": "A-1"}), a_step(3, "open", "y", turn=2))
    (row,) = made({"bad-1": 3}, success(), failure(steps=bad))
    assert row["pair_kind"] == "decisive"


def test_there_are_as_many_of_each_kind():
    def other(n):
        return failure(n, steps=(a_step(1), a_step(2, "open", "x", arguments={"id": f"A-{n}"})))

    runs = [*(other(n) for n in range(4)), *(success(n) for n in range(2))]
    kinds = [row["pair_kind"] for row in made({"bad-1": 2}, *runs) if not isinstance(row, LeftOut)]
    assert kinds.count("decisive") == 1
    assert kinds.count("success") <= PAIRS_PER_TASK


@pytest.mark.parametrize("folder", ["dpo", "nemo-rl/preference", "llamafactory/ranking"])
def test_in_the_formats_of_pairs(tmp_path, folder):
    name = folder.partition("/")[0]
    assert name in PACKAGERS
    logs = tmp_path / "logs"
    good = [*steps(0)]
    good[len(ACTS) // 2] = {
        "action_name": "order",
        "action_input": {"id": "L-07"},
        "observation": '{"ordered": "L-07"}',
    }
    write_logs(logs, [0], "good.jsonl", steps=good, success=True, failure_reason="", final_answer="It is ordered.")
    kept_run(tmp_path, "--format", name, runs=1)
    found = [one for path in (tmp_path / "out/dataset" / folder).iterdir() for one in rows(path)]
    kinds = {one["pair_kind"]: one for one in found}
    assert "L-07" in json.dumps(kinds["decisive"])
    assert "success" not in kinds
    before = content(tmp_path / "out/dataset")
    assert agenther("package", tmp_path / "out", "--format", name).exit_code == 0
    assert content(tmp_path / "out/dataset") == before

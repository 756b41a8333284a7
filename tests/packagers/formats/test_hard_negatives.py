"""The failure agent's own runs as they were, and how the format stands in a run folder."""

import pytest
from builders import a_batch, a_step
from folders import content, rows, write_logs
from recovery import MISTAKEN, agenther, kept_run, steps
from two_runs import CLOSING, failure, said, success

from agenther.packagers.base import LeftOut
from agenther.packagers.formats import hard_negatives
from agenther.packagers.formats.hard_negatives import HARD_NEGATIVES
from agenther.packagers.pairs import rewards
from agenther.packagers.pairs.refused_goals import LACKS_RESULTS
from agenther.records import SET_ASIDE, Label

NAME = "hard-negatives"
CLONES = HARD_NEGATIVES.parts["failure-agent-sft"]


def cloned(*runs):
    return list(CLONES.pairs(a_batch(*runs)))


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        pytest.param({"label": Label(success=True)}, [], id="a success"),
        pytest.param({"label": Label()}, [rewards.UNKNOWN], id="nobody says that it failed"),
        pytest.param(
            {"label": Label(success=False, reward=1.0, reward_by="score")}, [rewards.MET], id="the reward of one"
        ),
        pytest.param({"flags": (SET_ASIDE,)}, [LACKS_RESULTS], id="lost results"),
        pytest.param({"steps": (CLOSING,), "answer": None}, [hard_negatives.NO_ACT], id="it did nothing"),
    ],
)
def test_what_no_failure_agent_learns(changes, left_out):
    assert cloned(failure(**changes)) == [LeftOut("bad-1", why) for why in left_out]


def test_a_failed_run_as_it_was():
    (row,) = cloned(success(), failure(label=Label(success=False, source="log", reward=0.75, reward_by="checklist")))
    assert CLONES.problems(row) == []
    assert [message["role"] for message in row["messages"]] == [
        "system",
        "user",
        *["assistant", "tool"] * 2,
        "assistant",
    ]
    assert row["messages"][1]["content"] == failure().goal == row["goal_original"]
    assert row["messages"][-1]["content"] == "I found no lamp under $5."
    assert (row["reward"], row["reward_by"], row["band"], row["kind"]) == (0.75, "checklist", "hard", "failure")


def test_a_run_without_an_answer_ends_with_what_it_did_last():
    (row,) = cloned(failure(answer=None))
    assert CLONES.problems(row) == []
    assert row["messages"][-1]["tool_calls"][0]["function"]["name"] == "open"


def test_a_run_whose_goal_the_agent_never_saw_begins_with_what_the_user_said():
    talk = (said(1, "Which colour?", "Red."), a_step(2))
    (row,) = cloned(failure(goal_seen=False, start="I want a lamp.", steps=talk))
    assert CLONES.problems(row) == []
    assert [message["content"] for message in row["messages"][1:4]] == ["I want a lamp.", "Which colour?", "Red."]


def test_what_is_called_a_success_elsewhere_is_not_learned():
    again = success(steps=failure().steps, answer=failure().answer)
    assert cloned(failure(), again) == [LeftOut("bad-1", "a copy of", "good-1")]


def test_copies_are_told_once():
    assert cloned(failure(), failure(2))[1] == LeftOut("bad-2", "a copy of", "bad-1")


def test_in_a_run_folder(tmp_path):
    """An expert's run parts from the failure at its decisive step; made once more it is the same."""
    good = [*steps(0)]
    good[MISTAKEN - 1] = {"action_name": "order", "action_input": {"id": "L-07"}, "observation": "Ordered"}
    logs = tmp_path / "logs"
    write_logs(logs, [0], "good.jsonl", steps=good, success=True, failure_reason="", final_answer="It is ordered.")
    kept_run(tmp_path, runs=1)
    package = ("package", tmp_path / "out", "--format", "hard-negatives", "--experts", "good*")
    assert agenther(*package).exit_code == 0
    out = tmp_path / "out/dataset"
    found = {path.name: [row for file in path.iterdir() for row in rows(file)] for path in (out / NAME).iterdir()}
    assert {name: len(there) for name, there in found.items()} == {"decisive": 1, "failure-agent-sft": 1}
    assert (found["decisive"][0]["pair_kind"], found["decisive"][0]["rejected_reward_by"]) == ("expert", "outcome")
    assert not (out / "kept-goal" / NAME).exists()
    before = content(out)
    assert agenther(*package).exit_code == 0
    assert content(out) == before

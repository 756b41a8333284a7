"""Pairs for co-evolving agents under a task's own goal: first what must never be on a rejected side."""

import pytest
from builders import LIST, PAGE, a_batch, a_step, a_tool
from hypothesis import given, settings
from hypothesis import strategies as st
from two_runs import act, failure, open_dot, said, success

from agenther.packagers.base import LeftOut, parts_of
from agenther.packagers.formats import dpo
from agenther.packagers.pairs import negatives, outcomes, rewards
from agenther.packagers.pairs.tasks import MANY
from agenther.packagers.selection.sameness import SAME_PAIR
from agenther.packagers.table import PACKAGERS
from agenther.records import SET_ASIDE, Label

PARTS = {name.partition("/")[2]: part for name, part in parts_of({"x": PACKAGERS["hard-negatives"]}).items()}


def made(part, *runs, **of_batch):
    return list(PARTS[part].pairs(a_batch(*runs)._replace(**of_batch)))


def bad(reward=None, n=1, by="score", to="A-1", **changes):
    """A failure that opens another lamp, and what it is worth."""
    steps = (a_step(1), a_step(2, "open", PAGE, arguments={"id": to}))
    told = {"reward": reward, "reward_by": by} if reward is not None else {}
    return failure(n, **{"steps": steps, "label": Label(success=False, source="log", **told), **changes})


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        pytest.param([success(), bad(label=Label())], rewards.UNKNOWN, id="nobody says that it failed"),
        pytest.param([success(), bad(label=Label(source="score", score=0.7, reward=0.7, reward_by="score"))],
                     rewards.UNKNOWN, id="a part of success, and nobody says that it failed"),
        pytest.param([success(), bad(1.0)], rewards.MET, id="the reward of a success"),
        pytest.param([success(), bad(1.0, by="checklist")], rewards.MET, id="the whole checklist"),
        pytest.param([success(goal_seen=False), bad(goal_seen=False)], negatives.NO_PROMPT, id="no goal seen"),
        pytest.param([success(flags=(SET_ASIDE,)), bad(flags=(SET_ASIDE,))], negatives.NO_PROMPT, id="lost results"),
        pytest.param([bad()], negatives.NO_BETTER, id="alone"),
        pytest.param([success(task_id="8"), bad()], negatives.NO_BETTER, id="another task"),
        pytest.param([success(goal="Find a lamp."), bad()], negatives.NO_BETTER, id="another goal"),
        pytest.param([success(system="Be brief."), bad()], negatives.NO_BETTER, id="another system prompt"),
        pytest.param([success(tools=(a_tool("search"),)), bad()], negatives.NO_BETTER, id="other tools"),
        pytest.param([success(start="Shop"), bad()], negatives.NO_BETTER, id="another first observation"),
        pytest.param([success(label=Label()), bad()], negatives.NO_BETTER, id="a better run of unknown outcome"),
        pytest.param([success(steps=(a_step(1, observation="[]"), open_dot())), bad()], outcomes.NO_FORK,
                     id="another result before"),
        pytest.param([success(), bad(), success(2, steps=bad().steps, answer=bad().answer)], outcomes.SAME_ACT,
                     id="the same run, labelled a success elsewhere"),
        pytest.param([success(label=Label(success=True, reward=0.5, reward_by="score")), bad(0.5)],
                     negatives.NO_BETTER, id="a success that is worth no more"),
    ],
)  # fmt: skip
def test_never_on_a_rejected_side(runs, reason):
    for part in ("target", "decisive", "failure-agent-dpo"):
        found = made(part, *runs)
        assert all(isinstance(miss, LeftOut) for miss in found)
        if part == "target":
            assert LeftOut("bad-1", reason) in found


def test_a_success_over_a_failure():
    (row,) = made("target", success(), bad(0.75))
    assert dpo.problems(row) == []
    assert (row["chosen"], row["rejected"]) == ([act("open", id="L-4")], [act("open", id="A-1")])
    assert row["prompt"][-1]["content"] == LIST
    told = {name: row[name] for name in negatives.COLUMNS}
    assert told == {
        "id": "good-1/bad-1",
        "group": "task:shop/7",
        "pair_kind": "success",
        "band": "hard",
        "chosen_reward": 1.0,
        "rejected_reward": 0.75,
        "margin": 0.25,
        "lambda_dpo": 0.5,
        "lambda_sft": 0.5,
        "chosen_reward_by": "outcome",
        "rejected_reward_by": "score",
        "chosen_run_id": "good-1",
        "rejected_run_id": "bad-1",
        "source": "openai-chat:shop/runs.jsonl",
        "rejected_source": "openai-chat:shop/runs.jsonl",
        "label_source": "log",
        "shown_by": "label: log",
    }


@pytest.mark.parametrize(
    ("reward", "band"), [(None, "plain"), (0.0, "plain"), (0.59, "plain"), (0.6, "hard"), (0.99, "hard")]
)
def test_bands(reward, band):
    (row,) = made("target", success(), bad(reward))
    assert row["band"] == band
    assert row["rejected_reward_by"] == ("outcome" if reward is None else "score")


def test_an_experts_run_over_a_failure():
    (row,) = made("target", success(), bad(), is_expert=lambda run: run.id == "good-1")
    assert (row["pair_kind"], row["lambda_dpo"], row["lambda_sft"]) == ("expert", 0.5, 0.5)
    failed = bad(n=2, to="A-2")
    rows = made("target", success(), bad(), failed, is_expert=lambda run: run.id == failed.id)
    assert [row["pair_kind"] for row in rows] == ["success"] * 2, "an expert's failure is a failure"


@pytest.mark.parametrize(
    ("others", "kinds"),
    [
        pytest.param([bad(0.2), bad(0.2, 2, to="A-2")], [], id="worth the same"),
        pytest.param([bad(0.2), bad(0.7, 2, by="checklist", to="A-2")], [], id="by other sources"),
        pytest.param([bad(), bad(0.7, 2, to="A-2")], [], id="one by its label alone"),
        pytest.param([bad(0.2), bad(1.0, 2, to="A-2")], [], id="the better one is worth a success"),
        pytest.param([bad(0.2), bad(0.7, 2, to="A-2", label=Label(reward=0.7, reward_by="score"))], [],
                     id="nobody says that the better one failed"),
        pytest.param([bad(0.2), bad(0.7, 2, to="A-2"), bad(0.8, 3, to="A-1", answer="No.")],
                     [("bad-3", "bad-2"), ("bad-3", "bad-1")],
                     id="what a still better one did, too, is wrong only at its answer"),
        pytest.param([bad(0.2), bad(0.7, 2, to="A-2")], [("bad-2", "bad-1")], id="the better one over the other"),
    ],
)  # fmt: skip
def test_of_two_failures_the_one_that_is_worth_more(others, kinds):
    for part in ("target", "failure-agent-dpo"):
        rows = [row for row in made(part, *others) if isinstance(row, dict)]
        assert [(row["chosen_run_id"], row["rejected_run_id"]) for row in rows] == kinds
        assert {(row["pair_kind"], row["lambda_dpo"], row["lambda_sft"]) for row in rows} <= {("failure", 1.0, 0.0)}


def test_what_another_success_did_too_is_not_rejected_but_what_comes_after_it():
    other = success(2, steps=(*bad().steps, a_step(3, "open", "Dot lamp, $4", arguments={"id": "L-4"})))
    (row,) = made("target", success(), bad(), other)
    assert (row["chosen_run_id"], row["rejected"][0]["content"]) == ("good-2", "I found no lamp under $5.")


@pytest.mark.parametrize(
    ("decisive", "part", "other"),
    [
        pytest.param({}, "target", negatives.NOT_DECISIVE, id="nobody looked for it"),
        pytest.param({"bad-1": 1}, "target", negatives.NOT_DECISIVE, id="before they part"),
        pytest.param({"good-1": 2}, "target", negatives.NOT_DECISIVE, id="of another run"),
        pytest.param({"bad-1": 2}, "decisive", negatives.DECISIVE, id="where they part"),
    ],
)
def test_what_parts_at_the_decisive_step_has_a_part_of_its_own(decisive, part, other):
    (row,) = made(part, success(), bad(), decisive=decisive)
    assert (row["pair_kind"], row["rejected_run_id"]) == ("success", "bad-1")
    rest = "target" if part == "decisive" else "decisive"
    assert made(rest, success(), bad(), decisive=decisive) == [LeftOut("bad-1", other)]


def test_the_hardest_first_and_each_failure_is_in_a_pair_or_left_out():
    runs = [success(), *(bad(n / 10, n, to=f"A-{n}") for n in range(1, 6))]
    found = made("target", *runs)
    rows = [row for row in found if isinstance(row, dict) and row["pair_kind"] == "success"]
    assert [row["rejected_reward"] for row in rows] == [0.5, 0.4, 0.3, 0.2]
    assert [miss for miss in found if isinstance(miss, LeftOut)] == [LeftOut("bad-1", MANY)]


def test_what_can_be_on_no_rejected_side_takes_no_place():
    met = [bad(1.0, n, to=f"A-{n}") for n in range(1, 5)]
    found = made("target", success(), *met, bad(0.7, 5, to="A-5"))
    assert [row["rejected_run_id"] for row in found if isinstance(row, dict)] == ["bad-5"]


def test_experts_come_before_other_successes():
    runs = [success(n, answer=f"The Dot lamp costs ${n}.") for n in range(1, 6)]
    rows = made("target", *runs, bad(), is_expert=lambda run: run.id == "good-5")
    assert [row["chosen_run_id"] for row in rows if row["pair_kind"] == "expert"] == ["good-5"]


def test_where_there_are_more_pairs_those_at_the_decisive_step_are_not_lost():
    runs = [bad(n / 10, n, to=f"A-{n}") for n in range(1, 5)]
    better = [success(n, answer=f"The Dot lamp costs ${n}.") for n in (1, 2)]
    found = made("decisive", *better, *runs, decisive={"bad-1": 2})
    assert {row["rejected_run_id"] for row in found if isinstance(row, dict)} == {"bad-1"}


def test_a_few_pairs_show_many_failures():
    better = [success(n, steps=(a_step(1), a_step(2, "open", PAGE, arguments={"id": f"L-{n}"}))) for n in range(1, 5)]
    found = made("target", *better, *(bad(n / 10, n, to=f"A-{n}") for n in range(1, 5)))
    rows = [row for row in found if isinstance(row, dict) and row["pair_kind"] == "success"]
    assert [row["rejected_run_id"] for row in rows] == ["bad-4", "bad-3", "bad-2", "bad-1"]
    assert len({row["chosen_run_id"] for row in rows}) == 4


def test_copies_and_the_same_pair_are_named():
    found = made("target", success(), bad(), bad(n=2), success(3, task_id="8"), bad(n=3, task_id="8"))
    assert found[1:] == [LeftOut("bad-2", "a copy of", "bad-1"), LeftOut("bad-3", SAME_PAIR, "good-1/bad-1")]


def test_dialogues_part_where_the_user_says_the_same():
    asked = said(1, "Which colour?", "Red.")
    (row,) = made("target", success(steps=(asked, a_step(2))), failure(steps=(asked, said(2, "Which size?", "Small."))))
    assert row["rejected"] == [{"role": "assistant", "content": "Which size?"}]


# --- whatever runs there are ----------------------------------------------------------------------

LABELS = st.builds(
    Label,
    success=st.sampled_from([True, False, False, None]),
    reward=st.sampled_from([None, 0.0, 0.3, 0.6, 0.9, 1.0]),
    reward_by=st.sampled_from(["score", "checklist"]),
)
ENDS = st.lists(st.sampled_from(["A-1", "A-2", "L-4"]), max_size=2)


def some(n, label, ends):
    steps = (a_step(1), *(a_step(at, "open", PAGE, arguments={"id": one}) for at, one in enumerate(ends, 2)))
    return failure(n, steps=steps, label=label, answer=f"Told {len(ends)}.")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(LABELS, ENDS), max_size=6), st.sampled_from(["target", "decisive", "failure-agent-dpo"]))
def test_no_success_is_rejected_and_the_chosen_is_worth_more(drawn, part):
    runs = {f"bad-{n}": some(n, *one) for n, one in enumerate(drawn)}
    found = made(part, *runs.values(), decisive={"bad-0": 2})
    rows = [row for row in found if isinstance(row, dict)]
    for row in rows:
        worse, better = runs[row["rejected_run_id"]], runs[row["chosen_run_id"]]
        assert worse.label.success is False
        assert worse.label.reward != 1
        assert row["chosen_reward"] > row["rejected_reward"]
        assert row["margin"] > 0
        assert better.label.success if row["pair_kind"] == "success" else better.label.success is False
        at = len(row["prompt"]) // 2 - 1
        assert not any(run.label.success and did(run, at) == did(worse, at) for run in runs.values())
    paired = {row["rejected_run_id"] for row in rows}
    left = [miss.id for miss in found if isinstance(miss, LeftOut)]
    assert sorted([*paired, *left]) == sorted(run.id for run in runs.values() if not run.label.success)


def did(run, at):
    """What it had done by the act of that number, from 0, the last of which is its answer."""
    return run.steps[: at + 1] if at < len(run.steps) else (*run.steps, run.answer)

"""Near-misses: a negative that the mechanical judge cannot show to fail is none."""

import pytest
from builders import ANSWER, LIST, NEW_GOAL, PAGE, a_batch, a_pick, a_run, a_step
from crews import a_proposal
from hypothesis import given, settings
from hypothesis import strategies as st
from two_runs import act, failure, open_dot, said

from agenther.judges.grounded import proof
from agenther.packagers.base import LeftOut, parts_of
from agenther.packagers.formats import dpo, kto
from agenther.packagers.formats.hard_negatives import NO_RIGHT, SAME_ACT
from agenther.packagers.pairs import near_misses, negatives, outcomes, refused_goals, rewards
from agenther.packagers.pairs.tasks import MANY
from agenther.packagers.selection.sameness import reaches
from agenther.packagers.table import PACKAGERS
from agenther.records import SET_ASIDE, Evidence, Judged, Label

PARTS = {name.partition("/")[2]: part for name, part in parts_of({"x": PACKAGERS["hard-negatives"]}).items()}
FOUND = Evidence(text="the list names L-77", step=1, quote="L-77")
BRASS = Evidence(text="it is a brass desk lamp", step=1, quote="brass desk lamp")
PRICE = Evidence(text="it costs $12.99", step=2, quote="$12.99")
COMMA = PRICE.model_copy(update={"quote": "$12.99,"})
STOCK = Evidence(text="it is in stock", step=2, quote="in stock")
DATED = STOCK.model_copy(update={"text": "it is in stock on 5 March 2024"})
SAID = a_step(3, "respond", None, arguments={"content": "12.99"}, final=True)
CLAIMS = (FOUND, BRASS, PRICE)
OWN = a_pick(run_id="bad-1", claims=CLAIMS)
"""The hindsight goal of `failure()`: it searches, opens L-77 and tells its price."""


def made(part, *runs, picks=(OWN,), **of_batch):
    batch = a_batch(*runs, picks=picks)._replace(**{"refutes": proof, **of_batch})
    found = PARTS[part].pairs(batch)
    return [item for item in found if isinstance(item, LeftOut) or item.get("pair_kind") not in negatives.KINDS]


def rows(part, *runs, **of_batch):
    return [item for item in made(part, *runs, **of_batch) if isinstance(item, dict)]


def other(n=2, *steps, **changes):
    """A failed run of the same task that opens another lamp after the same search, and sees no price of $12.99."""
    return failure(n, **{"steps": steps or (a_step(1), open_dot()), **changes})


NEAR = f"{OWN.sample.id}/bad-2"


# --- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "of_batch", "reason"),
    [
        pytest.param(other(label=Label(success=True)), {}, rewards.SUCCESS, id="labelled a success"),
        pytest.param(other(label=Label()), {}, rewards.UNKNOWN, id="nobody says that it failed"),
        pytest.param(other(label=Label(success=False, reward=1.0, reward_by="score")), {}, rewards.MET,
                     id="a failure with the reward of a success"),
        pytest.param(other(2, a_step(1), a_step(2, "open", PAGE, arguments={"id": "L-4"})), {}, near_misses.MEETS,
                     id="it meets all claims"),
        pytest.param(other(), {"reached": {reaches("bad-2", NEW_GOAL)}}, near_misses.DEMONSTRATES,
                     id="it demonstrates the goal by other claims"),
        pytest.param(other(), {"picks": (a_pick(run_id="bad-1", claims=(FOUND, BRASS, STOCK)),)}, near_misses.NOT_SHOWN,
                     id="words alone, which others may stand for"),
        pytest.param(other(2, a_step(1), a_step(2, "open", "now 12.99 USD", arguments={"id": "L-4"})), {},
                     near_misses.NOT_SHOWN, id="the price in other words"),
        pytest.param(other(2, a_step(1), a_step(2, "open", "Dot lamp", arguments={"id": "L-4", "to": "$12.99 "})),
                     {"picks": (a_pick(run_id="bad-1", claims=(FOUND, BRASS, COMMA)),)},
                     near_misses.NOT_SHOWN, id="the price in what it did"),
        pytest.param(other(), {"picks": (a_pick(run_id="bad-1", claims=(FOUND, BRASS, DATED)),)}, near_misses.NOT_SHOWN,
                     id="a date in the claim, which its own run does not show"),
        pytest.param(other(answer="It costs $12.99."), {}, near_misses.NOT_SHOWN, id="it told the price all the same"),
        pytest.param(other(2, a_step(1), open_dot(), SAID),
                     {}, near_misses.NOT_SHOWN, id="it said the price to the user"),
        pytest.param(other(2, a_step(1), a_step(2, "open", "Sold out", arguments={"id": "L-77"})), {},
                     near_misses.DRIFTED, id="the same act, of which something else came"),
        pytest.param(other(), {"refutes": lambda *_: None}, near_misses.NOT_SHOWN, id="nobody proves anything"),
        pytest.param(other(2, a_step(1, observation=f"{LIST} "), open_dot()), {}, near_misses.NO_FORK,
                     id="another result before they part"),
    ],
)  # fmt: skip
def test_a_run_that_is_not_shown_to_miss_the_goal(run, of_batch, reason):
    for part in ("near-miss-dpo", "near-miss-kto"):
        assert made(part, failure(), run, **of_batch) == [LeftOut(NEAR, reason)]


def opens(n, lamp, page="A lamp", *more, **changes):
    return other(n, a_step(1), a_step(2, "open", page, arguments={"id": lamp}), *more, **changes)


@pytest.mark.parametrize(
    ("runs", "reached"),
    [
        pytest.param([opens(n, f"Z-{n}") for n in (3, 4, 5, 6)], {}, id="after four others"),
        pytest.param([], {reaches("bad-9", NEW_GOAL)}, id="by claims of its own"),
    ],
)
def test_what_a_run_that_meets_the_goal_did_too_is_not_rejected(runs, reached):
    page = "It is 12.99 USD" if reached else PAGE
    meets = other(9, a_step(1), open_dot(), a_step(3, "open", page, arguments={"id": "L-77"}))
    found = made("near-miss-dpo", failure(), other(), *runs, meets, reached=reached)
    assert LeftOut(NEAR, outcomes.SAME_ACT) in found
    assert "bad-2" not in {item["rejected_run_id"] for item in found if isinstance(item, dict)}


def test_the_nearest_runs_are_taken_and_each_run_is_told_of():
    far = [other(n, a_step(1, arguments={"q": str(n)}, observation="brass desk lamp")) for n in range(3, 7)]
    found = made("near-miss-dpo", failure(), *far, other())
    assert [row["rejected_run_id"] for row in found if isinstance(row, dict)] == ["bad-2"]
    left = {item.id: item.rule for item in found if isinstance(item, LeftOut)}
    assert left == {f"{OWN.sample.id}/bad-6": MANY}


def test_a_run_that_misses_one_claim():
    (row,) = rows("near-miss-dpo", failure(), other())
    assert dpo.problems(row) == []
    assert row["prompt"][1] == {"role": "user", "content": NEW_GOAL}
    assert (row["chosen"], row["rejected"]) == ([act("open", id="L-77")], [act("open", id="L-4")])
    assert (row["pair_kind"], row["band"], row["lambda_dpo"], row["lambda_sft"]) == ("near-miss", "hard", 0.5, 0.5)
    assert (row["chosen_reward"], row["rejected_reward"], row["rejected_reward_by"]) == (1.0, 0.666667, "claims")
    assert row["shown_by"] == "grounded, invented: “$12.99” in the answer was never observed"
    assert (row["label_source"], row["rejected_run_id"]) == ("hindsight", "bad-2")
    assert "reasoning_content" not in str(row), "the other run thought of another goal"


def test_what_the_goal_can_do_without_is_part_of_the_prompt_and_never_rejected():
    """The search serves no goal that names the lamp; both runs did it."""
    (row,) = rows(
        "near-miss-dpo", failure(), other(), picks=(a_pick(run_id="bad-1", relevant_steps=(2,), claims=CLAIMS),)
    )
    assert [message["role"] for message in row["prompt"]] == ["system", "user", "assistant", "tool"]
    assert (row["chosen"], row["rejected"]) == ([act("open", id="L-77")], [act("open", id="L-4")])


def test_it_is_both_a_desirable_decision_and_one_that_is_not():
    good, wrong = rows("near-miss-kto", failure(), other())
    assert kto.problems(good) == kto.problems(wrong) == []
    assert (good["label"], wrong["label"]) == (True, False)
    assert (good["pair_id"], wrong["pair_id"]) == (NEAR, NEAR)
    assert good["prompt"] == wrong["prompt"]
    assert good["tools"] == wrong["tools"]
    assert (good["reward"], wrong["reward"], wrong["band"], wrong["kind"]) == (1.0, 0.666667, "hard", "near-miss")


def test_a_right_act_is_a_row_once_however_many_missed_it():
    found = made("near-miss-kto", failure(), other(), opens(3, "A-1"))
    assert [item["id"][-1] for item in found if isinstance(item, dict)] == ["+", "-", "-"]
    assert [item for item in found if isinstance(item, LeftOut)] == [
        LeftOut(f"{OWN.sample.id}/bad-3+", SAME_ACT, f"{NEAR}+")
    ]


def test_what_misses_more_than_one_claim_is_a_pair_of_the_target():
    far = other(2, a_step(1, arguments={"q": "brass desk lamp", "page": 2}, observation="brass desk lamp 2"))
    (row,) = rows("target", failure(), far)
    assert (row["pair_kind"], row["band"], row["rejected_reward"]) == ("hindsight", "plain", 0.333333)
    assert made("near-miss-dpo", failure(), far) == []
    assert rows("target", failure(), other()) == [], "and what misses one is not"


# --- goals ---------------------------------------------------------------------------------------


def judged(*proposals, accepted=False):
    return lambda: iter([Judged(proposal=one, accepted=accepted) for one in proposals])


def wrong(run_id="bad-1", **changes):
    """A proposal whose answer tells what was never seen."""
    return a_proposal(run_id=run_id, **{"claims": CLAIMS, "answer": "It costs $14.50.", **changes})


def opened(n, lamp):
    return a_step(n, "open", PAGE, arguments={"id": lamp})


@pytest.mark.parametrize(
    ("run", "proposal", "reason"),
    [
        pytest.param(failure(label=Label(success=True)), wrong(), rewards.SUCCESS, id="of a success"),
        pytest.param(failure(label=Label()), wrong(), rewards.UNKNOWN, id="nobody says that it failed"),
        pytest.param(failure(label=Label(success=False, reward=1.0, reward_by="score")), wrong(), rewards.MET,
                     id="of the reward of a success"),
        pytest.param(failure(steps=(a_step(1), said(2, "Which?", "Red."))), wrong(), refused_goals.DIALOGUE, id="talk"),
        pytest.param(failure(flags=(SET_ASIDE,)), wrong(), refused_goals.LACKS_RESULTS, id="lost results"),
        pytest.param(failure(), wrong(answer=ANSWER), near_misses.NOT_SHOWN, id="only a model said no"),
        pytest.param(failure(), wrong(claims=(FOUND, DOT := Evidence(text="a", step=2, quote="Dot lamp"))),
                     near_misses.NOT_SHOWN, id="a quote that is not there: the proposal is wrong, not the run"),
        pytest.param(failure(answer="It costs $14.50."), wrong(), near_misses.NOT_SHOWN, id="the agent told it"),
        pytest.param(failure(system="No lamp is more than $14.50."), wrong(), near_misses.NOT_SHOWN,
                     id="the system prompt tells it"),
        pytest.param(failure(steps=(a_step(1), a_step(2, "open", PAGE, thought="With postage $14.50."))), wrong(),
                     near_misses.NOT_SHOWN, id="the agent thought of it"),
        pytest.param(failure(), wrong(claims=()), near_misses.NOT_SHOWN, id="no claim"),
        pytest.param(failure(), wrong(answer=" "), near_misses.NOT_SHOWN, id="no answer"),
        pytest.param(failure(), wrong(answer=ANSWER, end_step=9), near_misses.NOT_SHOWN, id="beyond the run"),
        pytest.param(failure(), wrong(goal="Go from L-77 to L-77.", answer=ANSWER), near_misses.NOT_SHOWN,
                     id="a goal that is badly put"),
        pytest.param(failure(), wrong(goal="Tell me whether L-77, at $12.99, is a brass desk lamp.", answer="Yes."),
                     near_misses.NOT_SHOWN, id="a goal that gives its answer away"),
        pytest.param(failure(), wrong(goal="Find the brass desk lamp of the Orbit kind for Kim.", answer=ANSWER),
                     near_misses.NOT_SHOWN, id="a name, which is a doubt"),
        pytest.param(
            failure(steps=(a_step(1), opened(2, "L-99"), opened(3, "L-77"))),
            wrong(goal="Open L-99 and tell me its price.", claims=(PRICE.model_copy(update={"step": 3}),),
                  end_step=3, relevant_steps=(1, 3), answer=ANSWER),
            near_misses.NOT_SHOWN, id="what the steps that it names did not do, and others did"),
    ],
)  # fmt: skip
def test_a_goal_that_is_not_shown_to_be_missed(run, proposal, reason):
    for part in ("near-miss-dpo", "near-miss-kto"):
        assert made(part, run, picks=(), refused=judged(proposal)) == [LeftOut("bad-1.refused.1", reason)]


@pytest.mark.parametrize(
    ("proposal", "rule"),
    [
        pytest.param(wrong(), "invented: “$14.50” in the answer", id="an answer from nowhere"),
        pytest.param(wrong(goal="Find lamp L-99 and tell me its price.", answer=ANSWER), "invented: “l-99” in the",
                     id="a goal with something from nowhere"),
        pytest.param(wrong(goal="Find five brass desk lamps and tell me their prices.", answer=ANSWER), "counts",
                     id="more than was shown"),
    ],
)  # fmt: skip
def test_a_goal_that_its_run_is_shown_to_miss(proposal, rule):
    (row,) = rows("near-miss-kto", failure(), picks=(), refused=judged(proposal))
    assert kto.problems(row) == []
    assert row["prompt"][1]["content"] == proposal.goal
    assert row["completion"] == [{"role": "assistant", "content": proposal.answer}]
    assert (row["label"], row["kind"], row["band"], row["reward"]) == (False, "near-miss-goal", "hard", 0.75)
    assert rule in row["shown_by"]
    assert made("near-miss-dpo", failure(), picks=(), refused=judged(proposal)) == [LeftOut(row["pair_id"], NO_RIGHT)]


def test_where_the_run_reached_the_goal_by_another_answer_the_two_are_a_pair():
    (row,) = rows("near-miss-dpo", failure(), refused=judged(wrong()))
    assert dpo.problems(row) == []
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (ANSWER, "It costs $14.50.")
    assert (row["id"], row["chosen_run_id"], row["rejected_run_id"]) == ("bad-1.refused.1", "bad-1", "bad-1")
    again = judged(wrong(answer="It has the price $12.99."))
    assert made("near-miss-dpo", failure(), refused=again) == [LeftOut("bad-1.refused.1", refused_goals.ACCEPTED)]


def test_a_goal_that_was_reached_and_is_not_packed_is_no_miss():
    reached = {reaches("bad-1", NEW_GOAL)}
    found = made("near-miss-kto", failure(), picks=(), reached=reached, refused=judged(wrong()))
    assert found == [LeftOut("bad-1.refused.1", refused_goals.ACCEPTED)]


def test_no_goal_is_on_two_sides_of_the_split():
    theirs = a_run(id="r2", task_id="8", goal="Find lamp L-99 and tell me its price.")
    ours = judged(wrong(goal=theirs.goal, answer=ANSWER))
    found = made("near-miss-kto", failure(), theirs, picks=(), refused=ours)
    assert found == [LeftOut("bad-1.refused.1", refused_goals.OTHER_TASK)]


def test_each_refused_proposal_is_told_once():
    found = made("near-miss-kto", failure(), picks=(), refused=judged(wrong(), wrong(), wrong(answer="It is $3.25.")))
    ids = [item.id if isinstance(item, LeftOut) else item["pair_id"] for item in found]
    assert ids == [f"bad-1.refused.{n}" for n in (1, 2, 3)]
    assert found[1].rule == refused_goals.AGAIN


def test_copies_of_a_run_tell_a_refused_goal_once():
    refused = judged(wrong(), wrong("bad-2"))
    row, miss = made("near-miss-kto", failure(), failure(2), picks=(), refused=refused)
    assert miss == LeftOut("bad-2.refused.1-", SAME_ACT, row["id"])


# --- whatever runs there are ----------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([True, False, None]), st.sampled_from(["L-77", "L-4", "L-9"])), max_size=5),
    st.sampled_from(["near-miss-dpo", "near-miss-kto", "target"]),
)
def test_no_success_is_rejected_nor_what_meets_the_goal(drawn, part):
    pages = {"L-77": PAGE, "L-4": "Dot lamp, $4", "L-9": "Nib lamp, $12.99"}
    runs = {
        f"bad-{n}": other(
            n, a_step(1), a_step(2, "open", pages[to], arguments={"id": to}), label=Label(success=success)
        )
        for n, (success, to) in enumerate(drawn, 2)
    }
    found = made(part, failure(), *runs.values(), refused=judged(wrong()))
    for row in (row for row in found if isinstance(row, dict)):
        run_id = row.get("rejected_run_id", row.get("run_id"))
        if row.get("label", False) or run_id == "bad-1":
            continue
        assert runs[run_id].label.success is False
        assert rewards.reward(runs[run_id], OWN.sample).value < 1
        assert "$12.99" not in runs[run_id].observation(2)

"""Dialogues as demonstrations, refusals first: a loan is renewed rightly, and then a hold is placed wrongly."""

import asyncio
import json

import pytest
from crews import a_diagnosis, a_verdict
from llm.asking import shown
from llm.lamp import YES
from objections import is_said, objections
from renewal import BY_CALL, DONE, GOAL, OPENING, RUN, SHOWN, proposed

from agenther.judges.grounded import grounded
from agenther.judges.model import ModelJudge
from agenther.llm.clients.scripted import in_order
from agenther.pipeline.demonstration import sample
from agenther.pipeline.gate import judge
from agenther.probe.measure import proposal as of_sample
from agenther.prompt import load
from agenther.records import Evidence, Judged
from agenther.settings import Settings


def with_step(n, **changes):
    steps = tuple(step.model_copy(update=changes) if step.n == n else step for step in RUN.steps)
    return RUN.model_copy(update={"steps": steps})


def to(end):
    return {"end_step": end, "relevant_steps": list(range(1, end + 1))}


# --- the mechanical judge ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "changes", "rule"),
    [
        pytest.param(RUN.model_copy(update={"start": None}), {}, "dialogue", id="nobody wrote down how it began"),
        pytest.param(with_step(3, answered_by="user"), {}, "dialogue", id="a result and the user's words in one"),
        pytest.param(RUN, {"relevant_steps": [1, 2, 3, 5]}, "dialogue", id="its last message went wrong"),
        pytest.param(RUN, {**to(5), "answer": "It is due on 2025-04-19."}, "invented", id="an end at a call, made up"),
        pytest.param(RUN, {**to(5), "answer": "You owe 12.75 EUR."}, "invented", id="a number that nobody saw"),
        pytest.param(RUN, {"hindsight_goal": "Renew loan L-9103."}, "invented", id="an id that nobody said or saw"),
        pytest.param(
            RUN, {"hindsight_goal": "Renew Salt and Cedar and pay my 14.5 EUR."}, "invented", id="nor such a number"
        ),
        pytest.param(
            RUN, {"claims": [{"text": "renewed", "step": 6, "quote": "now due"}]}, "errors", id="words of the agent"
        ),
        pytest.param(
            RUN, {"claims": [{"text": "wanted", "step": 6, "quote": "Yes"}]}, "evidence", id="words of the user alone"
        ),
        pytest.param(
            RUN,
            {"claims": [*GOAL["claims"], {"text": "a hold", "step": 8, "quote": "H-612"}]},
            "shape",
            id="what comes after its end",
        ),
        pytest.param(with_step(1, observation="Why?"), {"claims": SHOWN}, "untold", id="a card from nowhere"),
        pytest.param(RUN, to(9), "unasked", id="a change that the goal knows nothing of"),
        pytest.param(RUN, {}, None, id="(an end at a message)"),
        pytest.param(RUN, BY_CALL, None, id="(an end at a call)"),
        pytest.param(
            RUN,
            {"hindsight_goal": f"{GOAL['hindsight_goal']} It is 2025-04-03."},
            None,
            id="(it tells what came of it)",
        ),
    ],
)
def test_a_rule_refuses(run, changes, rule):
    found = objections(run, proposed(run, **changes))
    assert is_said(rule, found), found


def test_the_last_words_are_the_agents_own():
    other = proposed().model_copy(update={"answer": "It is now due on 2025-04-03."})
    assert objections(RUN, other) == ("dialogue",)


def test_what_the_user_says_need_not_stand_in_the_goal_that_is_kept():
    goal = {"hindsight_goal": "Renew the loan of Salt and Cedar, and tell me the new date on which it is due."}
    goal["claims"] = SHOWN
    assert objections(RUN, proposed(**goal)) == ()
    assert "untold" in objections(RUN, proposed(kept=False, **BY_CALL, **goal))


# --- the model judge -----------------------------------------------------------------------------


def asked(run=RUN, **changes):
    """What the judge is shown behind the run, and of the run."""
    one = proposed(run, **changes)
    prompt = shown(lambda model: ModelJudge(model, load())(run, one), YES).messages[1].content
    return prompt.split("</run>")


def test_a_judge_sees_how_it_began_what_bound_the_agent_and_how_it_was_taken():
    steps, question = asked(relevant_steps=[1, 2, 4, 5, 6])
    assert OPENING in question
    assert RUN.system in question
    assert DONE in question
    assert "all its other turns are: 3." in question
    assert 'from="user">Yes, please.<' in steps
    assert "put a hold on North by Lantern for me" in steps
    assert "H-612" not in steps


@pytest.mark.parametrize("kept", [True, False])
def test_what_only_the_player_of_the_user_knew_is_shown_to_no_judge(kept):
    assert "You only say where to pick it up when you are asked" in RUN.goal
    assert "when you are asked" not in "".join(asked(kept=kept))


def test_the_failed_request_is_shown_as_the_users_first_words_where_he_said_it():
    run = RUN.model_copy(update={"goal": OPENING, "goal_seen": True, "start": None})
    assert f"<opening>\n{OPENING}\n</opening>" in asked(run)[1]
    assert OPENING not in asked(run, kept=False)[1]


def test_a_judge_of_a_folded_dialogue_is_not_told_the_rules():
    assert "Library desk policy" not in "".join(asked(kept=False))


def said(text, quote="", *, supported=True):
    return {"claims": [{"text": text, "supported": supported, "step": 5, "quote": quote}]}


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        pytest.param({"is_valid": False, "confidence": 0, "rejection_reason": "no yes before it"}, False, id="no"),
        pytest.param(said("it was right to renew it", supported=False), False, id="a change that was not right"),
        pytest.param(said("it was right to renew it", "two yeses"), False, id="by a rule that is none"),
        pytest.param(said("it was right to renew it", "an explicit yes"), True, id="(by a rule)"),
        pytest.param({}, True, id="(consent)"),
    ],
)
def test_a_turn_that_breaks_the_rules_is_refused(answer, accepted):
    judges = {"grounded": grounded, "j": ModelJudge(in_order([json.dumps(YES | answer)], "j"), load())}
    assert asyncio.run(judge(RUN, proposed(), judges, Settings())).accepted is accepted


# --- the demonstration ---------------------------------------------------------------------------


def made(run=RUN, **changes):
    accepted = Judged(proposal=proposed(run, **changes), verdicts=(a_verdict(),), accepted=True)
    return sample(run, a_diagnosis(run.id), accepted, 1)


@pytest.mark.parametrize(
    ("changes", "steps", "answer", "source"),
    [
        pytest.param({}, (1, 2, 3, 4, 5), DONE, "log", id="ends with a message"),
        pytest.param(BY_CALL, (1, 2, 3, 4, 5), BY_CALL["answer"], "grounded", id="ends with a call"),
        pytest.param(to(4), (1, 2, 3), RUN.steps[3].says, "log", id="the user's next words are cut off"),
        pytest.param(to(9), tuple(range(1, 9)), RUN.answer, "log", id="ends where the run does"),
        pytest.param({"kept": False}, (2, 3, 5), "", "grounded", id="folded: no turn of the user's"),
    ],
)
def test_it_ends_with_the_agent(changes, steps, answer, source):
    one = made(**changes)
    assert tuple(step.n for step in one.steps) == steps == one.relevant_steps
    assert (one.answer, one.answer_source) == (answer, source)
    assert (one.opening, one.start) == (OPENING if changes.get("kept", True) else None, None)


def test_what_the_user_saw_and_said_first_are_told_apart():
    run = RUN.model_copy(update={"goal": OPENING, "goal_seen": True, "start": "The desk is open."})
    assert (made(run).opening, made(run).start) == (OPENING, "The desk is open.")


def test_what_the_user_said_beside_a_result_stays_until_the_end():
    hurry = {"note": "Be quick, please.", "note_by": "user"}
    for n, kept in ((3, True), (5, False)):
        step = made(with_step(n, **hurry), **BY_CALL).steps[n - 1]
        assert (step.note, step.note_by) == ((hurry["note"], "user") if kept else (None, "environment"))


def test_what_the_user_said_beside_a_result_is_told():
    other = with_step(5, action=RUN.steps[4].action.model_copy(update={"arguments": {"loan": "L-7777"}}))
    told = other.steps[2].model_copy(update={"note": "No, L-7777 it is.", "note_by": "user"})
    run = other.model_copy(update={"steps": (*other.steps[:2], told, *other.steps[3:])})
    assert ["untold" in objections(one, proposed(one)) for one in (other, run)] == [True, False]


@pytest.mark.parametrize("changes", [{}, BY_CALL])
def test_a_sample_tells_which_proposal_it_was(changes):
    one, again = proposed(**changes), of_sample(made(**changes), RUN)
    names = ("end_step", "relevant_steps", "answer", "as_dialogue", "claims")
    assert [getattr(again, name) for name in names] == [getattr(one, name) for name in names]
    assert objections(RUN, again) == ()


def test_a_turn_that_asks_for_what_the_goal_says_serves_no_folded_goal():
    assert proposed(kept=False).relevant_steps == (2, 3, 5)
    assert proposed().relevant_steps == (1, 2, 3, 4, 5, 6)


def test_a_claim_of_what_the_user_said_is_found():
    assert proposed().claims[0] == Evidence(text="the card is R-5518", step=1, quote="R-5518")

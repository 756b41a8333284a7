"""Every gate of Algorithm 1, refusals first."""

import asyncio

import pytest
from builders import NEW_GOAL, a_run, a_step
from crews import Cast, a_proposal, a_verdict, claimed

from agenther.errors import AnswerError
from agenther.pipeline import process
from agenther.records import SET_ASIDE, Ending, Label, Reason
from agenther.settings import Settings

YES = a_verdict()
SURE_NO = a_verdict(valid=False, confidence=1, reason="made up")
UNSURE_YES = a_verdict(confidence=0.49)


def ending(cast, rules=None, **changes):
    return asyncio.run(process(a_run(**changes), cast.crew, rules or Settings()))


@pytest.mark.parametrize(
    ("cast", "stage", "reason", "asked"),
    [
        pytest.param(Cast({"is_failure": False}), "classify", Reason.SUCCESS, 1, id="a success is passed by"),
        pytest.param(Cast({"is_failure": None}), "classify", Reason.NOT_KNOWN_TO_FAIL, 1, id="nobody knows"),
        pytest.param(Cast({"recoverable": False}), "classify", Reason.IRRECOVERABLE, 1, id="nothing to salvage"),
        pytest.param(
            Cast(attempts=((a_proposal(severity=0.71),),)), "relabel", Reason.LOW_WEIGHT, None, id="just under delta"
        ),
        pytest.param(Cast(achieved=()), "extract", Reason.NOTHING_ACHIEVED, 2, id="nothing achieved"),
        pytest.param(Cast(attempts=((),)), "relabel", Reason.NO_GOAL_PROPOSED, 3, id="no goal"),
        pytest.param(
            Cast(attempts=((a_proposal(valid=False, confidence=1),),)),
            "relabel",
            Reason.NO_GOAL_PROPOSED,
            None,
            id="the proposer itself does not hold it to be valid",
        ),
        pytest.param(
            Cast(attempts=((a_proposal(confidence=0.49),),)),
            "relabel",
            Reason.LOW_CONFIDENCE,
            None,
            id="confidence just under theta",
        ),
        pytest.param(
            Cast(verdicts=((a_verdict(False, 0, rule="quotes"),), ())),
            "relabel",
            Reason.REFUSED,
            None,
            id="the mechanical judge refuses",
        ),
        pytest.param(
            Cast(verdicts=((), (SURE_NO,))), "relabel", Reason.REFUSED, None, id="is_valid=false, confidence=1"
        ),
        pytest.param(Cast(verdicts=((), (UNSURE_YES,))), "relabel", Reason.REFUSED, None, id="valid, but hardly"),
        pytest.param(
            Cast(verdicts=((), (a_verdict(False, 0),))),
            "relabel",
            Reason.REFUSED,
            None,
            id="is_valid=false, confidence=0",
        ),
        pytest.param(
            Cast(verdicts=((), (), (SURE_NO,))), "relabel", Reason.REFUSED, None, id="only the last judge refuses"
        ),
        pytest.param(
            Cast(verdicts=((), (AnswerError("judge", "no JSON", "Sure!"),))),
            "relabel",
            Reason.BAD_ANSWER,
            None,
            id="a judge without an answer",
        ),
    ],
)
def test_no_sample(cast, stage, reason, asked):
    result = ending(cast)
    assert result.samples == ()
    assert (result.rejection.stage, result.rejection.reason) == (stage, reason)
    assert result.rejection.run_id == result.run_id == a_run().id
    assert result.rejection.detail
    assert not any(judged.accepted for judged in result.judged)
    if asked:
        assert len(cast.asked) == asked, "later stages are not asked"


def test_a_run_without_steps_is_not_even_classified():
    cast = Cast()
    result = ending(cast, steps=(), ending=Ending.CRASHED)
    assert result.rejection.reason is Reason.NO_STEPS
    assert cast.asked == []


@pytest.mark.parametrize(
    ("diagnosis", "rules"),
    [
        pytest.param({"weight": 0.3}, Settings(delta_on="run"), id="weight at delta"),
        pytest.param({"weight": 0.1}, Settings(), id="a wild ending that is cut away"),
        pytest.param({"weight": 0}, Settings(delta=0), id="delta 0 drops nothing"),
        pytest.param({"is_failure": None}, Settings(assume_failed=True), id="assumed failed"),
        pytest.param({"severity": 1}, Settings(), id="severity is no weight"),
    ],
)
def test_kept_by_the_screen(diagnosis, rules):
    assert len(ending(Cast(diagnosis), rules).samples) == 1


def test_assume_failed_does_not_turn_a_success_into_a_failure():
    assert ending(Cast({"is_failure": False}), Settings(assume_failed=True)).rejection.reason is Reason.SUCCESS


@pytest.mark.parametrize(("assumed", "samples"), [(True, 1), (False, 0)])
def test_what_a_model_holds_for_a_success_is_unknown_all_the_same(assumed, samples):
    result = ending(Cast({"is_failure": False}), Settings(assume_failed=assumed), label=Label())
    assert len(result.samples) == samples


@pytest.mark.parametrize("confidence", [0.5, 1])
def test_theta_itself_is_enough_for_proposer_and_judge(confidence):
    proposal = a_proposal(confidence=confidence)
    result = ending(Cast(attempts=((proposal,),), verdicts=((), (a_verdict(confidence=confidence),))))
    assert [sample.goal for sample in result.samples] == [NEW_GOAL]


def test_the_first_refusal_ends_it():
    cast = Cast(attempts=((NEW_GOAL,), ()), verdicts=((SURE_NO,), (YES,)))
    ending(cast)
    assert [line for line in cast.asked if line.startswith("judge")] == [f"judge 0: {NEW_GOAL}"]


def test_a_refused_goal_that_is_proposed_again_is_not_judged_again():
    again = NEW_GOAL.upper().rstrip(".") + "!"
    cast = Cast(attempts=((NEW_GOAL,), (NEW_GOAL.upper(), "Find L-77."), (again,)), verdicts=((SURE_NO,),))
    result = ending(cast)
    judged = [line for line in cast.asked if line.startswith("judge")]
    assert judged == [f"judge 0: {NEW_GOAL}", "judge 0: Find L-77."]
    assert [one.proposal.goal for one in result.judged] == [NEW_GOAL, "Find L-77."]


def test_a_refusal_stays_when_the_judge_would_have_changed_its_mind():
    cast = Cast(attempts=((NEW_GOAL,),), verdicts=((SURE_NO, YES),))
    assert ending(cast).samples == ()


def test_attempts_end_when_one_is_accepted():
    cast = Cast(attempts=(("Fly.",), (NEW_GOAL,), ("Swim.",)), verdicts=((SURE_NO, YES),))
    result = ending(cast)
    assert [line for line in cast.asked if line.startswith("relabel")] == ["relabel 1 after 0", "relabel 2 after 1"]
    assert [one.accepted for one in result.judged] == [False, True]
    assert result.rejection is None


@pytest.mark.parametrize("attempts", [1, 3])
def test_no_more_attempts_than_allowed(attempts):
    cast = Cast(attempts=(("a",), ("b",), ("c",), ("d",)), verdicts=((SURE_NO,),))
    ending(cast, Settings(attempts=attempts))
    assert len([line for line in cast.asked if line.startswith("relabel")]) == attempts


def test_all_goals_that_hold_or_only_the_first():
    def cast():
        return Cast(attempts=(("Fly.", "Find L-77.", "Open L-77."),), verdicts=((SURE_NO, YES),))

    everything = ending(cast())
    assert [sample.goal for sample in everything.samples] == ["Find L-77.", "Open L-77."]
    assert [sample.id for sample in everything.samples] == [f"{a_run().id}.1", f"{a_run().id}.2"]
    first = cast()
    assert [sample.goal for sample in ending(first, Settings(goals=1)).samples] == ["Find L-77."]
    assert "judge 0: Open L-77." not in first.asked, "what cannot be taken is not paid for"


def test_the_reason_is_that_of_the_proposal_that_came_furthest():
    far = a_verdict(False, 1, judge="second", reason="not shown")
    cast = Cast(attempts=(("a", "b"),), verdicts=((SURE_NO, YES), (far,)))
    assert ending(cast, Settings(attempts=1)).rejection.detail == "second: not shown"


def test_confidence_is_the_mean_of_the_judges():
    checked = a_verdict(confidence=0.9, judge="grounded")
    cast = Cast(verdicts=((checked,), (a_verdict(confidence=0.6),)))
    assert ending(cast).samples[0].confidence == pytest.approx(0.75)


def test_nothing_is_accepted_that_nobody_judged():
    assert ending(Cast(verdicts=())).samples == ()


def test_a_sample_ends_where_its_goal_is_met():
    later = a_step(4, "open", "something else")
    result = ending(Cast(), steps=(*a_run().steps[:2], a_step(3, "respond", "No!", answered_by="user"), later))
    assert [step.n for step in result.samples[0].steps] == [1, 2]
    long = Cast(attempts=((a_proposal(end_step=4, relevant_steps=(1, 2, 3, 4)),),))
    result = ending(long, steps=(*a_run().steps[:2], a_step(3, "respond", "No!", answered_by="user"), later))
    assert [step.n for step in result.samples[0].steps] == [1, 2, 4], "the user speaks only once"
    assert result.samples[0].relevant_steps == (1, 2, 4)


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        pytest.param({"turn": 2}, [True, False], id="a call of the same turn is cut off"),
        pytest.param({"turn": 2, "final": True}, [True, False], id="the closing act is of the same turn"),
        pytest.param({"turn": 3}, [True, True], id="the turn ends with the demonstration"),
    ],
)
def test_the_thought_of_a_turn_that_is_cut_goes(last, kept):
    steps = (*a_run().steps[:2], a_step(3, "open", "something else", **last))
    (sample,) = ending(Cast(), steps=steps).samples
    assert [bool(step.thought) for step in sample.steps] == kept


@pytest.mark.parametrize(("flags", "kept"), [((), [1, 2, 3]), ((SET_ASIDE,), [1, 3])])
def test_a_call_whose_result_was_set_aside_is_not_shown_without_one(flags, kept):
    first, second = a_run().steps[:2]
    steps = (first, a_step(2, "open", None, turn=1), second.model_copy(update={"n": 3, "turn": 3}))
    cast = Cast(attempts=((a_proposal(end_step=3, relevant_steps=(1, 2, 3)),),))
    (sample,) = ending(cast, steps=steps, flags=flags).samples
    assert [step.n for step in sample.steps] == kept
    assert sample.relevant_steps == tuple(kept)
    assert bool(sample.steps[0].thought) == (not flags), "its thought may speak of the call that is not there"


@pytest.mark.parametrize(
    ("rules", "severity", "weight"),
    [
        pytest.param(Settings(), 0.25, 0.75, id="of the demonstration"),
        pytest.param(Settings(delta_on="run"), 0.9, 0.4, id="of the whole run"),
    ],
)
def test_weight_and_severity_are_of_what_is_weighed(rules, severity, weight):
    cast = Cast({"severity": 0.9, "weight": 0.4}, attempts=((a_proposal(severity=0.25),),))
    (sample,) = ending(cast, rules).samples
    assert (sample.severity, sample.weight) == (severity, weight)


@pytest.mark.parametrize(
    ("observations", "weight"),
    [
        pytest.param(["Error: no", "Error: no", "Error: no", "$12.99"], 0.4, id="most of it fails"),
        pytest.param(["found it", "$12.99"], 1.0, id="all of it is sound"),
        pytest.param(
            ["found it", "$12.99", "Error: no", "Error: no"], 1.0, id="what comes after its end is nothing to it"
        ),
    ],
)
def test_what_nobody_weighed_is_weighed_by_its_kept_steps(observations, weight):
    end = observations.index("$12.99") + 1
    claim = claimed("x").model_copy(update={"step": end})
    steps = tuple(a_step(n, f"look_{n}", seen) for n, seen in enumerate(observations, 1))
    cast = Cast(attempts=((a_proposal(end_step=end, relevant_steps=(end,), claims=(claim,)),),))
    (sample,) = ending(cast, steps=steps).samples
    assert sample.weight == weight


@pytest.mark.parametrize(("kept", "reason"), [(False, Reason.DIALOGUE), (True, Reason.REFUSED)])
def test_the_users_turns_are_named_as_the_reason_where_they_are_gone(kept, reason):
    turns = (*a_run().steps[:2], a_step(3, "respond", "No!", answered_by="user"))
    cast = Cast(attempts=((a_proposal(as_dialogue=kept),),), verdicts=((a_verdict(False, 0, rule="untold"),),))
    assert ending(cast, steps=turns).rejection.reason is reason


@pytest.mark.parametrize(
    ("others", "judged"),
    [
        pytest.param([{"goal": f" {NEW_GOAL.upper()}!!"}], 1, id="the same words up to the same end"),
        pytest.param([{"goal": NEW_GOAL, "end_step": 1, "relevant_steps": (1,)}], 2, id="up to another end"),
        pytest.param([{"goal": "What does the brass lamp cost?"}], 1, id="the same claims up to the same end"),
        pytest.param([{"goal": "What does it cost?", "claims": (claimed("it"),)}], 2, id="other claims"),
    ],
)
def test_what_says_the_same_is_judged_once(others, judged):
    cast = Cast(attempts=((a_proposal(), *(a_proposal(**one) for one in others)),))
    ending(cast)
    assert len([line for line in cast.asked if line.startswith("judge")]) == judged


def test_a_goal_that_was_mended_may_keep_its_claims():
    mended = a_proposal("Tell me the price of the lamp.")
    cast = Cast(attempts=((a_proposal(),), (mended,)), verdicts=((SURE_NO, YES),))
    assert [sample.goal for sample in ending(cast).samples] == [mended.goal]

"""What a model says, and what we then believe; what it is shown, and what it is not."""

import asyncio
import json

import pytest
from asking import A_PROPOSAL, shown
from builders import a_run, a_step

from agenther.errors import AnswerError
from agenther.llm.answers import TRIES
from agenther.llm.clients.scripted import in_order
from agenther.prompt import load
from agenther.records import Diagnosis, Evidence, FailureType, Judged, Label, Outcome, Proposal, Verdict
from agenther.rendering.runs import render_run
from agenther.stages.by_model import ByModel

PROMPTS = load()
UNLABELLED = a_run(label=Label())
DIAGNOSIS = {
    "is_failure": True,
    "failure_type": "constraint_violation",
    "severity": "minor",
    "severity_weight": 0.75,
    "recoverable": True,
    "decisive_step": 2,
    "explanation": "The lamp costs too much.",
}
GOAL = {
    "hindsight_goal": "How much is the Orbit brass desk lamp?",
    "is_valid": True,
    "confidence": 0.9,
    "rationale": "The page shows it.",
    "end_step": 2,
    "relevant_steps": [2, 1],
    "answer": "It costs $12.99.",
    "claims": [{"text": "the price", "step": 2, "quote": "$12.99"}],
}
BELIEVED = Diagnosis(run_id="r", is_failure=True, explanation="It asked for too little.", decisive_step=2)
NOTHING = Outcome(run_id="r")
GIVEN = (BELIEVED, NOTHING, 1, ())


def stages(answer: object) -> ByModel:
    return ByModel(in_order([json.dumps(answer)]), PROMPTS)


def classified(run=UNLABELLED, **changes) -> Diagnosis:
    return asyncio.run(stages(DIAGNOSIS | changes).classify(run))


def extracted(run=UNLABELLED, **answer) -> Outcome:
    said = {"achievements": [], "key_observations": []} | answer
    return asyncio.run(stages(said).extract(run, BELIEVED))


def relabeled(run=UNLABELLED, attempt: int = 1, **changes) -> Proposal:
    [found] = asyncio.run(stages({"goals": [GOAL | changes]}).relabel(run, BELIEVED, NOTHING, attempt, ()))
    return found


# --- classify ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("success", "said", "believed"),
    [
        pytest.param(None, True, True, id="nobody else knows: the model says failed"),
        pytest.param(None, False, False, id="nobody else knows: the model says done"),
        pytest.param(False, False, True, id="the log says failed, whatever the model says"),
        pytest.param(False, True, True, id="both say failed"),
    ],
)
def test_a_label_beats_an_opinion(success, said, believed):
    assert classified(a_run(label=Label(success=success, source="reward")), is_failure=said).is_failure is believed


def test_a_known_success_is_not_put_to_the_model():
    run = a_run(label=Label(success=True, source="reward"))
    found = asyncio.run(ByModel(in_order([]), PROMPTS).classify(run))
    assert found.is_failure is False
    assert "reward" in found.explanation


@pytest.mark.parametrize(
    ("severity", "believed"), [("none", 0), ("minor", 0.4), ("major", 0.8), (0.65, 0.65), ("0.65", 0.65)]
)
def test_severity_is_one_thing_and_weight_another(severity, believed):
    found = classified(severity=severity, severity_weight=0.2)
    assert (found.severity, found.weight) == (believed, 0.2)


@pytest.mark.parametrize(("said", "believed"), [(None, None), (0, None), (4, None), (-1, None), (1, 1), (3, 3)])
def test_a_decisive_step_is_a_step_of_the_run(said, believed):
    assert classified(decisive_step=said).decisive_step == believed


def test_a_diagnosis_names_its_author():
    found = classified()
    assert (found.by, found.run_id, found.failure_type) == ("scripted", UNLABELLED.id, FailureType.CONSTRAINT_VIOLATION)


@pytest.mark.parametrize(("label", "told"), [(Label(success=False, source="reward"), True), (Label(), False)])
def test_a_known_failure_is_told(label: Label, told: bool):
    request = shown(lambda model: ByModel(model, PROMPTS).classify(a_run(label=label)), DIAGNOSIS)
    assert ("says so in: reward" in request.messages[1].content) is told
    assert request.temperature == 0


# --- extract -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "quote"),
    [
        pytest.param(2, "$13.99", id="not in the log"),
        pytest.param(1, "$12.99", id="in another step"),
        pytest.param(2, "Orbit … $12.99", id="joined with dots"),
        pytest.param(2, "", id="empty"),
        pytest.param(9, "$12.99", id="no such step"),
        pytest.param(-1, "$12.99", id="no step at all"),
        pytest.param(2, "ORBIT BRASS", id="in other letters"),
    ],
)
@pytest.mark.parametrize("field", ["achievements", "key_observations"])
def test_evidence_that_the_log_does_not_bear_out_is_dropped(field: str, step: int, quote: str):
    found = extracted(**{field: [{"text": "the price", "step": step, "quote": quote}]})
    assert getattr(found, field) == ()


@pytest.mark.parametrize("field", ["achievements", "key_observations"])
def test_what_came_back_for_a_call_that_failed_is_no_evidence(field: str):
    first, second, *_ = UNLABELLED.steps
    run = a_run(steps=(first, second.model_copy(update={"error": "is_error: true"})))
    assert getattr(extracted(run, **{field: [{"text": "the price", "step": 2, "quote": "$12.99"}]}), field) == ()


def test_evidence_that_the_log_bears_out_is_kept():
    found = extracted(achievements=[{"text": "the price", "step": 2, "quote": "$12.99"}])
    assert found.achievements == (Evidence(text="the price", step=2, quote="$12.99"),)


@pytest.mark.parametrize(
    ("observation", "arguments", "quote"),
    [
        pytest.param("see <step n='1'> here", {}, "see ‹step n='1'>", id="a tag as the prompt shows it"),
        pytest.param(r"C:\new <step> here", {}, r"C:\new ‹step>", id="a tag beside a backslash"),
        pytest.param("see ‹step> here", {}, "see ‹step>", id="such a spelling in the log itself"),
        pytest.param("", {"q": 'the "big" one'}, r"the \"big\" one", id="an argument with the escapes of JSON"),
        pytest.param("", {"q": "</run> it's"}, "‹/run> it's", id="a tag in an argument"),
        pytest.param(r"C:\new", {}, r"C:\new", id="a backslash of the log's own"),
    ],
)
def test_a_quote_is_found_as_the_prompt_showed_it(observation, arguments, quote):
    run = a_run(steps=(a_step(1, observation=observation, arguments=arguments),))
    assert quote in render_run(run)
    [found] = extracted(run, achievements=[{"text": "x", "step": 1, "quote": quote}]).achievements
    assert found.quote in observation or found.quote in arguments.values()


# --- relabel -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"end_step": 9}, "end_step 9 is no step", id="after the run"),
        pytest.param({"end_step": 0}, "end_step 0 is no step", id="before the run"),
        pytest.param({"end_step": -1}, "end_step -1 is no step", id="nonsense"),
        pytest.param({"relevant_steps": []}, "no step up to 2", id="no step serves it"),
        pytest.param({"relevant_steps": [3]}, "no step up to 2", id="only a step after its end serves it"),
        pytest.param({"answer": " "}, "no answer", id="no answer"),
        pytest.param({"is_valid": False}, "The page shows it", id="its own maker does not hold it valid"),
    ],
)
def test_a_goal_that_cannot_stand(change, words):
    found = relabeled(**change)
    assert not found.valid
    assert words in found.rationale


def test_a_goal_that_can():
    found = relabeled()
    assert found.valid
    assert (found.goal, found.end_step, found.relevant_steps) == (GOAL["hindsight_goal"], 2, (1, 2))
    assert found.claims == (Evidence(text="the price", step=2, quote="$12.99"),)
    assert (found.confidence, found.attempt, found.by) == (0.9, 1, "scripted")


def test_steps_after_the_end_do_not_serve_the_goal():
    assert relabeled(relevant_steps=[3, 2, 2, 0]).relevant_steps == (2,)


def test_a_claim_that_is_not_in_the_log_is_left_to_the_judges():
    claims = [{"text": "the price", "step": 7, "quote": "$1"}]
    assert relabeled(claims=claims).claims == (Evidence(text="the price", step=7, quote="$1"),)


@pytest.mark.parametrize(
    ("answer", "source"),
    [("I found no lamp under $5.", "log"), (" I found no lamp under $5.\n", "log"), ("$12.99", "grounded")],
)
def test_where_an_answer_comes_from(answer, source):
    assert relabeled(answer=answer).answer_source == source


def test_no_goal_is_no_proposal():
    said = stages({"goals": [GOAL | {"hindsight_goal": "  ", "is_valid": False}]})
    assert asyncio.run(said.relabel(UNLABELLED, BELIEVED, NOTHING, 1, ())) == ()


@pytest.mark.parametrize(("attempt", "temperature"), [(1, 0.3), (2, 0.7), (3, 0.7)])
def test_the_first_attempt_is_careful(attempt: int, temperature: float):
    request = shown(
        lambda model: ByModel(model, PROMPTS).relabel(UNLABELLED, BELIEVED, NOTHING, attempt, ()), {"goals": []}
    )
    assert request.temperature == temperature


REFUSALS = [
    pytest.param(
        {"verdicts": (Verdict(judge="j", valid=False, confidence=1, reason="no price"),)}, "no price", id="judge"
    ),
    pytest.param({"verdicts": (Verdict(judge="j", valid=True, confidence=0.2),)}, "not sure enough", id="unsure judge"),
    pytest.param(
        {"change": {"valid": False, "rationale": "no such step"}, "why": "no such step"}, "no such step", id="not valid"
    ),
    pytest.param(
        {"change": {"confidence": 0.1}, "why": "confidence 0.10 < 0.50"}, "confidence 0.10", id="unsure proposer"
    ),
]


@pytest.mark.parametrize(("refusal", "words"), REFUSALS)
def test_another_attempt_is_told_what_was_refused_and_why(refusal, words):
    before = A_PROPOSAL.model_copy(update={"goal": "Buy <step> the lamp."} | refusal.get("change", {}))
    refused = Judged(proposal=before, verdicts=refusal.get("verdicts", ()), accepted=False, why=refusal.get("why", ""))
    passed = Judged(proposal=A_PROPOSAL.model_copy(update={"goal": "Was accepted."}), accepted=True)
    request = shown(
        lambda model: ByModel(model, PROMPTS).relabel(UNLABELLED, BELIEVED, NOTHING, 2, (refused, passed)),
        {"goals": []},
    )
    question = request.messages[1].content.split("</run>")[1]
    assert "Buy ‹step> the lamp." in question
    assert words in question
    assert "Was accepted." not in question


def test_a_dialogue_is_told_apart():
    turns = (a_step(1, "respond", "A brass one.", arguments={"content": "Which?"}, answered_by="user"),)
    folded, kept, work = (
        shown(lambda model, run=run, fold=fold: ByModel(model, PROMPTS, fold).relabel(run, *GIVEN), {"goals": []})
        for run, fold in ((a_run(steps=turns), True), (a_run(steps=turns), False), (a_run(), False))
    )
    said = [asked.messages[1].content for asked in (folded, kept, work)]
    assert ["everything that the user told" in text for text in said] == [True, False, False]
    assert ["The run is a conversation" in text for text in said] == [False, True, False]
    assert ["You are a shop assistant." in text for text in said] == [False, True, False]


def test_nonsense_is_an_error_with_the_raw_answer():
    said = ["Sure!"] * (TRIES - 1)
    with pytest.raises(AnswerError) as error:
        asyncio.run(ByModel(in_order([*said, "Sorry?"]), PROMPTS).classify(UNLABELLED))
    assert error.value.raw == "Sorry?"

"""What counts as an answer, what does not, and what the model is told when it is asked again."""

import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agenther.errors import AnswerError
from agenther.llm.answers import TRIES, ask, request, understood
from agenther.llm.clients.scripted import Scripted, in_order
from agenther.llm.model import Completion, Request, Usage
from agenther.llm.schemas import SaidDiagnosis, SaidGoals, SaidOutcome, SaidVerdict, schema

VERDICT = {"is_valid": True, "confidence": 0.9, "rejection_reason": "", "claims": []}
OTHER = VERDICT | {"confidence": 0.8}
GOOD = json.dumps(VERDICT)
TWICE = GOOD[:-1] + ', "is_valid": false}'
DIAGNOSIS = {
    "is_failure": True,
    "failure_type": "incomplete",
    "severity": "minor",
    "severity_weight": 0.6,
    "recoverable": True,
    "decisive_step": 2,
    "explanation": "It stopped.",
}
GOAL = {
    "hindsight_goal": "Find the lamp.",
    "is_valid": True,
    "confidence": 0.9,
    "rationale": "It did.",
    "end_step": 1,
    "relevant_steps": [1],
    "answer": "Here it is.",
    "claims": [{"text": "found", "step": 1, "quote": "lamp"}],
}

REFUSED = [
    pytest.param(Completion(GOOD, "length"), "cut off", id="cut, though it looks whole"),
    pytest.param(Completion(GOOD[:-1], "length"), "cut off", id="cut"),
    pytest.param(Completion(GOOD[:-1]), "no JSON object", id="cut, and the endpoint does not say so"),
    pytest.param(
        Completion('{"is_valid": true, "confidence": 0.9, "claims": [' + GOOD[:-9]), "no JSON", id="cut inside"
    ),
    pytest.param(Completion("", "content_filter"), "content filter", id="filtered"),
    pytest.param(Completion("I can't help.", "refusal"), "refused", id="refusal"),
    pytest.param(Completion("", "context_length"), "too long for the model", id="prompt too long"),
    pytest.param(Completion(""), "empty", id="empty"),
    pytest.param(Completion(" \n"), "empty", id="blank"),
    pytest.param(Completion("It is valid, I think."), "no JSON object", id="prose"),
    pytest.param(Completion("{is_valid: true}"), "confidence: Field required", id="not quite JSON, and not whole"),
    pytest.param(Completion(GOOD[:-1] + ", "), "no JSON object", id="a comma, and cut after it"),
    pytest.param(Completion(GOOD.replace("true", "True")[:-1]), "no JSON object", id="Python, and cut"),
    pytest.param(Completion(json.dumps(GOAL)[:-1]), "the object is not", id="cut, with an object in it"),
    pytest.param(Completion(TWICE), "says is_valid twice", id="contradicts itself"),
    pytest.param(Completion(TWICE[:-1] + ",}"), "says is_valid twice", id="contradicts itself, with a comma too many"),
    pytest.param(Completion(TWICE.replace('"', "'")), "no JSON object", id="contradicts itself, and is Python"),
    pytest.param(Completion(f"Here: {TWICE}"), "says is_valid twice", id="contradicts itself in prose"),
    pytest.param(
        Completion(json.dumps({"a": VERDICT, "b": OTHER})), "is_valid: Field required", id="two in one wrapper"
    ),
    pytest.param(Completion(f"{GOOD[:-1]},}}\n{json.dumps(OTHER)[:-1]},}}"), "no JSON object", id="two, to be mended"),
    pytest.param(Completion(f"[THINK]Say {GOOD}[/THINK]No."), "no JSON object", id="only in Mistral's thoughts"),
    pytest.param(Completion("null"), "no JSON object", id="null"),
    pytest.param(Completion(f"[{GOOD[:-1]}"), "no JSON object", id="an open list"),
    pytest.param(Completion(json.dumps([1, 2])), "no JSON object", id="a list of numbers"),
    pytest.param(Completion("{}"), "is_valid: Field required", id="no keys"),
    pytest.param(Completion(GOOD.replace("0.9", "8")), "confidence", id="confidence above 1 is not bent to 1"),
    pytest.param(Completion(GOOD.replace("0.9", "-0.1")), "confidence", id="confidence below 0"),
    pytest.param(Completion(GOOD.replace("0.9", "NaN")), "confidence", id="confidence that is no number"),
    pytest.param(Completion(GOOD.replace("0.9", '"high"')), "confidence", id="confidence in words"),
    pytest.param(Completion(GOOD.replace("true", "2")), "is_valid", id="neither true nor false"),
    pytest.param(Completion(GOOD.replace('""', r'"\ud800"')), "rejection_reason", id="half a surrogate pair"),
    pytest.param(Completion(f"{GOOD}\nor rather\n{json.dumps(OTHER)}"), "several", id="two minds"),
    pytest.param(Completion(f"<think>Say {GOOD}"), "no JSON object", id="thinking that never ends"),
    pytest.param(Completion(f"<think>Say {GOOD}</think>No."), "no JSON object", id="only in its thoughts"),
]


@pytest.mark.parametrize(("said", "why"), REFUSED)
def test_no_answer(said: Completion, why: str):
    assert why in str(understood(said, SaidVerdict))
    assert isinstance(understood(said, SaidVerdict), str)


UNDERSTOOD = [
    pytest.param(GOOD, id="plain"),
    pytest.param(f"\n{json.dumps(VERDICT, indent=2)}\n", id="laid out"),
    pytest.param(f"```json\n{GOOD}\n```", id="in a fence"),
    pytest.param(f"Here is my verdict:\n```\n{GOOD}\n```\nI hope that {{this}} helps.", id="in a fence and prose"),
    pytest.param(f"My verdict is {GOOD}.", id="in prose"),
    pytest.param(f"<think>Is it {json.dumps(OTHER)}? No.</think>\n{GOOD}", id="after its thoughts"),
    pytest.param(f"Is it {json.dumps(OTHER)}? No.</think>\n{GOOD}", id="thoughts whose beginning was dropped"),
    pytest.param(f"{GOOD}\n\n{GOOD}", id="the same twice"),
    pytest.param(f'{{"note": "not this"}}\n{GOOD}', id="after another object"),
    pytest.param(GOOD.replace("0.9", '"0.9"'), id="a number as text"),
    pytest.param(GOOD.replace('""', "null").replace("[]", "null"), id="null for nothing"),
    pytest.param(GOOD.replace("{", '{"note": "more", ', 1), id="a key too many"),
    pytest.param(GOOD[:-1] + ', "is_valid": true}', id="a key twice, with the same value"),
    pytest.param(GOOD[:-1] + ",\n}", id="a comma too many"),
    pytest.param(GOOD.replace("[]", "[ /* none, } */ ], // {done}\n") + " ", id="comments"),
    pytest.param("{'is_valid': True, 'confidence': 0.9, 'rejection_reason': None, 'claims': []}", id="Python"),
    pytest.param('{is_valid: true, confidence: .9, rejection_reason: "", claims: []}', id="JavaScript"),
    pytest.param(GOOD.replace(', "confidence"', '\n"confidence"'), id="a comma too few"),
    pytest.param(f"```json\n{GOOD[:-1]},}}\n```", id="a comma too many in a fence"),
    pytest.param(f"[THINK]Is it {json.dumps(OTHER)}?[/THINK]{GOOD}", id="after Mistral's thoughts"),
    pytest.param(f"<seed:think>{json.dumps(OTHER)}</seed:think>{GOOD}", id="after Seed's thoughts"),
    pytest.param(
        f"<|channel|>analysis<|message|>{OTHER}<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}<|return|>",
        id="after the thoughts of gpt-oss",
    ),
    pytest.param(json.dumps({"answer": VERDICT}), id="in a wrapper"),
    pytest.param(
        json.dumps({"type": "object", "properties": {"judge": VERDICT}}), id="in wrappers, as a schema has it"
    ),
    pytest.param(json.dumps([VERDICT]), id="in a list"),
    pytest.param(json.dumps(GOOD), id="as a JSON string"),
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_an_answer(text: str):
    assert understood(Completion(text), SaidVerdict) == SaidVerdict.model_validate(VERDICT)


def test_a_quote_may_hold_what_looks_like_a_fence_or_thoughts():
    said = VERDICT | {"rejection_reason": 'It says "</think>" and ```{"a": 1}```.'}
    found = understood(Completion(json.dumps(said)), SaidVerdict)
    assert isinstance(found, SaidVerdict)
    assert found.rejection_reason == said["rejection_reason"]


QUOTES = [
    pytest.param('"first line\nsecond\tline"', "first line\nsecond\tline", id="raw line breaks"),
    pytest.param('"a // no comment, [1,], /* nor this */"', "a // no comment, [1,], /* nor this */", id="no comments"),
    pytest.param('"he said "no" to it"', 'he said "no" to it', id="quotes that are not escaped"),
    pytest.param(r'"in C:\qux"', r"in C:\qux", id="an escape that is none"),
]


@pytest.mark.parametrize(("written", "meant"), QUOTES)
def test_what_is_mended_is_said_letter_by_letter(written: str, meant: str):
    found = understood(Completion(GOOD[:-1].replace('""', written) + ",}"), SaidVerdict)
    assert isinstance(found, SaidVerdict)
    assert found.rejection_reason == meant


@pytest.mark.parametrize("severity", [0, 0.4, 1, "0.4", "minor"])
def test_severity_in_words_or_numbers(severity):
    found = understood(Completion(json.dumps(DIAGNOSIS | {"severity": severity})), SaidDiagnosis)
    assert isinstance(found, SaidDiagnosis)


@pytest.mark.parametrize(
    "change", [{"severity": "awful"}, {"severity": 3}, {"failure_type": "bad luck"}, {"decisive_step": 1.5}]
)
def test_a_diagnosis_that_is_none(change):
    assert isinstance(understood(Completion(json.dumps(DIAGNOSIS | change)), SaidDiagnosis), str)


@given(st.text() | st.text('{}[]":,\\<think>/ a1', max_size=60))
def test_any_text_is_an_answer_or_a_reason(text: str):
    assert isinstance(understood(Completion(text), SaidVerdict), SaidVerdict | str)


@pytest.mark.parametrize("text", ["{" * 100_000, '{"a":' * 100_000, "[" * 100_000, '{"' * 50_000, "<think>" * 50_000])
def test_hostile_text_takes_no_time_and_no_stack(text: str):
    assert isinstance(understood(Completion(text), SaidVerdict), str)


# --- asking --------------------------------------------------------------------------------------

REQUEST = request("judge", ("Be strict.", "Is it so?"), SaidVerdict)


def test_a_good_answer_is_asked_for_once():
    found, raw = asyncio.run(ask(in_order([f"So: {GOOD}"]), REQUEST, SaidVerdict))
    assert found.confidence == 0.9
    assert raw == f"So: {GOOD}"


def test_a_bad_answer_is_asked_for_again_with_what_was_wrong():
    asked: list[Request] = []
    answers = iter([GOOD.replace("0.9", "9"), GOOD])

    def answer(request: Request) -> str:
        asked.append(request)
        return next(answers)

    found, _ = asyncio.run(ask(Scripted(answer), REQUEST, SaidVerdict))
    assert found.is_valid
    first, again = asked
    assert again.messages[:2] == first.messages
    assert [message.role for message in again.messages[2:]] == ["assistant", "user"]
    assert "confidence" in again.messages[3].content
    assert (again.schema, again.temperature) == (first.schema, first.temperature)


@pytest.mark.parametrize(("given", "asked"), [(0, [0, 0, 0.7, 0.7, 0.7, 0.7]), (0.9, [0.9] * 6)])
def test_from_the_third_try_on_it_is_asked_with_some_temperature(given, asked):
    heat: list[float] = []

    def answer(request: Request) -> str:
        heat.append(request.temperature)
        return "Well."

    with pytest.raises(AnswerError):
        asyncio.run(ask(Scripted(answer), replace(REQUEST, temperature=given), SaidVerdict))
    assert heat == asked


def test_the_endpoints_own_words_tell_why_a_prompt_is_not_taken():
    refused = Completion("the endpoint refuses the request: 1024 tokens at most", "context_length")
    with pytest.raises(AnswerError, match="judge: scripted: the endpoint refuses the request: 1024 tokens at most"):
        asyncio.run(ask(in_order([refused]), REQUEST, SaidVerdict))


def test_an_empty_answer_is_not_quoted_back():
    asked: list[int] = []

    def answer(request: Request) -> str:
        asked.append(len(request.messages))
        return "" if len(asked) == 1 else GOOD

    asyncio.run(ask(Scripted(answer), REQUEST, SaidVerdict))
    assert asked == [2, 3]


def test_nonsense_again_and_again_is_an_error_that_keeps_the_last_answer():
    with pytest.raises(AnswerError, match="no JSON object") as error:
        asyncio.run(ask(in_order([*["What?"] * (TRIES - 1), "Why?", GOOD]), REQUEST, SaidVerdict))
    assert error.value.raw == "Why?"
    assert asyncio.run(ask(in_order([*["What?"] * (TRIES - 1), GOOD]), REQUEST, SaidVerdict))[0].is_valid
    assert str(error.value).startswith("judge: ")


def test_an_answer_that_comes_to_its_limit_with_nothing_said_is_asked_for_twice():
    mute = Completion("", "length", Usage(90, 0, 4096))
    with pytest.raises(AnswerError, match="came to its limit with nothing said, twice: 4,096 tokens"):
        asyncio.run(ask(in_order([mute, mute, GOOD]), REQUEST, SaidVerdict))
    assert asyncio.run(ask(in_order([mute, GOOD]), REQUEST, SaidVerdict))[0].is_valid


def test_an_answer_that_the_endpoint_itself_finds_wrong_is_read_or_asked_for_again():
    found, _ = asyncio.run(ask(in_order([Completion(GOOD[:-1] + ",}", "invalid")]), REQUEST, SaidVerdict))
    assert found.is_valid
    asked: list[str] = []

    def answer(request: Request) -> Completion:
        asked.append(request.messages[-1].content)
        return Completion(GOOD) if request.again else Completion("", "invalid")

    asyncio.run(ask(Scripted(answer), REQUEST, SaidVerdict))
    assert "the endpoint found the answer not to be as asked for" in asked[1]


def test_a_prompt_that_is_too_long_is_not_sent_again():
    with pytest.raises(AnswerError, match="too long for the model"):
        asyncio.run(ask(in_order([Completion("", "context_length"), GOOD]), REQUEST, SaidVerdict))


# --- schemas -------------------------------------------------------------------------------------

EVIDENCE = {"text", "step", "quote"}
KEYS = [
    pytest.param(
        SaidDiagnosis,
        {
            "": {
                *("is_failure", "failure_type", "severity", "severity_weight"),
                *("recoverable", "decisive_step", "explanation"),
            }
        },
        id="classify",
    ),
    pytest.param(
        SaidOutcome,
        {"": {"achievements", "key_observations"}, ".achievements": EVIDENCE, ".key_observations": EVIDENCE},
        id="extract",
    ),
    pytest.param(
        SaidGoals,
        {
            "": {"goals"},
            ".goals": {
                *("hindsight_goal", "is_valid", "confidence", "rationale", "end_step"),
                *("severity", "relevant_steps", "answer", "claims"),
            },
            ".goals.claims": EVIDENCE,
        },
        id="relabel",
    ),
    pytest.param(
        SaidVerdict,
        {
            "": {"is_valid", "confidence", "rejection_reason", "claims", "points"},
            ".claims": {"text", "supported", "step", "quote"},
            ".points": {"n", "settled", "reason"},
        },
        id="judge",
    ),
]


def objects(node: dict, path: str = ""):
    """(path, schema) of every object in a schema."""
    if node.get("type") == "object":
        yield path, node
        for name, part in node["properties"].items():
            yield from objects(part, f"{path}.{name}")
    if "items" in node:
        yield from objects(node["items"], path)


@pytest.mark.parametrize(("shape", "keys"), KEYS)
def test_the_schema_asks_for_exactly_these_keys(shape: type[BaseModel], keys: dict[str, set[str]]):
    body = schema("any", shape).body
    found = dict(objects(dict(body)))
    assert {path: set(node["properties"]) for path, node in found.items()} == keys
    for node in found.values():
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False
    words = json.dumps(body)
    assert not [word for word in ("$ref", "$defs", "minimum", "maximum", "default", "title") if f'"{word}"' in words]


def test_severity_is_asked_for_in_words():
    fields = schema("classify", SaidDiagnosis).body["properties"]
    assert fields["severity"] == {"type": "string", "enum": ["none", "minor", "major"]}
    assert {"type": "null"} in fields["failure_type"]["anyOf"]
    assert fields["severity_weight"] == {"type": "number"}


def test_a_relabel_answer():
    found = understood(Completion(json.dumps({"goals": [GOAL, GOAL | {"end_step": "3"}]})), SaidGoals)
    assert isinstance(found, SaidGoals)
    assert [goal.end_step for goal in found.goals] == [1, 3]

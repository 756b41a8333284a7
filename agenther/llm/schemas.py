"""What a model is asked to say, stage by stage. What we then believe are the types of `agenther.records`.

Read leniently where nothing can be mistaken ("0.8" for 0.8, null for an empty text, keys too many), strictly
where it could: a confidence of 8 is wrong and asked again, never bent to 1.
"""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from agenther.llm.model import Schema
from agenther.records import FailureType, Party


def _none_as(empty: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: empty if value is None else value)


def _writable(text: str) -> str:
    """The text, if UTF-8 can hold it. JSON can spell halves of surrogate pairs, which no file takes."""
    text.encode()  # raises UnicodeEncodeError, a ValueError, and so is a fault of the answer
    return text


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Written = Annotated[str, _none_as(""), AfterValidator(_writable)]
Text = Annotated[Written, Field(json_schema_extra={"maxLength": 500})]
Long = Annotated[Written, Field(json_schema_extra={"maxLength": 1_800})]
"""Bounds are asked for where an endpoint can keep a model to them, which else may never come to an end; what is longer
is read all the same. llama.cpp takes none above 2,000.
"""
Severity = Literal["none", "minor", "major"]
Severities = Annotated[Severity | Share, WithJsonSchema({"type": "string", "enum": ["none", "minor", "major"]})]
"""Asked for as a word; a number, as AgentHER's own prompt gives, is understood too."""


class Said(BaseModel):
    """Base of what follows: whole, and read as the module's docstring says."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


class SaidEvidence(Said):
    text: Text
    step: int
    quote: Text


class SaidDiagnosis(Said):
    """The answer to classify.md."""

    is_failure: bool
    failure_type: FailureType | None
    severity: Severities
    severity_weight: Share
    """Higher is better."""
    recoverable: bool
    decisive_step: int | None
    explanation: Text


Evidences = Annotated[tuple[SaidEvidence, ...], _none_as(()), Field(json_schema_extra={"maxItems": 20})]


class SaidOutcome(Said):
    """The answer to extract.md."""

    achievements: Evidences
    key_observations: Evidences


class SaidBoth(Said):
    """The answer to classify_extract.md."""

    diagnosis: SaidDiagnosis
    outcome: SaidOutcome


Numbers = Annotated[tuple[int, ...], _none_as(()), Field(json_schema_extra={"maxItems": 200})]


class SaidSuspect(Said):
    step: int
    reason: Text
    quote: Text
    probability: Share


class SaidAttribution(Said):
    """The answer to attribute.md."""

    account: Long
    suspects: Annotated[tuple[SaidSuspect, ...], _none_as(()), Field(json_schema_extra={"maxItems": 5})]
    party: Party
    mistakes: Numbers
    unnecessary: Numbers
    recoveries: Numbers


class SaidStep(Said):
    """The answer to attribute_step.md."""

    reason: Text
    quote: Text
    probability: Share


class SaidHalf(Said):
    """The answer to attribute_half.md."""

    reason: Text
    probability: Share
    """That it is the first half."""


class SaidChoice(Said):
    """The answer to attribute_choice.md."""

    if_earlier: Text
    if_later: Text
    probability: Share
    """That it is the earlier one."""


Few = Annotated[tuple[SaidEvidence, ...], _none_as(()), Field(json_schema_extra={"maxItems": 5})]


class SaidLesson(Said):
    """A mistake of a kind that we know; what is written about it is written by us."""

    account: Text
    fault: Literal["skipped", "argument", "wrong-tool", "misread", "unasked", "stopped", "claimed"]
    needed: Text
    argument: Text
    source: Annotated[Literal["", "task", "user", "result"], _none_as("")]
    failures: Few
    successes: Few


class SaidLessons(Said):
    """The answer to lesson.md."""

    lessons: Annotated[tuple[SaidLesson, ...], _none_as(()), Field(json_schema_extra={"maxItems": 3})]


class SaidGoal(Said):
    hindsight_goal: Long
    is_valid: bool
    confidence: Share
    rationale: Text
    severity: Severities = "none"
    """Of the kept steps."""
    end_step: int
    relevant_steps: Numbers
    answer: Long
    claims: Evidences


class SaidGoals(Said):
    """The answer to relabel.md."""

    goals: Annotated[tuple[SaidGoal, ...], _none_as(()), Field(json_schema_extra={"maxItems": 8})]


class SaidClaim(Said):
    text: Text
    supported: bool
    step: int | None
    quote: Text = ""


class SaidDecision(Said):
    n: int
    settled: bool
    reason: Text = ""


class SaidVerdict(Said):
    """The answer to judge.md."""

    is_valid: bool
    confidence: Share
    rejection_reason: Text
    claims: Annotated[tuple[SaidClaim, ...], _none_as(()), Field(json_schema_extra={"maxItems": 40})]
    points: Annotated[tuple[SaidDecision, ...], _none_as(()), Field(json_schema_extra={"maxItems": 40})] = ()


class SaidSound(Said):
    n: int
    sound: bool
    confidence: Share
    quote: Text = ""
    reason: Text = ""


class SaidSoundness(Said):
    """The answer to sound.md."""

    steps: Annotated[tuple[SaidSound, ...], _none_as(()), Field(json_schema_extra={"maxItems": 200})]


SHAPES: dict[str, type[Said]] = {
    "classify": SaidDiagnosis,
    "extract": SaidOutcome,
    "classify_extract": SaidBoth,
    "attribute": SaidAttribution,
    "attribute_step": SaidStep,
    "attribute_half": SaidHalf,
    "attribute_choice": SaidChoice,
    "lesson": SaidLessons,
    "relabel": SaidGoals,
    "judge": SaidVerdict,
    "sound": SaidSoundness,
}
"""By the question that is asked."""


KEPT = ("type", "enum", "items", "anyOf")
BOUNDS = ("maxLength", "maxItems")


@cache
def schema(name: str, shape: type[BaseModel]) -> Schema:
    """The strict JSON Schema of `shape`: every key required, no others, no references; with bounds, and without.

    What is without is the part of JSON Schema that all providers with `response_format` take.
    """
    whole = shape.model_json_schema()
    body, bounded = (_strict(whole, whole.get("$defs", {}), kept) for kept in (KEPT, KEPT + BOUNDS))
    return Schema(name, body, bounded)


def _strict(node: Any, definitions: dict[str, Any], kept: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_strict(part, definitions, kept) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions, kept)
    if node.get("type") == "object":
        fields = {name: _strict(part, definitions, kept) for name, part in node["properties"].items()}
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {name: _strict(node[name], definitions, kept) for name in kept if name in node}

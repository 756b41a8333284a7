"""From a model's words to the object that was asked for, or to the reason why they are none."""

from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agenther.errors import AnswerError
from agenther.llm.model import Completion, Message, Model, Request
from agenther.llm.schemas import SHAPES, schema
from agenther.llm.spoken import TwiceError, mended, objects, unwrapped

Answer = TypeVar("Answer", bound=BaseModel)

TRIES = 6
"""A bad answer is asked for again, with what was wrong. Few need it twice; a run is worth more than a call, also at an
endpoint where every eighth answer is of no use: there 4 of a million questions stay without one; with 4 tries, 250."""
LIVELY = 0.7
"""Temperature from the third try on, at least: at 0 the same words bring the same answer."""
WHY_NONE = {
    "length": "the answer was cut off because it was too long",
    "content_filter": "the provider's content filter stopped the answer",
    "refusal": "the model refused to answer",
    "context_length": "the run is too long for the model",
}


MUTE = "the answer came to its limit with nothing said"
"""A model that thinks may think until then; when asked again it does so again, for the same price."""


class TooLongError(AnswerError):
    """The prompt is too long for the model."""


def request(
    stage: str,
    prompt: tuple[str, str],
    shape: type[BaseModel],
    temperature: float = 0,
    attempt: int = 1,
    about: str = "",
) -> Request:
    """The request that puts a rendered prompt (system text, user text) and wants an answer of `shape`."""
    system, user = prompt
    messages = (Message("system", system), Message("user", user))
    return Request(messages, schema(stage, shape), temperature, attempt=attempt, about=about)


async def ask(model: Model, request: Request, shape: type[Answer]) -> tuple[Answer, str]:
    """(answer, raw text). Raises AnswerError with the last raw text when it is not usable, also when asked again.

    A cut answer is never mended, and a prompt that is too long for the model is not sent twice.
    """
    messages, wrong = request.messages, ""
    for again in range(TRIES):
        heat = max(request.temperature, LIVELY) if again > 1 else request.temperature
        asked = replace(request, messages=messages, temperature=heat, again=again, wrong=wrong)
        said = await model.complete(asked)
        found = understood(said, shape)
        if not isinstance(found, str):
            return found, said.text
        if found == wrong == MUTE:
            spent = f"{said.usage.completion:,} tokens" if said.usage else "the length"
            raise AnswerError(request.stage, f"{model.name}: {MUTE}, twice: {spent} that an answer may have", "")
        wrong = found
        if said.finish_reason == "context_length":
            raise TooLongError(request.stage, f"{model.name}: {said.text or found}", "")
        if again == TRIES - 1:
            raise AnswerError(request.stage, f"{model.name}: {found}", said.text)
        messages = (*request.messages, *_again(said, found))
    raise AssertionError("TRIES is at least 1")


def understood(said: Completion, shape: type[Answer]) -> Answer | str:
    """The object that the model gave, or what is wrong with what it gave, in words that it can act upon."""
    if said.finish_reason == "length" and not said.text.strip():
        return MUTE
    if why := WHY_NONE.get(said.finish_reason):
        return why
    if not said.text.strip():
        invalid = "the endpoint found the answer not to be as asked for"
        return invalid if said.finish_reason == "invalid" else "the answer was empty"
    try:
        found = [_read(value, shape) for value in objects(said.text)]
        if all(isinstance(one, str) for one in found) and (value := mended(said.text)):
            found = [_read(value, shape)]
    except TwiceError as error:
        return f"the object contradicts itself: {error}"
    right = [one for one in found if not isinstance(one, str)]
    if any(one != right[0] for one in right):
        return "there are several different objects in the answer"
    return next(iter(right or reversed(found)), "there is no JSON object in the answer")


def _read(value: dict[str, Any], shape: type[Answer]) -> Answer | str:
    try:
        return shape.model_validate(unwrapped(value, shape.model_fields))
    except ValidationError as error:
        return _told(error)


def is_of_use(stage: str, said: Completion) -> bool:
    """Is it what this stage asks for?"""
    return stage in SHAPES and not isinstance(understood(said, SHAPES[stage]), str)


def _told(error: ValidationError) -> str:
    faults = [f"{'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}" for fault in error.errors()[:5]]
    return "the object is not as asked for: " + "; ".join(faults)


def _again(said: Completion, why: str) -> tuple[Message, ...]:
    """What is said to a model whose answer was no good. The answer itself stays in view, unless there was none."""
    asked = Message(
        "user",
        f"This could not be used: {why}. Answer again, with one whole JSON object that has exactly the keys "
        "asked for, and nothing before or after it.",
    )
    return (Message("assistant", said.text), asked) if said.text.strip() else (asked,)

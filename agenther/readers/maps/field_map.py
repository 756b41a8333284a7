"""A map: a few lines of TOML that say where a log of any other JSON format holds what a run is made of.

    about = "Traces of our harness"
    messages = "trace.messages"                  # chat messages of any dialect; or `steps`, see below
    goal = "question"                            # by default the first request in the messages
    id = "task_id"
    success = "beside.verdict.passed"            # "PASS", 1, true, … ; `score` where it is a number from 0 to 1

    [beside.verdict]                             # other files, by pattern, from the log's folder on
    files = "../evaluations/{file}"              # {file}, {stem} and {folder} are the log's own names

Values are JMESPath expressions, or lists of them, of which the first counts that finds something. They are put to the
record, in which `file` holds `name`, `stem` and `folder`, and `beside` what the other files hold. Where several files
fit the pattern, the one counts in which `equals` finds what `where` finds in the record:

    [beside.verdict]
    files = "../evaluations/*.json"
    where = "question"
    equals = "task.question"

More fields: `records` (where in a value of the file the runs stand), `system`, `tools`, `answer`, `failure` (why it
failed, in the log's words), `benchmark`, `domain`, and `known_by`, true for records of this format alone. Messages with
fields of their own names get a table `[message]`, which finds OpenAI's: role, content, reasoning, tool_calls,
tool_call_id, name. Steps have a table `[step]`: thought, action, arguments, observation, error, url.
"""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathTypeError
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from agenther.errors import AgentHERError, ReadError
from agenther.records import Reason, Record


def _compiled(value: Any) -> Any:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("no JMESPath expression, nor a list of them")
    for text in texts:
        with suppress(JMESPathTypeError):  # nothing is there yet; other errors say what is wrong
            jmespath.search(text, {})
    return tuple(texts)


_BESIDE = re.compile(r"(?<![\w.])beside\.([\w-]+)")
Where = Annotated[tuple[str, ...], BeforeValidator(_compiled)]
"""JMESPath expressions, of which the first counts that finds something."""


def _pattern(text: str) -> str:
    try:
        text.format(file="", stem="", folder="")
    except (KeyError, IndexError, AttributeError):
        raise ValueError("a pattern may hold {file}, {stem} and {folder}") from None
    if not text or text.startswith("/"):
        raise ValueError("a pattern goes from the log's folder on")
    return text


class Beside(Record):
    """Files that belong to a log."""

    files: Annotated[str, AfterValidator(_pattern)]
    where: Where = ()
    equals: Where = ()


class InMessage(Record):
    """Where a message holds what OpenAI's has under these names."""

    role: Where = ()
    content: Where = ()
    reasoning: Where = ()
    tool_calls: Where = ()
    tool_call_id: Where = ()
    name: Where = ()


class InStep(Record):
    """Where a step holds what AgentHER's own format has under these names."""

    thought: Where = ()
    action: Where = ()
    arguments: Where = ()
    observation: Where = ()
    error: Where = ()
    url: Where = ()


class FieldMap(Record):
    about: str = "Logs read by a map"
    known_by: Where = ()
    records: Where = ()
    messages: Where = ()
    steps: Where = ()
    message: InMessage = InMessage()
    step: InStep = InStep()
    beside: dict[str, Beside] = Field(default={})
    goal: Where = ()
    id: Where = ()
    benchmark: Where = ()
    domain: Where = ()
    system: Where = ()
    tools: Where = ()
    answer: Where = ()
    failure: Where = ()
    success: Where = ()
    score: Where = ()

    @model_validator(mode="after")
    def _tells_the_acts(self) -> "FieldMap":
        if bool(self.messages) == bool(self.steps):
            raise ValueError("it has to say where `messages` stand, or where `steps` do")
        return self

    @model_validator(mode="after")
    def _tells_what_is_beside(self) -> "FieldMap":
        texts = (text for _, where in self if isinstance(where, tuple) for text in where)
        unknown = {name for text in texts for name in _BESIDE.findall(text)} - self.beside.keys()
        if unknown:
            raise ValueError(f"it speaks of beside.{min(unknown)}, and has no table [beside.{min(unknown)}]")
        return self


def parse(text: str) -> FieldMap:
    """The map that a TOML text tells. Raises AgentHERError when it is none."""
    try:
        return FieldMap.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise AgentHERError(f"the map is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place, why = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ").partition("\n")[0]
        raise AgentHERError(f"the map cannot be used: {place + ': ' if place else ''}{why}") from None


def finds(where: Where, value: Any) -> Iterator[tuple[str, Any]]:
    """(expression, what it finds) for each that finds something. Raises ReadError for one that does not go with it."""
    for text in where:
        try:
            found = jmespath.search(text, value)
        except (ValueError, TypeError) as error:  # of functions, about values that are not theirs
            raise ReadError(Reason.MALFORMED, f"`{text}`: {error}") from None
        if found is not None:
            yield text, found


def find(where: Where, value: Any) -> Any:
    """What the first expression finds that finds something; None if none does."""
    return next((found for _, found in finds(where, value)), None)

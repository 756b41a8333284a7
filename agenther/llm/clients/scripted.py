"""A model that says what it is told to: for tests, and for trying the model path offline.

A script file is JSONL. The first line that fits a request and is not used up answers it:

    {"stage": "classify", "answer": {"is_failure": true, "failure_type": "incomplete", …}, "again": true}
    {"stage": "relabel", "contains": "order 17", "answer": {"goals": []}}
    {"stage": "judge", "text": "I would rather not say.", "finish_reason": "stop"}

`stage` and `contains` (words of the prompt) narrow down which requests a line fits; `answer` is given as
JSON, `text` as it is; `again` lets a line answer any number of times.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agenther.errors import ModelError
from agenther.llm.model import Completion, Request


@dataclass(frozen=True)
class Scripted:
    """A model whose answers a function gives: a Completion, or just its text."""

    answer: Callable[[Request], str | Completion]
    name: str = "scripted"

    async def complete(self, request: Request) -> Completion:
        answer = self.answer(request)
        return Completion(answer) if isinstance(answer, str) else answer

    async def aclose(self) -> None:
        """Nothing to give back."""


def in_order(answers: Iterable[str | Completion], name: str = "scripted") -> Scripted:
    """A model that gives `answers` one after the other, then raises ModelError."""
    left = iter(answers)

    def answer(_request: Request) -> str | Completion:
        for found in left:
            return found
        raise ModelError(name, "the script has no answer left")

    return Scripted(answer, name)


class Line(BaseModel):
    """One line of a script file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str | None = None
    contains: str = ""
    answer: JsonValue = None
    text: str | None = None
    finish_reason: str = "stop"
    again: bool = False

    def fits(self, request: Request) -> bool:
        asked = request.schema.name if request.schema else None
        return self.stage in {None, asked} and any(self.contains in message.content for message in request.messages)

    def completion(self) -> Completion:
        text = json.dumps(self.answer, ensure_ascii=False) if self.text is None else self.text
        return Completion(text, self.finish_reason)


def from_file(path: Path) -> Scripted:
    """The model that a script file describes. Raises ModelError when the file cannot be used."""
    name = f"scripted:{path}"
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(name, f"the script cannot be read: {error}") from None
    lines: list[Line] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            lines += [Line.model_validate_json(line)] if line.strip() else []
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ModelError(name, f"line {number} of the script: {where} {first['msg']}".rstrip()) from None

    def answer(request: Request) -> Completion:
        for index, line in enumerate(lines):
            if line.fits(request):
                if not line.again:
                    del lines[index]
                return line.completion()
        stage = request.schema.name if request.schema else "this request"
        raise ModelError(name, f"the script has no answer left for {stage}")

    return Scripted(answer, name)

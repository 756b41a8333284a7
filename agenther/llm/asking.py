"""A question about a run, put to a model: rendered, asked, and asked with less of the run where that is too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from agenther.llm.answers import TooLongError, ask, request
from agenther.llm.model import Model
from agenther.prompt import Prompts
from agenther.records import Trajectory
from agenther.rendering.runs import RUN_ROOM

Answer = TypeVar("Answer", bound=BaseModel)

ROOMS = (RUN_ROOM, RUN_ROOM // 2, RUN_ROOM // 4, RUN_ROOM // 8, RUN_ROOM // 16)
"""Characters for the run, one after the other, until the prompt is short enough for the model."""


@dataclass(frozen=True)
class Question:
    """What a stage wants to know of a run, and in which shape."""

    stage: str
    values: Mapping[str, object]
    """For the prompt; see `prompt.VARIABLES`."""
    end: int | None = None
    """Steps after this one are not shown."""
    temperature: float = 0
    attempt: int = 1


async def put(
    model: Model, prompts: Prompts, trajectory: Trajectory, question: Question, shape: type[Answer]
) -> Answer:
    """The answer. Raises AnswerError when there is none that can be used, or too little of the run fits."""
    said, _ = await put_within(model, prompts, trajectory, question, shape)
    return said


async def put_within(
    model: Model, prompts: Prompts, trajectory: Trajectory, question: Question, shape: type[Answer]
) -> tuple[Answer, int]:
    """(answer, characters that the run could take). Raises as `put` does."""
    shown = None
    too_long: TooLongError | None = None
    for room in ROOMS:
        run = prompts.run(trajectory, question.end, room)
        if run == shown:
            continue
        shown = run
        prompt = prompts.ask(question.stage, run, question.values)
        asked = request(question.stage, prompt, shape, question.temperature, question.attempt, trajectory.id)
        try:
            said, _ = await ask(model, asked, shape)
        except TooLongError as error:
            too_long = error
        else:
            return said, room
    assert too_long
    raise too_long

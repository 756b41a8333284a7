"""What a model is to the rest of the program: a name, and one method that turns a request into a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str

    def as_dict(self) -> dict[str, str]:
        """As every chat API takes it."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True)
class Schema:
    """The JSON object that an answer has to be."""

    name: str
    """The stage that asks: "classify", "extract", "relabel" or "judge"; "classify_extract" when two ask as one."""
    body: Mapping[str, Any]
    """A JSON Schema that `response_format` takes with `strict`."""
    bounded: Mapping[str, Any] | None = None
    """The same with bounds on texts and lists, for endpoints that take those."""

    def as_response_format(self, *, bounded: bool = False) -> dict[str, Any]:
        """As OpenAI's chat API takes it."""
        wrapped = {"name": self.name, "strict": True, "schema": (self.bounded if bounded else None) or self.body}
        return {"type": "json_schema", "json_schema": wrapped}


Manner = Mapping[str, str]
"""The form that each part of a request has as it is sent; see `clients/manner.py`. What is left out has the best."""


@dataclass(frozen=True)
class Request:
    """Everything that decides the answer, apart from the model."""

    messages: tuple[Message, ...]
    schema: Schema | None = None
    temperature: float = 0
    max_tokens: int | None = None
    """None leaves the length to the endpoint."""
    attempt: int = 1
    """Which attempt of its stage this is. Not sent; a cache keeps the attempts apart, should their words be equal."""
    again: int = 0
    """How many answers to this request were no good before. Not sent either."""
    wrong: str = ""
    """What was wrong with the last of them. Not sent either."""
    about: str = ""
    """The id of the run that is asked about. Not sent either, and decides nothing."""
    manner: Manner | None = None
    """The one to ask in; None: the best that the model takes, as far as that is known."""

    @property
    def stage(self) -> str:
        """Who asks."""
        return self.schema.name if self.schema else "answer"

    @property
    def size(self) -> int:
        """Bytes of all messages."""
        return sum(len(message.content.encode("utf-8", "replace")) for message in self.messages)


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the endpoint counted them."""

    prompt: int
    cached: int
    """How many of `prompt` came from the provider's prefix cache."""
    completion: int


@dataclass(frozen=True)
class Completion:
    """What came back from one call that was answered."""

    text: str
    """Empty when the model said nothing; the refusal's words when it refused, or the endpoint did for the length."""
    finish_reason: str = "stop"
    """"stop"; "length" (cut), "content_filter", "refusal", "context_length" (the prompt is too long for
    the model), "invalid" (the endpoint found it not to be as asked for), or whatever else the endpoint says."""
    usage: Usage | None = None
    """None when the endpoint does not tell; never a guess."""
    raw: str = field(default="", compare=False, repr=False)
    """The body of the response, from which all of the above can be read again; empty if there was none."""
    retries: int = field(default=0, compare=False)
    """How many calls failed before this one."""


BYTES_PER_TOKEN = 3.6
"""Of English and JSON, about."""
SOME_TOKENS = 500
"""Of an answer, about."""


def used(request: Request, said: Completion) -> Usage:
    """What the endpoint counted, or a guess where it does not tell."""
    if said.usage:
        return said.usage
    return Usage(round(request.size / BYTES_PER_TOKEN), 0, round(len(said.text.encode()) / BYTES_PER_TOKEN))


class Model(Protocol):
    """A chat model. Wrappers (retries, limits, the cache) are models themselves."""

    @property
    def name(self) -> str: ...

    async def complete(self, request: Request) -> Completion:
        """The answer. Raises ModelError when there can be none, TransientError when asking again may help."""
        ...

    async def aclose(self) -> None:
        """Gives back connections; the model is not used afterwards."""
        ...


ModelOf = Callable[[str, str | None, int], Model]
"""Gives the model of a name at the endpoint of this URL, and, of judges of that name, which one it is, from 1."""


class Layer(Model, Protocol):
    """A model around another."""

    model: Model

    @property
    def name(self) -> str:
        return self.model.name

    async def aclose(self) -> None:
        await self.model.aclose()

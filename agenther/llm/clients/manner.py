"""In which manner a model is asked: each part of a request has forms, and an endpoint's refusals tell which it takes.

    response_format   json_schema with bounds, else without, else json_object, else none
    temperature       as it is, else none
    max_tokens        so called, else max_completion_tokens, else none
    messages          the system's apart, else as the beginning of the user's

An error that is about a part has the request asked again with that part's next form. Once this is answered, and not
before, the form is known, for all that is asked of the model from then on.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agenther.llm.clients.faults import BROKEN, RefusedError, TransientError
from agenther.llm.clients.told import Told
from agenther.llm.model import Completion, Manner, Message, Request

Form = Callable[[Request], dict[str, Any]]


def parameters(request: Request, manner: Manner | None = None) -> dict[str, Any]:
    """The body of a request, without the model's name; in the usual manner where none is given."""
    given: dict[str, Any] = {}
    for part, form in (manner or USUAL).items():
        given |= FORMS[part][form](request)
    return given


def _messages(messages: Iterable[Message]) -> dict[str, Any]:
    """One after the other, and of one role at a time: no model knows what to make of two in a row."""
    told: list[dict[str, str]] = []
    for message in messages:
        if told and told[-1]["role"] == message.role:
            told[-1]["content"] += f"\n\n{message.content}"
        else:
            told.append(message.as_dict())
    return {"messages": told}


def _folded(request: Request) -> dict[str, Any]:
    return _messages(Message("user" if one.role == "system" else one.role, one.content) for one in request.messages)


def _length(name: str) -> Form:
    return lambda request: {} if request.max_tokens is None else {name: request.max_tokens}


def _schema(*, bounded: bool) -> Form:
    return lambda request: (
        {"response_format": request.schema.as_response_format(bounded=bounded)} if request.schema else {}
    )


def _object(request: Request) -> dict[str, Any]:
    return {"response_format": {"type": "json_object"}} if request.schema else {}


def _nothing(_request: Request) -> dict[str, Any]:
    return {}


FORMS: dict[str, dict[str, Form]] = {
    "messages": {"system": lambda request: _messages(request.messages), "user": _folded},
    "temperature": {"temperature": lambda request: {"temperature": request.temperature}, "none": _nothing},
    "max_tokens": {
        "max_tokens": _length("max_tokens"),
        "max_completion_tokens": _length("max_completion_tokens"),
        "none": _nothing,
    },
    "response_format": {
        "bounded": _schema(bounded=True),
        "json_schema": _schema(bounded=False),
        "json_object": _object,
        "none": _nothing,
    },
}
"""The forms of each part by their names, the best first."""
USUAL: Manner = {
    "messages": "system",
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "response_format": "json_schema",
}
"""By which an answer is known again, in whichever it was asked for."""
WITH = {
    "json_object": "with response_format json_object",
    "max_completion_tokens": "with max_completion_tokens",
    "user": "with the system's words in the user's message",
}
UNBOUNDED = ("json_schema", "json_object", "none")
"""Forms of the answer where bounds would be tried in vain: each try takes a wave, or is for a translator between."""
STRUCTURED = "response_format"
ABOUT = {
    "messages": re.compile(
        r"\broles?\b|(?:system|developer)[ _](?:message|prompt|instruction)|\balternat", re.IGNORECASE
    ),
    "temperature": re.compile("temperature", re.IGNORECASE),
    "max_tokens": re.compile(r"max_(?:completion_|output_|new_)?tokens", re.IGNORECASE),
    STRUCTURED: re.compile(
        r"response[_ ]?(?:format|schema)|\bjson|structured|guided|grammar|max(?:length|items)|\bschema", re.IGNORECASE
    ),
}
"""How errors call each part."""
_NUMBER = re.compile(r"(?<![\w-])\d[\d,.]*+(?![\w-])")


def part_of(said: Told) -> str | None:
    """The part of a request that an error is about: as it names the parameter, else as its words do first."""
    name = re.split(r"[.\[]", said.param)[0]
    found = {part: place.start() for part, words in ABOUT.items() if (place := words.search(said.words))}
    named = (part for part in found.keys() | FORMS.keys() if part == name or ABOUT[part].fullmatch(name))
    part = next(named, None) or min(found, key=found.__getitem__, default=None)
    if part == "messages" and part not in found:  # too long, perhaps
        return None
    if part == "max_tokens" and _NUMBER.search(said.words):  # too large, as it says
        return None
    return part


def described(manner: Manner) -> str:
    """What of it is not as usual, in words; "" where nothing is, apart from bounds."""
    unusual = {part: form for part, form in manner.items() if form not in {USUAL[part], "bounded"}}
    return ", ".join(WITH.get(form, f"without {part}") for part, form in unusual.items())


def seen(body: Mapping[str, Any]) -> Manner:
    """The manner of a request that was sent."""
    kinds = {message["role"] for message in body["messages"]}
    named = {"max_tokens", "max_completion_tokens"} & body.keys()
    return {
        "messages": "system" if "system" in kinds else "user",
        "temperature": "temperature" if "temperature" in body else "none",
        "max_tokens": next(iter(named), "none"),
        STRUCTURED: body[STRUCTURED]["type"] if STRUCTURED in body else "none",
    }


@dataclass
class Manners:
    """In which manner one model is asked at its endpoint, as far as that is known."""

    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By part, the only forms that it may have."""
    known: Manner = field(default_factory=dict)
    tell: Callable[[Manner, str], None] = lambda _manner, _why: None
    """Told what is found out, and the words of the endpoint from which it was."""
    confirmed: set[str] = field(default_factory=set)
    """Stages whose requests were answered."""

    def __post_init__(self) -> None:
        best = {part: self.forms(part)[0] for part in FORMS}
        self.known = {part: self.known.get(part, form) for part, form in best.items()}

    def forms(self, part: str) -> tuple[str, ...]:
        return self.allowed.get(part) or tuple(FORMS[part])

    @property
    def barest(self) -> Manner:
        """What takes the least of an endpoint."""
        return {part: self.forms(part)[-1] for part in FORMS}

    def without(self, refused: Mapping[str, Collection[str]]) -> Manner:
        """What is known, with the next form instead of each that was refused; the last where all were."""
        better = {}
        for part, gone in refused.items():
            forms = self.forms(part)
            left = forms[forms.index(self.known[part]) :]
            better[part] = next((form for form in left if form not in gone), left[-1])
        return {**self.known, **better}

    def learn(self, manner: Manner, why: str) -> None:
        if manner != self.known:
            self.known = manner
            self.tell(manner, why)

    async def ask(self, request: Request, send: Callable[[dict[str, Any]], Awaitable[Completion]]) -> Completion:
        """The answer, in a manner that is taken. Raises what `send` did, where none is."""
        if request.manner is not None:
            return await send(parameters(request, request.manner))
        manner = self.known
        fault: tuple[str, RefusedError | TransientError] | None = None
        while True:
            try:
                said = await send(parameters(request, manner))
            except (RefusedError, TransientError) as error:
                part = self._fault(request, error)
                if fault is None or part != fault[0]:  # of what is said of one part, the first is about the best form
                    fault = part or "", error
                if not part or (other := self._after(request, manner, part)) is None:
                    raise fault[1] from None
                manner = other
            else:
                if said.raw:
                    self.confirmed.add(request.stage)
                    if fault:
                        self.learn(
                            {part: self._later(part, manner[part]) for part in FORMS},
                            getattr(fault[1], "why", "") or str(fault[1]),
                        )
                return said

    def _later(self, part: str, form: str) -> str:
        """Of that form and the known one, which another call may have found out meanwhile."""
        return max(form, self.known[part], key=self.forms(part).index)

    def _fault(self, request: Request, error: RefusedError | TransientError) -> str | None:
        """The part of the request that an error is about, as far as can be told."""
        if isinstance(error, TransientError) and (error.status not in BROKEN or request.stage in self.confirmed):
            return None
        return part_of(error.said) if error.said else None

    def _after(self, request: Request, manner: Manner, part: str) -> Manner | None:
        """The manner with the next form of a part that makes a difference to a request; None after the last."""
        forms = self.forms(part)
        now = parameters(request, manner)
        later = ({**manner, part: form} for form in forms[forms.index(manner[part]) + 1 :])
        return next((other for other in later if parameters(request, other) != now), None)

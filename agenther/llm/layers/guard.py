"""Tells a dead endpoint, which has to stop the run, from one prompt that it will not take, which costs only that run.

When a call fails for good, the endpoint is asked the smallest thing in the same manner and roles; then in others. If
all fail, or calls about too many runs failed in a row, nothing more is asked: else a wrong key would turn thousands of
logs into rejections. So would a model that is up and never gives an answer of use, which is stopped too.
"""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from agenther.errors import AnswerError, ModelError
from agenther.llm.clients.faults import BrokenError, RefusedError, UnusableError
from agenther.llm.clients.manner import FORMS, Manners, parameters
from agenther.llm.model import Completion, Layer, Manner, Message, Model, Request

IN_A_ROW = 10
"""Runs."""
SMALLEST = "This only tests the connection. Answer with the shortest JSON object that fits."
LAST = 60
"""So many answers to a question of a stage are looked back upon."""
MOST_USELESS = 45
"""Of them. Where three in ten are of no use, more than that are so once in 10 to the 13th."""
MOST_ABOUT_ONE = 6
"""Of them, about one run: its log may be what is wrong, and it may ask for many goals, many times."""


class Try(NamedTuple):
    """One of the tries to get an answer of use to a question about a run."""

    about: str
    question: int
    """Its hash."""
    again: int


@dataclass
class Guarded(Layer):
    """A model whose single failures are AnswerErrors; ModelError means that it cannot be used at all.

    A prompt that is refused while the smallest one is answered is taken to be too long, in words that we don't know.
    """

    model: Model
    manners: Manners = field(default_factory=Manners)
    """In which the model is asked."""
    failed: set[str] = field(default_factory=set)
    """Runs about which calls failed, since one was answered."""
    probes: int = 0
    """That were begun."""
    alive: dict[str, int] = field(default_factory=dict)
    """By stage, the last probe that was answered."""
    last: defaultdict[str, dict[Try, str]] = field(default_factory=lambda: defaultdict(dict))
    """By stage, the last answers, and what is wrong with each, as far as we know."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def complete(self, request: Request) -> Completion:
        if request.again:
            self._look_back(request)
        known = self.manners.known
        try:
            said = await self.model.complete(request)
        except RefusedError as error:
            found = await self._looked(request, known)
            if found == "learnt":
                return await self.complete(request)
            if found == "dead":
                raise
            self.failed.clear()
            return Completion(f"{error} (a smaller prompt is answered)", "context_length")
        except UnusableError:
            raise
        except ModelError as error:
            self.failed.add(request.about)
            if len(self.failed) >= IN_A_ROW:
                why = f"calls about {len(self.failed)} runs failed in a row, the last: {error.why}"
                raise ModelError(self.name, why) from None
            found = await self._looked(request, known)
            if found == "learnt":
                return await self.complete(request)
            if found == "dead":
                raise
            raise AnswerError(request.stage, f"{error} (a smaller prompt is answered)", "") from None
        self.failed.clear()
        self._take(request, said)
        return said

    async def _looked(self, request: Request, known: Manner) -> Literal["alive", "dead", "learnt"]:
        """Does it answer this stage, if not this prompt? Or is there another manner to ask in than was `known`?

        Those who fail before a probe is begun share it.
        """
        before = self.probes
        async with self.asking:
            if self.manners.known is not known:
                return "learnt"
            if self.alive.get(request.stage, 0) <= before:
                self.probes = number = self.probes + 1
                try:
                    await self.model.complete(smallest(request))
                except (RefusedError, BrokenError):
                    return "learnt" if await self._finds_manner(request) else "dead"
                except ModelError:
                    return "dead"
                self.alive[request.stage] = number
        return "alive" if self.manners.known is known else "learnt"

    async def _finds_manner(self, request: Request) -> bool:
        """Finds out part by part what it takes of a stage that it never answered, if it takes the barest at all."""
        known, manner = self.manners.known, self.manners.barest
        if request.stage in self.manners.confirmed or not await self._takes(request, manner):
            return False
        for part in FORMS:
            for form in self.manners.forms(part):
                better = {**manner, part: form}
                is_same = parameters(request, better) == parameters(request, manner)
                if is_same or await self._takes(request, better):
                    manner = better
                    break
        self.manners.learn(manner, "by small questions")
        self.manners.confirmed.add(request.stage)
        return self.manners.known is not known

    async def _takes(self, request: Request, manner: Manner) -> bool:
        try:
            await self.model.complete(replace(smallest(request), manner=manner))
        except (RefusedError, BrokenError):
            return False
        return True

    def _take(self, request: Request, said: Completion) -> None:
        # what a filter says is the provider's word on this prompt
        if (said.raw or said.finish_reason == "invalid") and said.finish_reason != "content_filter":
            last = self.last[request.stage]
            last[_try(request, request.again)] = ""
            alike = [one for one in last if one.about == request.about]
            if len(alike) > MOST_ABOUT_ONE:
                del last[alike[0]]
            elif len(last) > LAST:
                del last[next(iter(last))]

    def _look_back(self, request: Request) -> None:
        """Raises ModelError when hardly any of the last answers was of use, as this one shows of the one before it."""
        last = self.last[request.stage]
        before = _try(request, request.again - 1)
        if before in last:
            last[before] = request.wrong.partition(":")[0] or "of no use"
        useless = Counter(filter(None, last.values()))
        if useless.total() > MOST_USELESS:
            kinds = "; ".join(f"{kind} ({count})" for kind, count in useless.most_common())
            share = f"{useless.total()} of its last {len(last)} answers to {request.stage}"
            raise ModelError(
                self.name,
                f"{share} were of no use: {kinds}; what is done is kept, and a model that gives JSON as asked, or a "
                "server that keeps it to response_format, carries on",
            )


def smallest(request: Request) -> Request:
    """The least that can be asked as this is asked, in the same roles."""
    return replace(request, messages=tuple(Message(one.role, SMALLEST) for one in request.messages))


def _try(request: Request, again: int) -> Try:
    """What is said to a model whose answer was no good comes after the first two messages."""
    return Try(request.about, hash((request.attempt, request.messages[:2])), again)

"""A model that is asked only what it was never asked before.

An answer is found again by everything that decides it: model, parameters, messages and schema, and which attempt it
was; not by the address of the endpoint, which may move.
"""

import hashlib
from asyncio import Event
from dataclasses import asdict, dataclass, field

from pydantic_core import to_json

from agenther.llm.clients.manner import parameters
from agenther.llm.layers.cache import Answer, Cache
from agenther.llm.model import Completion, Layer, Model, Request, used
from agenther.settings import Price
from agenther.tally.ledger import charge
from agenther.tally.meter import Meter


def key(model: str, copy: int, request: Request) -> bytes:
    """sha256 of all that decides the answer. `copy` tells judges apart that bear the same name at several endpoints."""
    what = {
        "model": model,
        "copy": copy,
        "attempt": request.attempt,
        "again": request.again,
        **parameters(request),
    }
    return hashlib.sha256(to_json(what)).digest()


@dataclass(frozen=True)
class Cached(Layer):
    """A model that is asked only what it was never asked before. What its answers cost is charged to the run."""

    model: Model
    cache: Cache
    endpoint: str = ""
    copy: int = 1
    """Which of those of this name it is."""
    price: Price | None = None
    meter: Meter = field(default_factory=Meter)
    asking: dict[bytes, Event] = field(default_factory=dict)
    """What is being asked; whoever wants to know the same waits for it."""

    async def complete(self, request: Request) -> Completion:
        mark = key(self.name, self.copy, request)
        while (answer := self.cache.get(mark)) is None and (asking := self.asking.get(mark)):
            await asking.wait()
        if answer:
            self.meter.kept()
        said, usd = answer or await self._asked(mark, request)
        if said.raw:
            usage = used(request, said)
            usd = self._usd(request, said) if usd is None else usd
            charge(
                request.stage,
                self.name,
                usd,
                calls=1,
                retries=said.retries,
                uncounted=said.usage is None,
                prompt=usage.prompt,
                cached=usage.cached,
                completion=usage.completion,
            )
        return said

    async def _asked(self, mark: bytes, request: Request) -> Answer:
        self.asking[mark] = Event()
        self.meter.begin()
        try:
            said = await self.model.complete(request)
            answer = Answer(said, self._usd(request, said))
            if said.raw:
                self.cache.put(mark, self.name, self.endpoint, request.stage, answer)
                self.meter.came(used(request, said).completion)
            return answer
        finally:
            self.asking.pop(mark).set()

    def _usd(self, request: Request, said: Completion) -> float | None:
        return self.price.usd(**asdict(used(request, said))) if self.price else None

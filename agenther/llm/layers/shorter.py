"""Asks for shorter answers where a model does not take the length that they may have under a cap.

Without a cap the length is left to the endpoint. So a bound must not fail a call that would have been answered
without: it is halved before anything else is given up, first of all the prompt.
"""

from dataclasses import dataclass, replace

from agenther.llm.clients.faults import RefusedError
from agenther.llm.model import Completion, Layer, Model, Request

LEAST = 256
"""Tokens; hardly any answer is shorter, so where no more than that fits, it is the prompt that is too long."""


def halved(request: Request) -> Request | None:
    """The same with half the room for the answer; None when there is none to spare, or it is not bounded."""
    if request.max_tokens is None or request.max_tokens <= LEAST:
        return None
    return replace(request, max_tokens=max(LEAST, request.max_tokens // 2))


@dataclass(frozen=True)
class Shorter(Layer):
    """A model that is asked with half the room for its answer until that is taken.

    Nothing is learnt of it for the next call: whether there was too little room is often a matter of the prompt.
    """

    model: Model

    async def complete(self, request: Request) -> Completion:
        while True:
            less = halved(request)
            try:
                said = await self.model.complete(request)
            except RefusedError as error:
                if not (error.bound and less):
                    raise
            else:
                if said.finish_reason != "context_length" or not less:
                    return said
            request = less

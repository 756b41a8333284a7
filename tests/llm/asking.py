"""What a stage asks of a model, and a proposal to ask about."""

import asyncio
import json
from collections.abc import Callable

from agenther.llm.clients.scripted import Scripted
from agenther.llm.model import Request
from agenther.records import Proposal

A_PROPOSAL = Proposal(
    run_id="r",
    goal="How much is the Orbit brass desk lamp?",
    claims=(),
    end_step=2,
    relevant_steps=(1, 2),
    answer="It costs $12.99.",
    answer_source="grounded",
    confidence=0.9,
)


def shown(ask: Callable[[Scripted], object], answer: object) -> Request:
    """The request that a stage makes."""
    requests: list[Request] = []

    def note(request: Request) -> str:
        requests.append(request)
        return json.dumps(answer)

    asyncio.run(ask(Scripted(note)))
    [request] = requests
    return request

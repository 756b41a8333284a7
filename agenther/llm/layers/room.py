"""How long an answer may be: what its stage needs, and what the model thinks before it speaks.

Without a limit a weak model goes on until its endpoint has no room left, and a slow one is cut off before it comes to
an end. What thinking takes is found out: an answer that ends before anything was said was all thoughts.
"""

from dataclasses import dataclass, replace

from agenther.ladder import ASK_JOINED, ASK_LESSON, STAGES
from agenther.llm.model import Completion, Layer, Model, Request
from agenther.llm.spoken import said as spoken

SPARE = 4
"""An answer may be so many times as long as is usual, and twice that when it is asked for again."""
_ASKED = (*(ask for stage in STAGES.values() for ask in stage.asks), ASK_JOINED, ASK_LESSON)
NEEDS = {ask.question: round(SPARE * ask.tokens) for ask in _ASKED}
"""Tokens, by stage."""
THOUGHTS = 16_384
"""Tokens that a model may think, once it was seen to think; doubled up to `MOST_THOUGHTS`."""
MOST_THOUGHTS = 2 * THOUGHTS


@dataclass
class Roomy(Layer):
    """A model with room for its answers, which it learns to need."""

    model: Model
    thoughts: int = 0
    """Tokens."""

    async def complete(self, request: Request) -> Completion:
        need, thoughts = NEEDS.get(request.stage), self.thoughts
        if request.max_tokens is None and need:
            request = replace(request, max_tokens=need * (2 if request.again else 1) + thoughts)
        said = await self.model.complete(request)
        if was_thinking(said) and thoughts == self.thoughts:  # else another call has seen it
            self.thoughts = min(MOST_THOUGHTS, max(THOUGHTS, 2 * thoughts))
        return said


def was_thinking(said: Completion) -> bool:
    """Was it cut off while hardly anything was said? No token that is said is shorter than a letter."""
    used = said.usage.completion if said.usage else 0
    return said.finish_reason == "length" and len(spoken(said.text).strip()) <= used / 2

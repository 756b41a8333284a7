"""Notices an endpoint that reads only a part of a long prompt and does not say so, as Ollama does beyond its `num_ctx`.

Odd is a count of prompt tokens that is far too small for the text, or the same as that of a shorter prompt. If it was
cut shows when the prompt is asked once more, shorter by a quarter: then it has as many tokens as before. The beginnings
alone have far fewer, unless the count is none at all. From then on such a prompt is too long, and less is shown.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from agenther.llm.model import BYTES_PER_TOKEN, Completion, Layer, Message, Model, Request, Usage

LEAST = 1_024
"""Tokens; shorter prompts are not cut: Ollama reads 2,048 by default at the least, or half of that."""
SHORT = 256
"""Tokens that an answer may have of which only the count of the prompt's is wanted."""
ODD = 6.0
"""Bytes for a token, and more; English and JSON have fewer than five."""
ALIKE = 0.02
"""Share by which two prompts may differ that have as many tokens as none had before."""
ROOM = 1.2
"""By how much more than one that was whole a prompt may have bytes for a token."""
PIECE = 64
"""Characters. Of each message every fourth piece is left out when it is asked once more: what tokens there are are not
spread evenly, and blanks, of which a useless answer may consist, have next to none.
"""
AS_MANY = 0.85
"""Share of the tokens that it has then at least, if it was cut."""
BEGINNING = 200
"""Characters of each message, which have less than half of the tokens of a prompt that can be cut."""
HOPELESS = 2.5
"""So many times what is read: longer prompts are not asked at all. Some endpoints read but half of what they could."""


@dataclass
class Whole(Layer):
    """A model that is never believed about a prompt of which it saw a part."""

    model: Model
    tell: Callable[[str], None]
    reads: int = 0
    """Tokens that are left of a prompt that is cut; 0 until one was."""
    fair: float = ODD
    """Bytes for a token that are not odd; more, where some prompt had more and was whole."""
    longest: tuple[int, int] = (0, 0)
    """(tokens, bytes) of the prompt that had the most."""
    is_counting: bool = True
    """False where a shorter prompt was found to have as many tokens, and so has the shortest."""
    proving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def complete(self, request: Request) -> Completion:
        if self.reads and request.size > self.reads * BYTES_PER_TOKEN * HOPELESS:
            return self._too_long()
        said = await self.model.complete(request)
        usage = said.usage
        if (
            usage
            and usage.cached < usage.prompt
            and self._is_odd(request, usage)
            and await self._is_cut(request, usage)
        ):
            return self._too_long()
        return said

    def _is_odd(self, request: Request, usage: Usage) -> bool:
        if (
            not self.is_counting or usage.prompt < LEAST or usage.cached >= usage.prompt
        ):  # some count what is cached beside it
            return False
        tokens, size = self.longest
        is_stuck = usage.prompt == tokens and abs(request.size - size) > size * ALIKE
        if usage.prompt > tokens:
            self.longest = usage.prompt, request.size
        return is_stuck or usage.prompt == self.reads or request.size > usage.prompt * self.fair

    async def _is_cut(self, request: Request, usage: Usage) -> bool:
        async with self.proving:
            if self.reads or not self._is_odd(request, usage):  # another call has found it out meanwhile
                return 0 < usage.prompt <= self.reads
            shorter = await self._tokens(shortened(request))
            if shorter < usage.prompt * AS_MANY or await self._tokens(begun(request)) * 2 > usage.prompt:
                self.fair = max(self.fair, request.size / usage.prompt * ROOM)
                self.is_counting = shorter < usage.prompt * AS_MANY
                return False
            self.reads = usage.prompt
        sent = f"about {request.size / BYTES_PER_TOKEN:,.0f}"
        self.tell(
            f"{self.name} read {usage.prompt:,} tokens of a prompt of {sent}, and did not say so; it is shown "
            "less of long runs from now on. With a longer context (Ollama: num_ctx, OLLAMA_CONTEXT_LENGTH) it sees all"
        )
        return True

    async def _tokens(self, request: Request) -> int:
        said = await self.model.complete(request)
        return said.usage.prompt if said.usage else 0

    def _too_long(self) -> Completion:
        return Completion(f"it reads {self.reads:,} tokens of a prompt, and does not say so", "context_length")


def shortened(request: Request) -> Request:
    """The same with a shorter prompt, for the sake of its length alone."""
    return _counted(request, (Message(one.role, _three_quarters(one.content)) for one in request.messages))


def _three_quarters(text: str) -> str:
    return "".join(text[at : at + 3 * PIECE] for at in range(0, len(text), 4 * PIECE))


def begun(request: Request) -> Request:
    """The same with the beginning of each message."""
    return _counted(request, (Message(one.role, one.content[:BEGINNING]) for one in request.messages))


def _counted(request: Request, messages: Iterable[Message]) -> Request:
    return replace(request, messages=tuple(messages), max_tokens=SHORT, about="")

"""The openai package, which batches are asked through: their API is large, and they are few."""

from typing import Any

from agenther.address import Address
from agenther.llm.clients.post import CHAT, CONNECTING


def connection(address: Address | None, api_key: str, timeout: float | None = None) -> Any:
    """A client of the openai package, with the endpoint at `address`, or OpenAI's own.

    A call may make no progress for `timeout` seconds; None is no limit. The client never has a URL with a password in
    it, which it would quote in what it logs and raises, and aiohttp would refuse.
    """
    import openai  # noqa: PLC0415 - takes half a second, and not every command asks a model

    given: dict[str, Any] = {"auth": address.login, "params": address.parameters} if address else {}
    try:
        transport: Any = openai.DefaultAioHttpClient(**given)  # half the CPU per call
    except RuntimeError:  # the aiohttp extra is not installed
        transport = openai.DefaultAsyncHttpxClient(**given)
    base_url = address.shown.removesuffix(CHAT) if address else None
    return openai.AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        max_retries=0,
        http_client=transport,
        timeout=openai.Timeout(timeout, connect=CONNECTING),
    )

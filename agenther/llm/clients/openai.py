"""The short way: any endpoint that speaks OpenAI's chat API, through the openai package, 2 or 3."""

from typing import Any

from agenther.address import Address, hide
from agenther.llm.clients.chat import parameters, read, settled
from agenther.llm.clients.faults import Told, TransientError, meaning, told, unreachable
from agenther.llm.clients.keys import OPENAI
from agenther.llm.model import Completion, Request

INSTEAD = {"temperature": "", "max_tokens": "max_completion_tokens"}
"""Models that reason have one temperature and refuse any other, and count the length of an answer otherwise."""
CONNECTING = 15.0
"""Seconds for a connection to come about. A call that was never sent is not paid for, so nothing is lost."""
RAW: Any = {"headers": {"X-Stainless-Raw-Response": "raw"}}
"""As the package itself asks for a response that is not parsed."""


def is_refused(error: Told) -> bool:
    """Does the model not take a parameter, for which there is something else? A length may only be too large."""
    return error.param in INSTEAD and (error.param != "max_tokens" or error.is_unknown)


def taken(given: dict[str, Any], refused: set[str]) -> dict[str, Any]:
    """The parameters without those that the model refused before."""
    for name in given.keys() & INSTEAD.keys() & refused:
        value = given.pop(name)
        if INSTEAD[name]:
            given[INSTEAD[name]] = value
    return given


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
    base_url = address.shown if address else None
    return openai.AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        max_retries=0,
        http_client=transport,
        timeout=openai.Timeout(timeout, connect=CONNECTING),
    )


class OpenAIClient:
    """A model at `address`, or OpenAI's own when that is None. Asks once; `Patient` asks again.

    `key_is` tells people where the key comes from. It waits for an answer as long as it is let: the package's own limit
    of ten minutes would cut off calls that may take longer, which were paid for once more.
    """

    def __init__(self, name: str, address: Address | None, *, api_key: str, key_is: str = OPENAI) -> None:
        import openai  # noqa: PLC0415 - as above

        self.name = name
        self._openai = openai
        self._key_is = key_is
        self._refused: set[str] = set()
        self._address = address
        self._client = connection(address, api_key)

    async def complete(self, request: Request) -> Completion:
        while True:
            given = taken(parameters(request), self._refused)
            try:
                return await self._create(given)
            except self._openai.BadRequestError as error:
                said = told(error.body)
                if said.param not in given or not is_refused(said):
                    return self._failed(error)
                self._refused.add(said.param)  # not sent again, to this model
            except self._openai.APIError as error:
                return self._failed(error)

    async def _create(self, given: dict[str, Any]) -> Completion:
        # not by chat.completions.create, which goes through the parameters one by one, for half a millisecond; and
        # the raw response, since a body that is not what it should be is ours to handle
        body = {"model": self.name, **given}
        response: Any = await self._client.post("/chat/completions", cast_to=object, body=body, options=RAW)
        try:
            return read(response.http_response.content)
        except TransientError as error:
            raise TransientError(hide(str(error), self._address), wait=error.wait, status=error.status) from None

    def _failed(self, error: Any) -> Completion:
        """What is left of a failed call, told by attributes that openai 2 and 3 share; never by its text."""
        where = f"{self._client.base_url.host}:{self._client.base_url.port or self._client.base_url.scheme}"
        if why := unreachable(error, where):
            raise TransientError(why, unreached=True)
        response = getattr(error, "response", None)
        said = told(error.body)
        if response is None and not said.message:
            said = said._replace(message=f"{error.message} {error.__cause__ or ''}")
        said = said._replace(message=hide(said.message, self._address))
        headers = response.headers if response is not None else {}
        return settled(meaning(self.name, getattr(error, "status_code", None), said, headers, self._key_is))

    async def aclose(self) -> None:
        await self._client.close()

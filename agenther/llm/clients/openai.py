"""The short way: any endpoint that speaks OpenAI's chat API, over HTTP as it is.

Without the openai package, which takes half a second to load and most of a millisecond for each call.
"""

import os
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic_core import to_json

from agenther.address import Address, address, hide
from agenther.llm.clients.chat import read, settled
from agenther.llm.clients.faults import TransientError, meaning, unreachable
from agenther.llm.clients.keys import OPENAI
from agenther.llm.clients.manner import Manners
from agenther.llm.clients.told import Told, of
from agenther.llm.model import Completion, Request

if TYPE_CHECKING:
    from aiohttp import ClientSession

OWN = address("https://api.openai.com/v1")
"""OpenAI's."""
CONNECTING = 15.0
"""Seconds for a connection to come about. A call that was never sent is not paid for, so nothing is lost."""
ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""Headers that tell who pays, and the variables in which users of OpenAI have it."""
MORE = "OPENAI_CUSTOM_HEADERS"
"""The variable in which they have other headers, a line each."""


class OpenAIClient:
    """A model at `address`, or OpenAI's own when that is None. Asks once; `Patient` asks again.

    `key_is` tells people where the key comes from. It waits for an answer as long as it is let: a limit of its own
    would cut off calls that may take longer, which were paid for once more.
    """

    def __init__(
        self,
        name: str,
        address: Address | None,
        *,
        api_key: str,
        key_is: str = OPENAI,
        manners: Manners | None = None,
    ) -> None:
        self.name = name
        self._key_is = key_is
        self._manners = manners or Manners()
        self._address = address or OWN
        self._url = f"{self._address.shown}/chat/completions"
        self._headers = headers(self._address, api_key)
        self._proxy = proxy(self._url)

    @cached_property
    def _session(self) -> "ClientSession":
        import aiohttp  # noqa: PLC0415 - takes a tenth of a second, and not every command asks a model

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # `Gate` knows how many
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECTING),
            headers=self._headers,
        )

    async def complete(self, request: Request) -> Completion:
        return await self._manners.ask(request, self._asked)

    async def _asked(self, given: dict[str, Any]) -> Completion:
        status, headers, raw = await self._posted(to_json({"model": self.name, **given}))
        if not 200 <= status < 300:
            return self._failed(status, of(raw), headers)
        try:
            return read(raw)
        except TransientError as error:
            if error.said and error.said.words.strip():
                return self._failed(status, error.said, headers)
            raise TransientError(hide(str(error), self._address), status=status) from None

    async def _posted(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """(status, headers, body) of the response. Raises TransientError when there is none."""
        import aiohttp  # noqa: PLC0415 - as above

        query = self._address.parameters
        try:
            async with self._session.post(self._url, data=body, params=query, proxy=self._proxy) as response:
                return response.status, response.headers, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._unanswered(error) from None

    def _unanswered(self, error: Exception) -> TransientError:
        """Why there is no response, told by what the error is; never by its text, where that is known."""
        where = urlsplit(self._url)
        if why := unreachable(error, f"{where.hostname}:{where.port or where.scheme}"):
            return TransientError(why, unreached=True)
        return TransientError(hide(f"no connection: {type(error).__name__} {error}", self._address))

    def _failed(self, status: int, said: Told, headers: Mapping[str, str]) -> Completion:
        said = said._replace(message=hide(said.message, self._address))
        return settled(meaning(self.name, status, said, headers, self._key_is))

    async def aclose(self) -> None:
        if "_session" in self.__dict__:
            await self._session.close()


def headers(address: Address, api_key: str) -> dict[str, str]:
    """What every request has. A login that stands in the address goes before a key."""
    secret = f"Basic {b64encode(':'.join(address.login).encode()).decode()}" if address.login else f"Bearer {api_key}"
    account = {name: value for name, variable in ACCOUNT.items() if (value := os.environ.get(variable))}
    more = (line.partition(":") for line in os.environ.get(MORE, "").splitlines() if ":" in line)
    return {
        "Authorization": secret,
        "Content-Type": "application/json",
        "Accept": "application/json",
        **account,
        **{name.strip(): value.strip() for name, _, value in more},
    }


def proxy(url: str) -> str | None:
    """What the environment names for it."""
    parts = urlsplit(url)
    known = getproxies()
    found = known.get(parts.scheme) or known.get("all")
    return found if found and not proxy_bypass(parts.netloc) else None

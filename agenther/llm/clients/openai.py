"""The short way: any endpoint that speaks OpenAI's chat API, over HTTP as it is.

Without the openai package, which takes half a second to load and most of a millisecond for each call.
"""

import os
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from agenther.address import Address, address, hide
from agenther.llm.clients.chat import read, settled
from agenther.llm.clients.faults import TransientError, meaning
from agenther.llm.clients.keys import OPENAI
from agenther.llm.clients.manner import Manners
from agenther.llm.clients.post import ELSEWHERE, VERSION, Post
from agenther.llm.clients.told import Told, of
from agenther.llm.model import Completion, Request

OWN = address("https://api.openai.com/v1")
"""OpenAI's."""
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
        self._post = Post(name, self._address, headers(self._address, api_key))

    async def complete(self, request: Request) -> Completion:
        return await self._manners.ask(request, self._asked)

    async def _asked(self, given: dict[str, Any]) -> Completion:
        status, headers, raw = await self._post(to_json({"model": self.name, **given}))
        if not 200 <= status < 300:
            return self._failed(status, of(raw), headers)
        try:
            return read(raw)
        except TransientError as error:
            if error.said and error.said.words.strip():
                return self._failed(status, error.said, headers)
            raise TransientError(hide(str(error), self._address), status=status) from None

    def _failed(self, status: int, said: Told, headers: Mapping[str, str]) -> Completion:
        where = f" ({self._post.told})" if status in ELSEWHERE else ""
        said = said._replace(message=hide(f"{said.message}{where}", self._address).strip())
        return settled(meaning(self.name, status, said, headers, self._key_is))

    async def aclose(self) -> None:
        await self._post.aclose()


def headers(address: Address, api_key: str) -> dict[str, str]:
    """What every request has. A login that stands in the address goes before a key."""
    secret = f"Basic {b64encode(':'.join(address.login).encode()).decode()}" if address.login else f"Bearer {api_key}"
    account = {name: value for name, variable in ACCOUNT.items() if (value := os.environ.get(variable))}
    more = (line.partition(":") for line in os.environ.get(MORE, "").splitlines() if ":" in line)
    azure = {"api-key": api_key} if VERSION in dict(address.parameters) else {}
    return {
        "Authorization": secret,
        **azure,
        "Content-Type": "application/json",
        "Accept": "application/json",
        **account,
        **{name.strip(): value.strip() for name, _, value in more},
    }

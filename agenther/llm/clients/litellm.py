"""The long way, to every provider that litellm knows. Slower by 2 ms a call, and imported only when needed."""

import json
import logging
import os
from typing import Any

from agenther.address import hide
from agenther.errors import ModelError
from agenther.llm.clients.chat import completion, settled
from agenther.llm.clients.faults import TransientError, meaning, unreachable
from agenther.llm.clients.manner import STRUCTURED, UNBOUNDED, Manners
from agenther.llm.clients.told import told
from agenther.llm.model import Completion, Request

KEY = "_API_KEY"
"""Ends the name of a variable that holds one."""
LATER = 15.0
"""Seconds by which its own limit is longer than ours. It knows no call without one."""


class LitellmClient:
    """A model by litellm's name, "provider/model". Asks once; `Patient` asks again.

    Raises ModelError at once when litellm does not know the name, or the provider's key is not set.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 300,
        manners: Manners | None = None,
    ) -> None:
        self.name = name
        self._manners = manners or Manners({STRUCTURED: UNBOUNDED})
        self._timeout = timeout + LATER
        self._litellm, self._openai = _imported()
        self._where = {"base_url": base_url, "api_key": api_key}
        try:
            self._litellm.get_llm_provider(name, api_base=base_url, api_key=api_key)
        except self._litellm.BadRequestError:
            why = "no such model is known; write it as provider/model, or give its endpoint with --base-url"
            raise ModelError(name, why) from None
        if api_key is None:
            for name_of_key in [one for one, value in os.environ.items() if one.endswith(KEY) and not value.strip()]:
                del os.environ[name_of_key]  # an empty key is none; litellm would send it
            missing = self._litellm.validate_environment(name)["missing_keys"]
            keys = [key for key in missing if key.endswith(KEY)]  # others may come from a profile
            if keys:
                raise ModelError(name, f"no key; set the environment variable {' or '.join(keys)}")

    async def complete(self, request: Request) -> Completion:
        return await self._manners.ask(request, self._asked)

    async def _asked(self, given: dict[str, Any]) -> Completion:
        try:
            response = await self._litellm.acompletion(
                model=self.name,
                num_retries=0,
                max_retries=0,
                timeout=self._timeout,  # else it cuts off calls that may take longer, which were paid for once more
                drop_params=True,  # a provider without temperature or response_format: the prompt asks for JSON too
                **self._where,
                **given,
            )
        except self._openai.OpenAIError as error:  # the root of all that litellm raises
            return self._failed(error)
        body = response.model_dump()
        try:
            return completion(body, json.dumps(body, default=str))
        except TransientError as error:
            if error.said and error.said.words.strip():
                return settled(meaning(self.name, error.status, error.said, {}))
            raise

    def _failed(self, error: Any) -> Completion:
        if why := unreachable(error, self._where["base_url"] or "its provider"):
            raise TransientError(why, unreached=True)
        said = told(getattr(error, "body", None))
        if isinstance(error, self._litellm.ContextWindowExceededError):
            said = said._replace(code="context_length_exceeded")
        elif isinstance(error, self._litellm.ContentPolicyViolationError):
            said = said._replace(code="content_filter")
        if not said.message:
            said = said._replace(message=getattr(error, "message", ""))
        said = said._replace(message=hide(said.message))
        headers = getattr(error, "litellm_response_headers", None) or {}
        return settled(meaning(self.name, getattr(error, "status_code", None), said, headers))

    async def aclose(self) -> None:
        await self._litellm.close_litellm_async_clients()


def _imported() -> tuple[Any, Any]:
    """The packages litellm and openai, on which it stands.

    litellm is kept from fetching prices, from loading a `.env` that lies about, and from printing to stdout.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the network on import
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else it reads .env from the working directory
    import litellm  # noqa: PLC0415 - takes two seconds, and wants the above before it
    import openai  # noqa: PLC0415 - comes with it

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True  # else names with "llama" try the Hugging Face Hub
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    return litellm, openai

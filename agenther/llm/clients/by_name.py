"""Which client a model's name stands for."""

from pathlib import Path

from agenther.errors import ModelError
from agenther.llm.clients.keys import NO_KEY, Keys
from agenther.llm.clients.litellm import LitellmClient
from agenther.llm.clients.manner import Manners
from agenther.llm.clients.openai import OpenAIClient
from agenther.llm.clients.scripted import from_file
from agenther.llm.model import Model


def make_model(
    name: str,
    base_url: str | None = None,
    keys: Keys | None = None,
    timeout: float = 300,
    manners: Manners | None = None,
) -> Model:
    """The model that a user names, as a bare client; `access.py` adds limits, retries and the cache.

    "scripted:PATH" answers from a file. With `base_url`, or for a name without a provider when
    OPENAI_API_KEY is set, OpenAI's chat API; all else goes through litellm ("anthropic/claude-…"). `timeout` is for
    one call, and `Admitted` keeps it.
    Raises ModelError at once when the name is unknown or a key that is needed is not set.
    """
    if is_scripted(name):
        return from_file(Path(name.removeprefix("scripted:")))
    keys = keys or Keys(own=base_url)
    if not name.strip():
        raise ModelError("--model", "the name is empty")
    key = keys.key(base_url)
    if base_url or (key and "/" not in name):
        return OpenAIClient(
            name, keys.address(base_url), api_key=key or NO_KEY, key_is=keys.told(base_url), manners=manners
        )
    return LitellmClient(name, timeout=timeout, manners=manners)


def is_scripted(name: str) -> bool:
    """Does the model answer from a file? That costs nothing, and is neither limited nor kept."""
    return name.startswith("scripted:")

"""Which key an endpoint is shown. A key goes to its provider, and elsewhere only where its user sends it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from agenther.errors import ModelError
from agenther.settings import plain

OPENAI = "OPENAI_API_KEY"
NO_KEY = "none"
"""Sent where there is no key: the openai package wants one, and servers of one's own rarely do."""


@dataclass(frozen=True)
class Keys:
    """Keys are taken from the environment, and are named by their variables."""

    own: str | None = None
    """`--base-url`: the endpoint of one's own that is shown OpenAI's key if that is set, as such servers expect."""
    named: Mapping[str, str] = field(default_factory=dict)
    """`--key`: variables by the address of the endpoint."""

    def key(self, base_url: str | None) -> str:
        """The key for the endpoint, None being OpenAI's; empty when there is none.

        Raises ModelError when a variable was named for it that is not set.
        """
        if base_url and (variable := self._named(base_url)):
            if key := _value(variable):
                return key
            raise ModelError(base_url, f"{variable} is not set, which --key names for it")
        is_owned = base_url is None or (self.own is not None and plain(base_url) == plain(self.own))
        return _value(OPENAI) if is_owned else ""

    def told(self, base_url: str | None) -> str:
        """What to look at when the endpoint refuses the key."""
        if variable := self._named(base_url):
            return variable
        return OPENAI if base_url is None or self.key(base_url) else f"--key {base_url}=VARIABLE"

    def _named(self, base_url: str | None) -> str | None:
        by_address = {plain(address): variable for address, variable in self.named.items()}
        return by_address.get(plain(base_url)) if base_url else None


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()

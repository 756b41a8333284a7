"""Which key an endpoint is shown, and which user and password.

A key goes to its provider, and elsewhere only where its user sends it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from agenther.address import Address, address, shown
from agenther.errors import ModelError

OPENAI = "OPENAI_API_KEY"
OPENAI_AT = "OPENAI_BASE_URL"
NO_KEY = "none"
"""Sent where there is no key: the openai package wants one, and servers of one's own rarely do."""


@dataclass(frozen=True)
class Keys:
    """Keys are taken from the environment, and are named by their variables.

    Endpoints are told apart by their addresses as they are shown, so that one that was given with its password once
    is asked with it wherever it is named.
    """

    own: str | None = None
    """`--base-url`: the endpoint of one's own that is shown OpenAI's key if that is set, as such servers expect."""
    named: Mapping[str, str] = field(default_factory=dict)
    """`--key`: variables by the address of the endpoint. One may also hold that address itself, with user, password
    and query.
    """
    addresses: tuple[Address, ...] = field(default=(), repr=False)
    """As they were given, with all that is in them."""

    def key(self, base_url: str | None) -> str:
        """The key for the endpoint, None being OpenAI's; empty when there is none.

        Raises ModelError when a variable was named for it that is not set.
        """
        if base_url and (variable := self._named(base_url)):
            key = _value(variable)
            if not key:
                raise ModelError(shown(base_url), f"{variable} is not set, which --key names for it")
            if "://" not in key:
                return _sendable(variable, key)
        is_owned = base_url is None or (self.own is not None and shown(base_url) == shown(self.own))
        return _sendable(OPENAI, _value(OPENAI)) if is_owned else ""

    def address(self, base_url: str | None) -> Address | None:
        """All of the endpoint's address; None for OpenAI's own. Raises ModelError when it is none."""
        if base_url is None:
            return _address(OPENAI_AT, _value(OPENAI_AT)) if _value(OPENAI_AT) else None
        variable = self._named(base_url)
        if variable and "://" in _value(variable):
            found = _address(variable, _value(variable))
            if found.shown != shown(base_url):
                raise ModelError(shown(base_url), f"{variable}, which --key names for it, holds the address of another")
            return found
        plain = _address("--base-url", base_url)
        return next((one for one in self.addresses if one.shown == plain.shown and one != plain), plain)

    def told(self, base_url: str | None) -> str:
        """What to look at when the endpoint refuses the key."""
        if variable := self._named(base_url):
            return variable
        if base_url is None:
            return OPENAI
        if (found := self.address(base_url)) and found.login:
            return "user and password in its address"
        return OPENAI if self.key(base_url) else f"--key {shown(base_url)}=VARIABLE"

    def _named(self, base_url: str | None) -> str | None:
        by_address = {shown(one): variable for one, variable in self.named.items()}
        return by_address.get(shown(base_url)) if base_url else None


def _address(name: str, text: str) -> Address:
    try:
        return address(text)
    except ValueError as error:
        raise ModelError(name, f"it holds {error}") from None


def _sendable(variable: str, key: str) -> str:
    """The key. Raises ModelError for one that no header of HTTP can have: it is more than a key, or less."""
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    raise ModelError(variable, "it holds no key: there are blanks in it, line ends, or letters that no key has")


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()

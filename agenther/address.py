"""The address of an endpoint, apart from what in it is secret.

    https://ann:s3cret@host:8000/v1?token=t   is shown and kept as   https://host:8000/v1

User, password, query and fragment may be credentials. They live in an `Address` alone, whose text has none of them, and
are taken out of it only where a client is built.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

HIDDEN = "…"
LEAST = 4
"""Characters of a secret that is looked for by itself; shorter ones stand in many words."""
_REST = re.compile(r"://(?:[^\s\"'<>]|'(?=[^\s,.;:)\]}]))+")
"""Of a URL in a text, what comes after its scheme."""


@dataclass(frozen=True)
class Address:
    """Where an endpoint is. Its text is the one that is shown."""

    shown: str
    """Scheme, host, port and path."""
    userinfo: str = field(default="", repr=False)
    """As it stood in the URL."""
    query: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.shown

    @property
    def login(self) -> tuple[str, str] | None:
        """(user, password) for HTTP's Basic authentication."""
        user, _, password = self.userinfo.partition(":")
        return (unquote(user), unquote(password)) if self.userinfo else None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What every request to it has in its query."""
        return parse_qsl(self.query, keep_blank_values=True)

    def secrets(self) -> Iterator[str]:
        """All that is secret in it, in each way in which somebody may repeat it who was shown it."""
        if self.login:
            user, password = self.login
            yield from (self.userinfo, f"{user}:{password}", b64encode(f"{user}:{password}".encode()).decode())
            yield from (user, password, *self.userinfo.split(":", 1))
        yield self.query
        for pair, (_, value) in zip(self.query.split("&"), self.parameters, strict=False):
            yield from (pair.partition("=")[2], value)


def hide(text: str, asked: Address | None = None) -> str:
    """The words of a server, at `asked` or behind what the environment names (proxies, providers), without secrets."""
    known = [*_of_environment(), *([asked] if asked else [])]
    secrets = {secret for one in known for secret in one.secrets() if len(secret) >= LEAST}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return without_credentials(text)


def _of_environment() -> Iterator[Address]:
    for value in os.environ.values():
        if "://" in value:
            with suppress(ValueError):
                yield address(value)


class _Parts(NamedTuple):
    """What comes after a URL's scheme."""

    userinfo: str
    place: str
    """Host, port and path."""
    query: str
    fragment: str
    is_clear: bool
    """False where an @ stands so that nobody knows where a password ends."""


def _parts(rest: str) -> _Parts:
    place, _, fragment = rest.partition("#")
    place, _, query = place.partition("?")
    authority, stroke, path = place.partition("/")
    userinfo, _, host = authority.rpartition("@")
    return _Parts(userinfo, f"{host}{stroke}{path}", query, fragment, "@" not in f"{path}{query}{fragment}")


def address(text: str) -> Address:
    """Of a URL, as it may be written. Raises ValueError, which tells nothing of it, for what is none of HTTP."""
    scheme, _, rest = text.strip().partition("://")
    parts = _parts(rest)
    shown = f"{scheme.lower()}://{parts.place}".rstrip("/")
    try:
        split = urlsplit(shown)
        is_good = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
    except ValueError:  # half an IPv6 address, or no port
        is_good = False
    if not (is_good and parts.is_clear) or re.search(r"\s", text.strip()):
        raise ValueError("no address such as http://localhost:8000/v1")
    return Address(shown, parts.userinfo, parts.query)


def shown(text: str) -> str:
    """What of a URL is shown and kept, also where it is none that could be asked."""
    try:
        return address(text).shown
    except ValueError:
        return without_credentials(text)


def without_credentials(text: str) -> str:
    """A text in which every URL stands as it is shown."""
    return _REST.sub(lambda match: f"://{_safe(match[0].removeprefix('://'))}", text)


def secret_parts(text: str) -> Iterator[tuple[str, str]]:
    """(part, as it is shown) for all that is not shown of a URL, the whole of it among them."""
    _, stroke, rest = text.strip().partition("://")
    parts = _parts(rest)
    if stroke and _safe(rest) != rest:
        yield rest, _safe(rest)
        if parts.is_clear and parts.userinfo:
            host = parts.place.partition("/")[0]
            yield f"{parts.userinfo}@{host}", host
        if parts.is_clear and parts.query:
            yield f"{parts.place}?{parts.query}", parts.place


def _safe(rest: str) -> str:
    parts = _parts(rest)
    # where there is no user before a colon, what comes before an @ is part of a path: OWNER/NAME@REVISION
    is_clear = parts.is_clear or not (parts.userinfo or ":" in parts.place.partition("/")[0])
    return parts.place if is_clear else HIDDEN

"""How requests reach an endpoint: at which address its chat API is, through which proxy, and what kept one from it.

An address may be written with or without `/v1`, or with `/chat/completions` at its end; which it is shows at the first
answer. A redirect is followed where it stays with the same host, which then is asked there at once.
"""

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from agenther.address import Address, hide, shown
from agenther.llm.clients.faults import CERTIFICATES, TransientError, UnusableError, unreachable

if TYPE_CHECKING:
    from aiohttp import ClientSession

CHAT = "/chat/completions"
CONNECTING = 10.0
"""Seconds for a connection to come about. A call that was never sent is not paid for, so nothing is lost."""
VERSION = "api-version"
"""In the query of an address: it is Azure's."""
DEPLOYMENTS = "/openai/deployments/"
MOST_HOPS = 3
"""Redirects one after the other."""
ELSEWHERE = frozenset({404, 405})
"""Statuses of an address at which there may be no chat API."""


class Response(NamedTuple):
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def is_api(self) -> bool:
        """Is there for certain something that takes calls?"""
        is_json = self.raw.lstrip()[:1] in {b"{", b"["}
        return is_json and (b'"choices"' in self.raw if self.status < 300 else self.status not in ELSEWHERE)

    @property
    def is_error(self) -> bool:
        """Does it say in JSON what is wrong?"""
        return b'"error"' in self.raw


class Post:
    """The chat API at `address`, to which `headers` go. `name` is that of the model, for errors."""

    def __init__(self, name: str, address: Address, headers: Mapping[str, str]) -> None:
        self._name = name
        self._address = address
        self._headers = headers
        self._urls = list(places(address.shown))
        """Where the API may be; that at which it is alone, once that is known."""

        named = proxy(self._urls[0]) or ""
        self._socks = named if named.startswith("socks") else ""
        self._proxy = None if self._socks else named or None

    @cached_property
    def _session(self) -> "ClientSession":
        import aiohttp  # noqa: PLC0415 - takes a tenth of a second, and not every command asks a model

        named = {CERTIFICATES, "SSL_CERT_DIR"} & os.environ.keys()
        trusted = ssl.create_default_context() if named else True
        how: dict[str, Any] = {"limit": 0, "ssl": trusted}  # `Gate` knows how many
        return aiohttp.ClientSession(
            connector=_through(self._socks, how) if self._socks else aiohttp.TCPConnector(**how),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECTING),
            headers=self._headers,
        )

    @property
    def told(self) -> str:
        """Where it was asked, and what may be missing there, for an error that says that nothing is."""
        asked = " and ".join(shown(url) for url in self._urls)
        is_azure = urlsplit(self._urls[0]).path.startswith(DEPLOYMENTS) and VERSION not in dict(
            self._address.parameters
        )
        return f"asked at {asked}{f'; --base-url lacks ?{VERSION}=…, which Azure wants' if is_azure else ''}"

    async def __call__(self, body: bytes) -> Response:
        """The response. Raises TransientError when there is none, and UnusableError when it is to be had elsewhere."""
        response = None
        for url in self._urls:
            there, found = await self._moved(url, body)
            if found.is_api:
                self._urls = [there]
                return found
            if response is None or (found.is_error and not response.is_error):
                response = found
        assert response
        return response

    async def _moved(self, url: str, body: bytes) -> tuple[str, Response]:
        """(address, response) of an address, or of where it leads."""
        asked = url
        for _ in range(MOST_HOPS):
            response = await self._sent(asked, body)
            to = response.headers.get("location", "") if 300 <= response.status < 400 else ""
            if not to:
                return asked, response
            there = urljoin(asked, to)
            if not _is_same(asked, there):
                break
            asked = there.partition("?")[0]
        why = f"{shown(url)} leads to {shown(there).removesuffix(CHAT)} (status {response.status}); is that --base-url?"
        raise UnusableError(self._name, why)

    async def _sent(self, url: str, body: bytes) -> Response:
        import aiohttp  # noqa: PLC0415 - as above

        query = self._address.parameters
        failures: tuple[type[Exception], ...] = aiohttp.ClientError, TimeoutError, OSError, *_of_socks(self._socks)
        try:
            async with self._session.post(
                url, data=body, params=query, proxy=self._proxy, allow_redirects=False
            ) as response:
                return Response(response.status, response.headers, await response.read())
        except failures as error:
            raise self._unanswered(url, error) from None

    def _unanswered(self, url: str, error: Exception) -> TransientError:
        """Why there is no response, told by what the error is; never by its text, where that is known."""
        import aiohttp  # noqa: PLC0415 - as above

        by_proxy = isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError)
        where = urlsplit(self._socks or (self._proxy if by_proxy and self._proxy else url))
        place = f"{'the proxy ' if self._socks or by_proxy else ''}{where.hostname}:{where.port or where.scheme}"
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return TransientError(f"no connection: {place} answers with status {error.status}", unreached=True)
        if isinstance(error, _of_socks(self._socks)):
            return TransientError(f"no connection: {place} cannot connect ({hide(str(error))})", unreached=True)
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return TransientError(f"no connection: {place} does not answer within {CONNECTING:g} s", unreached=True)
        if why := unreachable(error, place):
            return TransientError(why, unreached=True)
        return TransientError(hide(f"no connection: {type(error).__name__} {error}", self._address))

    async def aclose(self) -> None:
        if "_session" in self.__dict__:
            await self._session.close()


def places(base_url: str) -> Iterator[str]:
    """The addresses at which the chat API may be, the likeliest first."""
    base = base_url.removesuffix(CHAT)
    yield f"{base}{CHAT}"
    if not re.search(r"/v\d|/deployments/", urlsplit(base).path):
        yield f"{base}/v1{CHAT}"


def _is_same(url: str, there: str) -> bool:
    """Is it the same host, and no less safe, and does it look like the same API?"""
    old, new = urlsplit(url), urlsplit(there)
    is_safe = new.scheme == "https" or (new.scheme, new.port) == (old.scheme, old.port)
    return old.hostname == new.hostname and is_safe and new.path.rstrip("/").endswith(CHAT)


def proxy(url: str) -> str | None:
    """What the environment names for it."""
    parts = urlsplit(url)
    known = getproxies()
    found = known.get(parts.scheme) or known.get("all")
    if not found or proxy_bypass(parts.netloc):
        return None
    return found if "://" in found else f"http://{found}"


def _of_socks(socks: str) -> tuple[type[Exception], ...]:
    """What a connector by way of that proxy raises when it has none."""
    if not socks:
        return ()
    from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError  # noqa: PLC0415 - as below

    return ProxyError, ProxyConnectionError, ProxyTimeoutError


def _through(socks: str, how: dict[str, Any]) -> Any:
    """A connector by way of a SOCKS proxy, which looks names up."""
    from aiohttp_socks import ProxyConnector  # noqa: PLC0415 - few have such a proxy

    scheme, _, rest = socks.partition("://")
    return ProxyConnector.from_url(f"{scheme.rstrip('ha')}://{rest}", rdns=True, **how)

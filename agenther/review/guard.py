"""Who may ask: this machine's browser, on the page that was opened with the address that was printed."""

from collections.abc import MutableMapping
from secrets import compare_digest
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_OWN = {"same-origin", "none"}
"""How a browser calls what comes from the page itself, or from the address bar."""


class Guard:
    """Refuses what comes under another name (a name of somebody else's that leads here), from another page, or
    without the token; and says with each answer what the page may do.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, policy: str) -> None:
        self.app = app
        self.token = token
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self.headers = {
            "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        why = self._refusal(Request(scope))
        answer = PlainTextResponse(why, 403) if why else self.app
        await answer(scope, receive, sent)

    def _refusal(self, request: Request) -> str:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if host not in self.hosts:
            return "this page is served under 127.0.0.1 alone"
        is_needed = request.method not in {"GET", "HEAD"}
        if origin != f"http://{host}" and (is_needed or origin is not None):
            return "another page may not ask this one"
        if request.headers.get("sec-fetch-site", "none") not in _OWN:
            return "another page may not lead here; open the address that was printed"
        if not compare_digest(request.url.path.split("/")[1].encode(), self.token.encode()):
            return "the whole address that was printed is needed"
        return ""

"""A local endpoint that speaks OpenAI's chat API on a real socket, and misbehaves as told.

    with Server(status(429, headers={"Retry-After": "1"}), says('{"goals": []}')) as server:
        ...  # server.url ends in /v1; server.bodies holds the requests as they came in

Each argument answers one request; the last one answers all that follow.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    def __init__(self, *behaviours: Behaviour, port: int = 0, path: str = "/v1/chat/completions", tls: Any = None):
        self.path = path
        self.tls = tls
        self.port = port
        self.behaviours = list(behaviours)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.queries: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_exception):
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> str:
        app = web.Application()
        app.router.add_post(self.path, self._answer)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls)
        await site.start()
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.queries.append(request.query_string)
        self.keys.append(request.headers.get("Authorization", ""))
        behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
        return await behaviour(request)


def chat(content: Any, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    usage = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
    message = {"role": "assistant", "content": content, **more.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    } | more


def says(content: Any, finish: str = "stop", **more: Any) -> Behaviour:
    return status(200, chat(content, finish, **more))


def status(code: int, body: Any = None, headers: dict[str, str] | None = None) -> Behaviour:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({} if body is None else body, status=code, headers=headers)

    return answer


def fails(code: int, message: str = "no", kind: str | None = None, **more: Any) -> Behaviour:
    """An error as OpenAI words it."""
    headers = more.pop("headers", None)
    return status(code, {"error": {"message": message, "type": "error", "code": kind, **more}}, headers)


def raw(text: str, content_type: str = "application/json") -> Behaviour:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return answer


HTML = raw("<html><body>Welcome</body></html>", "text/html")
TRUNCATED = raw(json.dumps(chat("{}"))[:60])
EMPTY_BODY = raw("")


async def reset(request: web.Request) -> web.Response:
    """Drops the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hang(_request: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def dribble(request: web.Request) -> web.StreamResponse:
    """A body that never ends, a byte at a time, so that no single read times out."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)

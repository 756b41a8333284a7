"""What the review page asks of its server. Places are counted from 1 in addresses, as people count."""

from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from agenther.errors import StoreError
from agenther.pages.html import data, page, policy
from agenther.review.desk import Change, Desk
from agenther.review.guard import Guard
from agenther.review.shelf import Shelf

SCRIPT = "review.js"
MOST = 100_000
"""Bytes of what a page may say at once."""


class Site:
    """The answers, for one desk. What reads or writes files runs in threads of its own."""

    def __init__(self, desk: Desk, shelf: Shelf, name: str) -> None:
        self.desk = desk
        self.shelf = shelf
        self.name = name

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/next", self.next),
            Route("/done", self.done),
            Route("/find", self.find),
            Route("/undo", self.undo, methods=["POST"]),
            Route("/{n:int}", self.card),
            Route("/{n:int}/said", self.said),
            Route("/{n:int}/said", self.change, methods=["POST"]),
        ]

    def home(self, _request: Request) -> Response:
        """Goes on at the first card that is open."""
        return self._to(self.desk.open_after(-1))

    def next(self, request: Request) -> Response:
        after = self.desk.find(request.query_params.get("after", ""))
        return self._to(self.desk.open_after(-1 if after is None else after))

    def card(self, request: Request) -> Response:
        n = self._place(request)
        now = self._now(n)
        shown = page(
            "review.html",
            SCRIPT,
            asks=True,
            name=self.name,
            rater=self.desk.rater,
            card=self.shelf.shown(n),
            is_pair=len(self.desk.cards[n].shown) > 1,
            now=now,
            state=data(now),
        )
        after = self.desk.open_after(n)
        ahead = None if after is None else BackgroundTask(self.shelf.shown, after)
        return HTMLResponse(shown.encode("utf-8", "replace"), background=ahead)

    def done(self, _request: Request) -> Response:
        progress = self.desk.progress()
        return HTMLResponse(page("review_done.html", name=self.name, rater=self.desk.rater, progress=progress))

    def find(self, request: Request) -> Response:
        n = self.desk.find(request.query_params.get("which", "").strip())
        return _place(n, "there is no such place, and no item of that id")

    def undo(self, _request: Request) -> Response:
        return _place(self.desk.undo(), "nothing was said since this was started; go back to change an answer")

    def said(self, request: Request) -> Response:
        return JSONResponse(self._now(self._place(request)))

    async def change(self, request: Request) -> Response:
        n = self._place(request)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST:
                raise HTTPException(413, "that is too much at once")
        await run_in_threadpool(self.desk.change, n, Change.model_validate_json(bytes(body)))
        return JSONResponse(await run_in_threadpool(self._now, n))

    def _place(self, request: Request) -> int:
        n: int = request.path_params["n"]
        if not 0 < n <= len(self.desk.cards):
            raise HTTPException(404, "there is no such place")
        return n - 1

    def _to(self, n: int | None) -> Response:
        """Of addresses within the page, so that the token stands in none that is sent."""
        return RedirectResponse("done" if n is None else str(n + 1), 303)

    def _now(self, n: int) -> dict[str, Any]:
        progress = self.desk.progress()
        said = self.desk.said(n).model_dump(mode="json")
        return {"n": n + 1, "of": len(self.desk.cards), "rated": progress.rated, "left": progress.left, "said": said}


def app(site: Site, token: str, port: int) -> Starlette:
    guard = Middleware(Guard, token=token, port=port, policy=policy(SCRIPT, asks=True))
    return Starlette(
        routes=[Mount(f"/{token}", routes=site.routes())],
        middleware=[guard],
        exception_handlers={StoreError: _told, ValidationError: _meaningless},
    )


def _place(n: int | None, why: str) -> Response:
    """Where to go; `why` there is nowhere to go."""
    return JSONResponse({"n": None, "why": why} if n is None else {"n": n + 1})


def _told(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 409)


def _meaningless(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("that is no answer", 422)

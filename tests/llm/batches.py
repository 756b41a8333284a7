"""Whoever answers a batch: one answer for each request, told by its stage, and a local batch API that gives them."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from llm.lamp import ANSWERS
from llm.server import Server, chat


def stage_of(body: dict[str, Any]) -> str:
    return body["response_format"]["json_schema"]["name"]


def sensible(body: dict[str, Any]) -> str:
    """What a model says to the body of a request."""
    return json.dumps(ANSWERS[stage_of(body)])


def good(request: dict[str, Any], say: Callable[[dict[str, Any]], str] = sensible) -> dict[str, Any]:
    """The line that answers a line of a request file."""
    response = {"status_code": 200, "request_id": "r", "body": chat(say(request["body"]))}
    return {"id": "batch_req_1", "custom_id": request["custom_id"], "response": response, "error": None}


def bad(request: dict[str, Any], status: int, **error: Any) -> dict[str, Any]:
    """The line of an error file for a call that was refused."""
    body = {"error": {"message": "no", "type": "error", "param": None, "code": None, **error}}
    return {**good(request), "response": {"status_code": status, "request_id": "r", "body": body}}


def expired(request: dict[str, Any]) -> dict[str, Any]:
    """The line of an error file for a call that nobody made."""
    error = {"code": "batch_expired", "message": "This request could not be executed before the window expired."}
    return {**good(request), "response": None, "error": error}


def lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


class BatchServer(Server):
    """An endpoint with a batch API. A batch ends when `ending` names a state; until then it is in progress."""

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any] | None] = good):
        super().__init__()
        self.answer = answer
        """The line for a request; None for one that is lost."""
        self.ending = ""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.deaf = 0
        """So many calls get no answer although they are done."""

    async def _start(self) -> str:
        app = web.Application(client_max_size=2**30)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._retrieve)
        app.router.add_get("/v1/files/{id}/content", self._content)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _chat(self, request: web.Request) -> web.Response:
        """The same answer, to those who do not ask in batches."""
        return web.json_response(chat(sensible(await request.json())))

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        return web.json_response(self._file(form["file"].file.read(), form["file"].filename))

    def _file(self, content: bytes, name: str) -> dict[str, Any]:
        file_id = f"file-{len(self.files) + 1}"
        self.files[file_id] = content
        size = len(content)
        return {"id": file_id, "object": "file", "bytes": size, "created_at": 1, "filename": name, "purpose": "batch"}

    async def _create(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        assert wanted["endpoint"] == "/v1/chat/completions"
        assert wanted["completion_window"] == "24h"
        batch_id = f"batch_{len(self.batches) + 1}"
        self.batches[batch_id] = {"id": batch_id, "object": "batch", "created_at": 1, "status": "validating", **wanted}
        if self.deaf:
            self.deaf -= 1
            return web.json_response({"error": {"message": "come back later"}}, status=500)
        return web.json_response(self.batches[batch_id])

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": list(self.batches.values()), "has_more": False})

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return web.json_response({"error": {"message": "No batch found with that id."}}, status=404)
        asked = lines(self.files[batch["input_file_id"]])
        if batch["status"] == "validating":
            batch["status"] = "in_progress"
        if self.ending and batch["status"] == "in_progress":
            batch["status"] = self.ending
            self._end(batch, asked)
        if self.ending == "failed":
            batch["errors"] = {"object": "list", "data": [{"code": "x", "message": "too many tokens are enqueued"}]}
        batch["request_counts"] = {"total": len(asked), "completed": 0, "failed": 0}
        return web.json_response(batch)

    def _end(self, batch: dict[str, Any], asked: list[dict[str, Any]]) -> None:
        answers = [line for request in asked if (line := self.answer(request))]
        for key, is_wanted in (("output_file_id", True), ("error_file_id", False)):
            found = [line for line in answers if is_good(line) is is_wanted]
            if found and batch["status"] != "failed":
                content = "".join(json.dumps(line) + "\n" for line in reversed(found)).encode()
                batch[key] = self._file(content, key)["id"]

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["id"]], content_type="application/octet-stream")


def is_good(line: dict[str, Any]) -> bool:
    return bool(line["response"]) and line["response"]["status_code"] == 200

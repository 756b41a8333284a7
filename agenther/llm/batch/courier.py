"""Between a box and OpenAI's batch API: carries files of requests there, and files of answers back.

What is on its way stands in `batches.json` beside the files, so that the next start of the program finds it again:

    {"requests-0001.jsonl": {"model": "gpt-5-mini", "endpoint": "", "id": "batch_68…", "state": "in_progress 12/200"}}
"""

import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from agenther.address import Address, hide, shown
from agenther.errors import ModelError, StoreError
from agenther.files import usable, writing
from agenther.llm.batch.box import URL, Box
from agenther.llm.batch.connection import connection
from agenther.llm.clients.faults import TransientError, meaning, unreachable
from agenther.llm.clients.keys import NO_KEY, OPENAI, Keys
from agenther.llm.clients.told import told
from agenther.llm.layers.gate import OVERLOADED, Gate
from agenther.llm.layers.retry import patiently
from agenther.records import Record

ENDED = frozenset({"completed", "expired", "cancelled"})
"""States of a batch after which nothing more comes; what there is by then is paid for, and used."""
COLLECTED = "collected"
ATTEMPTS = 6
T = TypeVar("T")


class Sent(Record):
    """A file of requests that was handed over, or is about to be."""

    model: str
    endpoint: Annotated[str, AfterValidator(shown)]
    id: str = ""
    """Of its batch; empty until it is known."""
    state: str = ""
    """What the API said of it last; "collected" when its answers are here."""


_STATE = TypeAdapter(dict[str, Sent])


def sent_from(folder: Path) -> dict[str, Sent]:
    """What was handed over from this folder, by the names of the files; without those that somebody removed."""
    path = folder / "batches.json"
    if not path.exists():
        return {}
    try:
        with usable(path):
            sent = _STATE.validate_json(path.read_bytes())
            return {name: sent[name] for name in sent if (folder / name).exists()}
    except ValidationError:
        raise StoreError(path, "is damaged; what stands in it cannot be collected") from None


def under_way(folder: Path) -> int:
    """How many batches were sent from this folder and are still to be collected."""
    return sum(sent.state != COLLECTED for sent in sent_from(folder).values())


class Courier:
    """Asks through `gate`; `timeout` is for how many seconds a call may make no progress."""

    def __init__(self, box: Box, keys: Keys, gate: Gate, timeout: float) -> None:
        self.box = box
        self.keys = keys
        self.gate = gate
        self.timeout = timeout
        self.sent: dict[str, Sent] = {}
        self._clients: dict[str, Any] = {}

    def connect(self, model: str, base_url: str | None) -> None:
        """Gets ready to ask this model. Raises ModelError when it is not one of an OpenAI-compatible endpoint."""
        key = self.keys.key(base_url)
        if not base_url and (not key or "/" in model):
            why = f"--batch needs OpenAI's API (set {OPENAI}) or a --base-url like it; --batch-dir works with any"
            raise ModelError(model, why)
        if (base_url or "") not in self._clients:
            client = connection(self.keys.address(base_url), key or NO_KEY, timeout=self.timeout)
            self._clients[base_url or ""] = client

    async def collect(self) -> frozenset[str]:
        """Fetches the answers of all batches that have ended, also in part; names their files of requests.

        Raises ModelError for a batch that cannot be found: only its user knows whether it has to be paid for again.
        """
        self.sent = sent_from(self.box.folder)
        for path in self.box.requests():
            if path.name not in self.sent:
                path.unlink()  # the program died before it was sent
        for name, sent in list(self.sent.items()):
            if sent.state != COLLECTED:
                if sent.endpoint not in self._clients:
                    why = f"{sent.id or name} was sent to {sent.endpoint or 'OpenAI'}, and is collected from there"
                    raise self._lost(name, why)
                await self._asked(sent, partial(self._look, name, sent))
        return frozenset(name for name, sent in self.sent.items() if sent.state == COLLECTED)

    async def _look(self, name: str, sent: Sent) -> None:
        client = self._clients[sent.endpoint]
        batch = await (self._known(name, sent) if sent.id else self._found(name, sent))
        if batch is None:
            return
        if batch.status == "failed":
            self._forget(name)
            faults = [fault.message for fault in (batch.errors.data if batch.errors else None) or []]
            why = f"batch {batch.id} was not accepted: {'; '.join(map(str, faults)) or 'no reason given'}"
            raise ModelError(sent.model, f"{why}; the same command sends it again")
        if batch.status not in ENDED:
            counts = batch.request_counts
            done = f" {counts.completed + counts.failed}/{counts.total}" if counts else ""
            self._keep(name, sent, id=batch.id, state=f"{batch.status}{done}")
            return
        files = {"": batch.output_file_id, "-errors": batch.error_file_id}
        for suffix, file_id in files.items():
            if file_id:
                content = (await client.files.content(file_id)).content
                answers = name.replace("requests-", "responses-").replace(".jsonl", f"{suffix}.jsonl")
                with usable(self.box.folder), writing(self.box.folder / answers) as (file,):
                    file.write(content)
        if any(files.values()):
            self._keep(name, sent, id=batch.id, state=COLLECTED)
        else:
            self._forget(name)  # it ended before it began

    async def deliver(self, sealed: list[tuple[Path, str, str]]) -> None:
        """Hands over files of requests, each as a batch of its own."""
        for path, model, endpoint in sealed:
            self._keep(path.name, Sent(model=model, endpoint=endpoint))
        for name, sent in list(self.sent.items()):
            if not sent.id and sent.endpoint in self._clients:
                await self._hand_over(name, sent)

    async def _hand_over(self, name: str, sent: Sent) -> None:
        client = self._clients[sent.endpoint]
        path = self.box.folder / name
        with usable(path):
            content = path.read_bytes()
        file = await self._asked(sent, partial(client.files.create, file=(name, content), purpose="batch"))
        begin = partial(
            client.batches.create,
            input_file_id=file.id,
            endpoint=URL,
            completion_window="24h",
            metadata={"agenther": hashlib.sha256(content).hexdigest()},
        )
        # asked once: a call that failed may have begun a batch all the same, which the next start looks for
        batch = await self._asked(sent, begin, attempts=1)
        self._keep(name, sent, id=batch.id, state=str(batch.status))

    async def _known(self, name: str, sent: Sent) -> Any:
        """The batch of that id."""
        import openai  # noqa: PLC0415 - takes half a second, and only batches need it here

        try:
            return await self._clients[sent.endpoint].batches.retrieve(sent.id)
        except openai.NotFoundError as error:
            said = hide(told(error.body).message or error.message, self.keys.address(sent.endpoint or None))
            raise self._lost(name, f"{sent.id}: {said}") from None

    def _lost(self, name: str, why: str) -> ModelError:
        told_how = f"to have its requests sent again, and paid for again, remove {self.box.folder / name}"
        return ModelError(self.sent[name].model, f"{why}; {told_how}")

    async def _found(self, name: str, sent: Sent) -> Any:
        """The batch of a file that was being handed over when the program died; None if it did not come to that."""
        with usable(self.box.folder):
            mark = hashlib.sha256((self.box.folder / name).read_bytes()).hexdigest()
        async for batch in self._clients[sent.endpoint].batches.list(limit=100):
            if (batch.metadata or {}).get("agenther") == mark:
                return batch
        return None

    def told(self) -> str:
        """Which batches are under way."""
        waiting = [f"{sent.id} ({sent.state})" for sent in self.sent.values() if sent.state != COLLECTED]
        return f"batches: {', '.join(waiting)}"

    async def _asked(self, sent: Sent, call: Callable[[], Awaitable[T]], attempts: int = ATTEMPTS) -> T:
        """What calls to the API give. Raises ModelError when they fail for good."""
        import openai  # noqa: PLC0415 - as above

        async def once() -> T:
            async with self.gate.entered(0) as entry:
                try:
                    given = await call()
                except openai.APIError as error:
                    failure = _failure(sent, error, self.keys.address(sent.endpoint or None))
                    if isinstance(failure, TransientError) and failure.status in OVERLOADED:
                        self.gate.turned_away(sent.model, entry.at, failure)
                    raise failure from None
                self.gate.well()
                return given

        given, _ = await patiently(sent.model, once, self.gate, attempts)
        return given

    def _keep(self, name: str, sent: Sent, **changes: str) -> None:
        self.sent[name] = sent.model_copy(update=changes)
        self._save()

    def _forget(self, name: str) -> None:
        """Takes a file out, so that its requests are asked again."""
        del self.sent[name]
        self._save()
        (self.box.folder / name).unlink(missing_ok=True)

    def _save(self) -> None:
        with usable(self.box.folder), writing(self.box.folder / "batches.json") as (file,):
            file.write(_STATE.dump_json(self.sent, indent=1) + b"\n")

    async def aclose(self) -> None:
        for client in self._clients.values():
            await client.close()


def _failure(sent: Sent, error: Any, address: Address | None) -> TransientError | ModelError:
    """What the API refuses, as errors that a user can act upon; nothing of the secrets in its address is told."""
    if why := unreachable(error, sent.endpoint or "OpenAI"):
        return TransientError(why, unreached=True)
    status, said = getattr(error, "status_code", None), told(error.body)
    said = said._replace(message=hide(said.message or error.message, address))
    if status == 404:
        return ModelError(sent.model, f"no batch API here ({said.message}); --batch-dir works without one")
    outcome = meaning(sent.model, status, said, error.response.headers if status else {})
    if isinstance(outcome, ModelError):
        return outcome
    wait = outcome.wait if isinstance(outcome, TransientError) else None
    return TransientError(f"the batch API fails ({said.message})", wait=wait, status=status)

"""Between a box and OpenAI's batch API: carries files of requests there, and files of answers back.

What is on its way stands in `batches.json` beside the files, so that the next start of the program finds it again:

    {"requests-0001.jsonl": {"model": "gpt-5-mini", "endpoint": "", "id": "batch_68…", "state": "in_progress 12/200"}}
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter, ValidationError

from agenther.address import hide, shown
from agenther.errors import ModelError, StoreError
from agenther.files import usable, writing
from agenther.llm.batch.box import URL, Box
from agenther.llm.faults import meaning, told
from agenther.llm.keys import NO_KEY, OPENAI, Keys
from agenther.llm.openai_client import connection
from agenther.records import Record

ENDED = frozenset({"completed", "expired", "cancelled"})
"""States of a batch after which nothing more comes; what there is by then is paid for, and used."""
COLLECTED = "collected"
RETRIES = 5


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
    def __init__(self, box: Box, keys: Keys) -> None:
        self.box = box
        self.keys = keys
        self.sent: dict[str, Sent] = {}
        self._clients: dict[str, Any] = {}

    def connect(self, model: str, base_url: str | None) -> None:
        """Gets ready to ask this model. Raises ModelError when it is not one of an OpenAI-compatible endpoint."""
        key = self.keys.key(base_url)
        if not base_url and (not key or "/" in model):
            why = f"--batch needs OpenAI's API (set {OPENAI}) or a --base-url like it; --batch-dir works with any"
            raise ModelError(model, why)
        if (base_url or "") not in self._clients:
            client = connection(self.keys.address(base_url), key or NO_KEY, retries=RETRIES)
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
                with self._failures(sent):
                    await self._look(name, sent)
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
                with self._failures(sent):
                    await self._hand_over(name, sent)

    async def _hand_over(self, name: str, sent: Sent) -> None:
        client = self._clients[sent.endpoint]
        path = self.box.folder / name
        with usable(path):
            content = path.read_bytes()
        file = await client.files.create(file=(name, content), purpose="batch")
        # asked once: a call that failed may have begun a batch all the same, which the next start looks for
        batch = await client.with_options(max_retries=0).batches.create(
            input_file_id=file.id,
            endpoint=URL,
            completion_window="24h",
            metadata={"agenther": hashlib.sha256(content).hexdigest()},
        )
        self._keep(name, sent, id=batch.id, state=str(batch.status))

    async def _known(self, name: str, sent: Sent) -> Any:
        """The batch of that id."""
        import openai  # noqa: PLC0415 - takes half a second, and only batches need it here

        try:
            return await self._clients[sent.endpoint].batches.retrieve(sent.id)
        except openai.NotFoundError as error:
            said = self._hidden(sent, told(error.body).message or error.message)
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

    @contextmanager
    def _failures(self, sent: Sent) -> Iterator[None]:
        """What the API refuses, as errors that a user can act upon."""
        import openai  # noqa: PLC0415 - as above

        try:
            yield
        except openai.APIError as error:
            status, said = getattr(error, "status_code", None), told(error.body)
            said = said._replace(message=self._hidden(sent, said.message or error.message))
            model = sent.model
            if status == 404:
                raise ModelError(model, f"no batch API here ({said.message}); --batch-dir works without one") from None
            outcome = meaning(model, status, said, {})
            if isinstance(outcome, ModelError):
                raise outcome from None
            raise ModelError(model, f"the batch API fails ({said.message}); the same command carries on") from None

    def _hidden(self, sent: Sent, said: str) -> str:
        return hide(said, self.keys.address(sent.endpoint or None))

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

"""A folder of requests and of answers to them, as OpenAI's batch API writes both.

    requests-0001.jsonl   {"custom_id":"5f0c…-1","method":"POST","url":"/v1/chat/completions","body":{"model":…}}
    responses-….jsonl     {"custom_id":"5f0c…-1","response":{"status_code":200,"body":{…}},"error":null}

A request is known by a mark, a hash of all that decides its answer; its id is the mark and how often it was asked.
Answers may come in any order and any number of files, more than once, or not at all: once a file of requests has one
answer, those of its requests without one are lost, and may be asked again.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pydantic_core import to_json

from agenther.errors import StoreError
from agenther.files import part, usable
from agenther.llm.batch.replies import Reply, parsed, replies, value
from agenther.llm.clients.manner import seen
from agenther.llm.model import Manner

URL = "/v1/chat/completions"
MOST_REQUESTS = 50_000
"""In one file; OpenAI's limit, as the next."""
MOST_BYTES = 200_000_000
NO_ANSWER = "no JSON with a custom_id"
UNASKED = "to nothing that was asked from this folder"
EMPTY = "with neither a response nor an error"
_START = b'{"custom_id":"'
_NUMBER = re.compile(r"requests-(\d+)\.jsonl")


class _Sent(NamedTuple):
    """A request in one of our files."""

    custom_id: str
    model: str
    manner: Manner
    """That of the first in the file."""

    @property
    def mark(self) -> str:
        return self.custom_id.partition("-")[0]


@dataclass
class _Draft:
    """A file of requests to one model at one endpoint, being written."""

    path: Path
    file: BinaryIO
    requests: int = 0
    bytes: int = 0


@dataclass
class Box:
    """What a folder held when it was last `read`, and the requests that were noted since."""

    folder: Path
    asked: dict[str, int] = field(default_factory=dict)
    """How often, by mark."""
    out: set[str] = field(default_factory=set)
    """Marks of requests that may still be answered."""
    good: dict[str, int] = field(default_factory=dict)
    """By mark: requests that were answered well, and in which file they stand, the last if in several."""
    again: bool = False
    """Are answers that are of no use to be asked for once more?"""
    answered: set[str] = field(default_factory=set)
    """Models that gave such an answer."""
    refused: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """By model and part of a request, the forms that it does not take, as its answers say."""
    drafts: dict[tuple[str, str], list[_Draft]] = field(default_factory=dict)
    """By model and endpoint."""
    noted: set[str] = field(default_factory=set)
    owed: dict[str, float] = field(default_factory=dict)
    """The most that each request without an answer can cost, in USD, by mark."""
    odd: dict[str, Counter[str]] = field(default_factory=dict)
    """By file of answers: lines of no use, by what they are."""
    _places: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """File and offset of the answer, by mark; a good one, if there is any."""

    def read(self, ended: frozenset[str] = frozenset()) -> None:
        """Takes in what lies in the folder. To the files of requests named in `ended` nothing more will come."""
        with usable(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        files = {path.name: list(_ids(path)) for path in self.requests()}
        sent = {one.custom_id: (number, one) for number, ids in enumerate(files.values()) for one in ids}
        answered = set()
        for path in self._files("responses-*.jsonl"):
            odd: Counter[str] = Counter()
            for line in replies(path):
                at, custom_id, reply = line or (0, "", None)
                if reply is None or custom_id not in sent:
                    odd[NO_ANSWER if reply is None else UNASKED] += 1
                    continue
                odd[EMPTY] += reply.is_empty
                answered.add(custom_id)
                self._take(*sent[custom_id], (path, at), reply)
            self.odd |= {path.name: +odd} if +odd else {}
        for name, ids in files.items():
            marks = {one.mark for one in ids}
            self.asked.update({mark: self.asked.get(mark, 0) + 1 for mark in marks})
            if name not in ended and not any(one.custom_id in answered for one in ids):
                self.out |= marks

    def requests(self) -> list[Path]:
        """The files of requests, in the order in which they were written."""
        return [path for path in self._files("requests-*.jsonl") if _NUMBER.fullmatch(path.name)]

    def _files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern), key=lambda path: (len(path.name), path.name))

    def _take(self, number: int, sent: _Sent, place: tuple[Path, int], reply: Reply) -> None:
        mark = sent.mark
        if self.good.get(mark, -1) >= (number if reply.is_good else 0):
            return
        self._places[mark] = place
        if reply.is_good:
            self.good[mark] = number
            self.answered.add(sent.model)
        elif reply.refused:
            forms = self.refused.setdefault(sent.model, {}).setdefault(reply.refused, set())
            forms.add(sent.manner[reply.refused])

    def reply(self, mark: str) -> Reply | None:
        """The answer to a request, or what went wrong with it; None if nothing came back."""
        if mark not in self._places:
            return None
        path, at = self._places[mark]
        with usable(path), path.open("rb") as file:
            file.seek(at)
            line = parsed(file.readline())
        if line is None:
            raise StoreError(path, "was changed while it was read; run the same command again")
        return line[1]

    def note(self, mark: str, model: str, endpoint: str, body: dict[str, Any]) -> None:
        """Writes a request down, to be sent with the others. Once is enough."""
        if mark in self.noted:
            return
        self.noted.add(mark)
        custom_id = f"{mark}-{self.asked.get(mark, 0) + 1}"
        line = to_json({"custom_id": custom_id, "method": "POST", "url": URL, "body": {"model": model, **body}}) + b"\n"
        draft = self._draft((model, endpoint), len(line))
        with usable(draft.path):
            draft.file.write(line)
        draft.requests += 1
        draft.bytes += len(line)

    def _draft(self, to: tuple[str, str], size: int) -> _Draft:
        drafts = self.drafts.setdefault(to, [])
        if not drafts or drafts[-1].requests == MOST_REQUESTS or drafts[-1].bytes + size > MOST_BYTES:
            taken = [int(name[1]) for path in self.requests() if (name := _NUMBER.fullmatch(path.name))]
            number = max(taken, default=0) + sum(map(len, self.drafts.values())) + 1
            path = self.folder / f"requests-{number:04}.jsonl"
            with usable(path):
                drafts.append(_Draft(path, part(path).open("w+b")))
        return drafts[-1]

    def keep(self, marks: set[str]) -> None:
        """Forgets the other requests that were noted."""
        for to, drafts in self.drafts.items():
            for draft in drafts:
                with usable(draft.path):
                    _keep(draft.file, marks)
                    draft.bytes = draft.file.tell()
            for draft in drafts:
                if not draft.bytes:
                    _discard(draft)
            self.drafts[to] = [draft for draft in drafts if draft.bytes]
        self.noted &= marks
        self.owed = {mark: usd for mark, usd in self.owed.items() if mark in marks}

    def seal(self) -> list[tuple[Path, str, str]]:
        """(file, model, endpoint) of what was noted; only now the files are there."""
        sealed = []
        for (model, endpoint), drafts in self.drafts.items():
            for draft in drafts:
                with usable(draft.path), draft.file as file:
                    file.flush()
                    os.fsync(file.fileno())
                    part(draft.path).replace(draft.path)
                sealed.append((draft.path, model, endpoint))
        self.drafts.clear()
        return sealed

    def drop(self) -> None:
        """Forgets what was noted."""
        for drafts in self.drafts.values():
            for draft in drafts:
                _discard(draft)
        self.drafts.clear()


def _discard(draft: _Draft) -> None:
    draft.file.close()
    part(draft.path).unlink(missing_ok=True)


def _keep(file: BinaryIO, marks: set[str]) -> None:
    """Leaves only the requests with these marks in a file, in their order; one line is held at a time."""
    end = at = 0
    file.seek(0)
    while line := file.readline():
        at += len(line)
        if line[len(_START) : line.index(b"-")].decode() in marks:
            file.seek(end)
            file.write(line)
            end += len(line)
            file.seek(at)
    file.seek(end)
    file.truncate()


def _ids(path: Path) -> Iterator[_Sent]:
    """Each request in one of our files."""
    with usable(path), path.open("rb") as file:
        model = ""
        manner: Manner = {}
        for line in file:
            if not line.startswith(_START):
                raise StoreError(path, "was not written by this program; choose another --batch-dir")
            if not model:
                body = value(json.loads(line), "body")
                model, manner = str(value(body, "model")), seen(body)
            yield _Sent(line[len(_START) : line.index(b'"', len(_START))].decode("ascii", "replace"), model, manner)

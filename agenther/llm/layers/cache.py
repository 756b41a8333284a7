"""Answers are kept before they are used, so that nothing is paid for twice: one SQLite file for all runs and processes.

An answer is found again by everything that decides it: model, parameters, messages and schema, and which attempt it
was; not by the address of the endpoint, which may move. What is kept is the body of the response as it came in.
"""

import hashlib
import os
import sqlite3
import time
from asyncio import Event
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic_core import to_json

from agenther.address import shown
from agenther.errors import StoreError
from agenther.llm.answers import is_of_use
from agenther.llm.clients.chat import read
from agenther.llm.clients.manner import parameters
from agenther.llm.model import Completion, Layer, Model, Request, used
from agenther.settings import Price
from agenther.tally.counts import Table
from agenther.tally.ledger import charge

PATIENCE = 60
"""Seconds to wait for another process that is writing."""
VERSION = 3
WITH_CREDENTIALS = 2
"""Version in which the addresses of endpoints were kept as they were given, passwords and all."""
TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    stage TEXT NOT NULL,
    retries INTEGER NOT NULL,
    created REAL NOT NULL,
    usd REAL,
    body TEXT NOT NULL
) WITHOUT ROWID
"""


def default_path() -> Path:
    """Where a user's programs keep what they could get again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agenther" / "answers.sqlite"


class Kept(NamedTuple):
    """The answers of one model in a cache."""

    model: str
    endpoint: str
    answers: int
    bytes: int
    oldest: float
    """Seconds since 1970."""


def table(kept: list[Kept]) -> Table:
    """What is kept, to look at."""
    rows = tuple(
        (
            one.model,
            one.endpoint or "the provider's own",
            f"{one.answers:,}",
            f"{one.bytes / 1_000_000:.1f}",
            time.strftime("%Y-%m-%d", time.localtime(one.oldest)),
        )
        for one in kept
    )
    return Table("Answers", ("model", "endpoint", "answers", "MB", "since"), rows)


class Answer(NamedTuple):
    """An answer, and what it cost when it was asked; None when its price was not known."""

    said: Completion
    usd: float | None


class Cache:
    """A file of answers, opened when it is first used. Raises StoreError when it cannot be used, now or later."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _file(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                self.path, f"cannot be used as the cache: {error.strerror}; choose another --cache"
            ) from None
        with ExitStack() as stack:
            file = stack.enter_context(closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)))
            self._prepare(file)
            stack.pop_all()
        return file

    def _prepare(self, file: sqlite3.Connection) -> None:
        """Another process may do the same at this moment: what is looked at, and what is made, is there at once."""
        file.execute("BEGIN")
        found = file.execute("PRAGMA user_version").fetchone()[0]
        tables = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        file.execute("COMMIT")
        if found not in {VERSION, WITH_CREDENTIALS} and (found or tables):
            raise StoreError(self.path, "is not a cache of this program, or of another version; choose another --cache")
        file.execute("PRAGMA auto_vacuum = INCREMENTAL")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")  # outlives the death of the program
        if found == WITH_CREDENTIALS:
            _without_credentials(file)
        file.execute("BEGIN IMMEDIATE")
        file.execute(TABLE)
        file.execute(f"PRAGMA user_version = {VERSION}")
        file.execute("COMMIT")

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(self.path, f"cannot be used as the cache: {error}; choose another --cache") from None

    def get(self, key: bytes) -> Answer | None:
        """The answer as it was given; None if there is none."""
        with self._usable():
            row = self._file.execute("SELECT body, retries, usd FROM answers WHERE key = ?", (key,)).fetchone()
        return Answer(replace(read(row[0].encode()), retries=row[1]), row[2]) if row else None

    def put(self, key: bytes, model: str, endpoint: str, stage: str, answer: Answer) -> None:
        """Keeps an answer; once this returns, no death of the program loses it."""
        said, usd = answer
        row = (key, model, endpoint, stage, said.retries, time.time(), usd, said.raw)
        with self._usable():
            self._file.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def check(self) -> None:
        """Raises StoreError when it cannot be used. Looks at little of the file, which may be large."""
        self.get(b"")

    def kept(self) -> list[Kept]:
        """What there is, largest first."""
        query = (
            "SELECT model, endpoint, count(*), sum(length(body)), min(created) FROM answers"
            " GROUP BY model, endpoint ORDER BY 4 DESC, 1, 2"
        )
        with self._usable():
            return [Kept(*row) for row in self._file.execute(query)]

    def prune(self, *, model: str | None = None, before: float | None = None) -> int:
        """Forgets the answers of `model` that were given before that time, and tells how many; None stands for all."""
        where, values = "(? IS NULL OR model = ?) AND (? IS NULL OR created < ?)", (model, model, before, before)
        with self._usable():
            gone = self._file.execute(f"DELETE FROM answers WHERE {where}", values).rowcount  # noqa: S608 - our own text
            # a script: `execute` would take the first of its steps only
            self._file.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def forget_unusable(self, model: str) -> int:
        """Forgets those answers of `model` that are not what their stage asks for, so that they are asked for anew."""
        with self._usable():
            rows = self._file.execute("SELECT key, stage, body FROM answers WHERE model = ?", (model,))
            bad = [(key,) for key, stage, body in rows if not is_of_use(stage, read(body.encode()))]
            self._file.executemany("DELETE FROM answers WHERE key = ?", bad)
        return len(bad)

    def close(self) -> None:
        if "_file" in self.__dict__:
            self._file.close()


def _without_credentials(file: sqlite3.Connection) -> None:
    """Keeps addresses as they are shown, and leaves nothing of the others in the file."""
    found = [endpoint for (endpoint,) in file.execute("SELECT DISTINCT endpoint FROM answers")]
    changes = [(shown(endpoint), endpoint) for endpoint in found if endpoint and shown(endpoint) != endpoint]
    if changes:
        file.executemany("UPDATE answers SET endpoint = ? WHERE endpoint = ?", changes)
        file.executescript("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")


def key(model: str, copy: int, request: Request) -> bytes:
    """sha256 of all that decides the answer. `copy` tells judges apart that bear the same name at several endpoints."""
    what = {
        "model": model,
        "copy": copy,
        "attempt": request.attempt,
        "again": request.again,
        **parameters(request),
    }
    return hashlib.sha256(to_json(what)).digest()


@dataclass(frozen=True)
class Cached(Layer):
    """A model that is asked only what it was never asked before. What its answers cost is charged to the run."""

    model: Model
    cache: Cache
    endpoint: str = ""
    copy: int = 1
    """Which of those of this name it is."""
    price: Price | None = None
    asking: dict[bytes, Event] = field(default_factory=dict)
    """What is being asked; whoever wants to know the same waits for it."""

    async def complete(self, request: Request) -> Completion:
        mark = key(self.name, self.copy, request)
        while (answer := self.cache.get(mark)) is None and (asking := self.asking.get(mark)):
            await asking.wait()
        said, usd = answer or await self._asked(mark, request)
        if said.raw:
            usage = used(request, said)
            usd = self._usd(request, said) if usd is None else usd
            charge(
                request.stage,
                self.name,
                usd,
                calls=1,
                retries=said.retries,
                uncounted=said.usage is None,
                prompt=usage.prompt,
                cached=usage.cached,
                completion=usage.completion,
            )
        return said

    async def _asked(self, mark: bytes, request: Request) -> Answer:
        self.asking[mark] = Event()
        try:
            said = await self.model.complete(request)
            answer = Answer(said, self._usd(request, said))
            if said.raw:
                self.cache.put(mark, self.name, self.endpoint, request.stage, answer)
            return answer
        finally:
            self.asking.pop(mark).set()

    def _usd(self, request: Request, said: Completion) -> float | None:
        return self.price.usd(**asdict(used(request, said))) if self.price else None

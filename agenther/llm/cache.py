"""Answers are kept before they are used, so that nothing is paid for twice: one SQLite file for all runs and processes.

An answer is found again by everything that decides it: model, endpoint, parameters, messages and schema, and which
attempt it was. What is kept is the body of the response as it came in.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic_core import to_json

from agenther.errors import StoreError
from agenther.llm.chat import parameters, read
from agenther.llm.model import Completion, Model, Request, used
from agenther.tally.counts import Table
from agenther.tally.ledger import charge

PATIENCE = 60
"""Seconds to wait for another process that is writing."""
VERSION = 1
TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    stage TEXT NOT NULL,
    retries INTEGER NOT NULL,
    created REAL NOT NULL,
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
        found = file.execute("PRAGMA user_version").fetchone()[0]
        tables = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found != VERSION and (found or tables):
            raise StoreError(self.path, "is not a cache of this program, or of another version; choose another --cache")
        file.execute("PRAGMA auto_vacuum = INCREMENTAL")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")  # outlives the death of the program
        file.execute(TABLE)
        file.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(self.path, f"cannot be used as the cache: {error}; choose another --cache") from None

    def get(self, key: bytes) -> Completion | None:
        """The answer as it was given; None if there is none."""
        with self._usable():
            row = self._file.execute("SELECT body, retries FROM answers WHERE key = ?", (key,)).fetchone()
        return replace(read(row[0].encode()), retries=row[1]) if row else None

    def put(self, key: bytes, model: str, endpoint: str, stage: str, said: Completion) -> None:
        """Keeps an answer; once this returns, no death of the program loses it."""
        row = (key, model, endpoint, stage, said.retries, time.time(), said.raw)
        with self._usable():
            self._file.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", row)

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

    def close(self) -> None:
        if "_file" in self.__dict__:
            self._file.close()


def key(model: str, endpoint: str, request: Request) -> bytes:
    """sha256 of all that decides the answer."""
    what = {
        "model": model,
        "endpoint": endpoint,
        "attempt": request.attempt,
        "again": request.again,
        **parameters(request),
    }
    return hashlib.sha256(to_json(what)).digest()


@dataclass(frozen=True)
class Cached:
    """A model that is asked only what it was never asked before. What its answers cost is charged to the run."""

    model: Model
    cache: Cache
    endpoint: str = ""

    @property
    def name(self) -> str:
        return self.model.name

    async def complete(self, request: Request) -> Completion:
        mark = key(self.name, self.endpoint, request)
        said = self.cache.get(mark)
        if said is None:
            said = await self.model.complete(request)
            if said.raw:
                self.cache.put(mark, self.name, self.endpoint, request.stage, said)
        if said.raw:
            usage = used(request, said)
            charge(
                request.stage,
                self.name,
                calls=1,
                retries=said.retries,
                uncounted=said.usage is None,
                prompt=usage.prompt,
                cached=usage.cached,
                completion=usage.completion,
            )
        return said

    async def aclose(self) -> None:
        await self.model.aclose()

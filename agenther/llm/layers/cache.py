"""Answers are kept before they are used, so that nothing is paid for twice: one SQLite file for all runs and processes.

What is kept is the body of the response as it came in.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tenacity import Retrying, retry_if_exception, stop_after_delay
from tenacity.wait import wait_random

from agenther.address import shown
from agenther.errors import StoreError
from agenther.llm.answers import is_of_use
from agenther.llm.clients.chat import read
from agenther.llm.model import Completion
from agenther.tally.counts import Table

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
        return Retrying(
            retry=retry_if_exception(_is_busy),  # to change its journal, SQLite itself does not wait
            wait=wait_random(0.01, 0.1),
            stop=stop_after_delay(PATIENCE),
            reraise=True,
        )(self._opened)

    def _opened(self) -> sqlite3.Connection:
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


def _is_busy(error: BaseException) -> bool:
    """Does another process hold the file, for the moment?"""
    code = error.sqlite_errorcode & 0xFF if isinstance(error, sqlite3.OperationalError) else sqlite3.SQLITE_OK
    return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _without_credentials(file: sqlite3.Connection) -> None:
    """Keeps addresses as they are shown, and leaves nothing of the others in the file."""
    found = [endpoint for (endpoint,) in file.execute("SELECT DISTINCT endpoint FROM answers")]
    changes = [(shown(endpoint), endpoint) for endpoint in found if endpoint and shown(endpoint) != endpoint]
    if changes:
        file.executemany("UPDATE answers SET endpoint = ? WHERE endpoint = ?", changes)
        file.executescript("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")

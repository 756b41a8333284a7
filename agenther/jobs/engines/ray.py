"""A Ray cluster: batches of logs are mapped by Ray Data over all its nodes.

A batch whose node dies is done again on another one. The process that was started keeps the run folder, and asks the
models; see `desk.py`.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import ray
import ray.data
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from agenther import __version__
from agenther.errors import AgentHERError
from agenther.files import usable
from agenther.jobs.engines.base import taken
from agenther.jobs.engines.desk import Desk, Remote, reached, serve
from agenther.jobs.reading import path_of
from agenther.jobs.spread import BATCH_FILES, Batch, Orders, Worker, batches
from agenther.llm.model import ModelOf
from agenther.plugins import brought
from agenther.readers.find import Entry
from agenther.readers.log import Log

AHEAD = 256
"""Runs that one worker has begun at a time, at most, where models are asked."""
SPARE = 2
"""Runs that are begun in the whole cluster, for each that may be in work."""
TRIES = 10
"""Times that a batch is begun. Nodes go, and that is no fault of its logs; a worker that dies each time may be."""
ASKED = 100_000
"""Questions to models that may wait at a time."""
NO_CLUSTER = (
    "no Ray cluster is to be found from here; `ray start --head` begins one, RAY_ADDRESS=HOST:PORT names another"
)
PATIENCE = 10
"""Seconds until a cluster has to answer, and to stop."""


@dataclass(frozen=True)
class Cluster:
    """An engine of all processors of a cluster, that of RAY_ADDRESS or of this machine."""

    models: ModelOf | None = None
    """Those that are asked in this process for the workers; None: no models are asked."""

    async def each(
        self, orders: Orders, entries: Iterable[tuple[str, Entry]], folder: Path
    ) -> AsyncGenerator[tuple[Batch, BinaryIO], None]:
        """As an engine does. Raises AgentHERError where there is no cluster, or where too many of its nodes die."""
        with _connected():
            workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
            desk, shared = _desk(), 1
            if self.models:
                shared = min(AHEAD, -(-SPARE * orders.ahead // workers))
            tasks = list(batches(entries, workers, shared if self.models else BATCH_FILES))
            rows = _rows(tasks, _Told(replace(orders, ahead=shared), str(Path.cwd()), desk, _packages()))
            row: asyncio.Future[Any] | None = None
            serving: list[asyncio.Future[Any]] = []
            if self.models:
                serving.append(asyncio.ensure_future(serve(desk, self.models)))
            try:
                for task in tasks:
                    row = asyncio.ensure_future(asyncio.to_thread(next, rows))
                    yield task, _file(await _made(row, serving), folder / "lines")
            finally:
                ray.kill(desk)  # which ends whoever still works
                for one in serving:
                    one.cancel()
                if row:
                    all_of_it = asyncio.gather(row, *serving, return_exceptions=True)
                    await asyncio.wait((all_of_it,), timeout=PATIENCE)


@dataclass(frozen=True)
class _Told:
    """What every worker has to know."""

    orders: Orders
    cwd: str
    """Where relative paths begin."""
    desk: Any
    packages: dict[str, str]


@contextmanager
def _connected() -> Iterator[None]:
    """Within a connection to the cluster: that of the program, should it have one, which then stays."""
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS", "auto")
    if "://" in address:
        raise AgentHERError("RAY_ADDRESS is for clients; start this on a node of the cluster, as `ray job submit` does")
    host, colon, port = address.rpartition(":")
    try:
        if colon and port.isdecimal():  # Ray itself tries for minutes
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, OverflowError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        raise AgentHERError(f"{NO_CLUSTER} ({' '.join(str(error).split())})") from None
    try:
        yield
    finally:
        ray.shutdown()


def _desk() -> Any:
    """On this node, so that it lives as long as this process."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(Desk).options(num_cpus=0, max_concurrency=ASKED, scheduling_strategy=here).remote()


def _rows(tasks: list[Batch], told: _Told) -> Iterator[dict[str, Any]]:
    """What was made of each batch, in their order."""
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.execution_options.preserve_order = True
    numbered = [{"number": number, "batch": batch} for number, batch in enumerate(tasks)]
    given = ray.data.from_items(numbered, override_num_blocks=len(tasks) or 1)
    done = given.map(partial(_followed, [ray.put(told)]), num_cpus=1)
    return iter(done.iter_rows())


async def _made(row: asyncio.Future[Any], serving: list[asyncio.Future[Any]]) -> bytes:
    """The lines of the batch in this row. Raises what its worker met, or who asks the models."""
    await asyncio.wait((row, *serving), return_when=asyncio.FIRST_COMPLETED)
    for one in serving:
        if one.done():
            await one
    with reached():
        made = (await row)["made"]
    if isinstance(made, AgentHERError):
        raise made
    return bytes(made)


def _file(lines: bytes, path: Path) -> BinaryIO:
    with usable(path.parent):
        path.write_bytes(lines)
        return taken(path)


def _followed(place: list[Any], row: dict[str, Any]) -> dict[str, Any]:
    """Does a batch, on any node."""
    file = BytesIO()
    try:
        with reached():
            told, worker = _worker(place[0])
            times = ray.get(told.desk.begin.remote(row["number"]))
        _check(row["batch"], times)
        asyncio.run(worker.follow(row["batch"], file))
    except AgentHERError as error:
        return {"made": error}
    return {"made": file.getvalue()}


@lru_cache(maxsize=1)
def _worker(place: Any) -> tuple[_Told, Worker]:
    """That of this process, made for its first batch."""
    told: _Told = ray.get(place)
    _compare(told.packages)
    with suppress(OSError):  # whatever is named from there is looked for next
        os.chdir(told.cwd)
    return told, Worker(told.orders, partial(_remote, told.desk))


def _packages() -> dict[str, str]:
    """What decides what a log comes to, and its versions."""
    return {"agenther": __version__, **brought()}


def _compare(there: dict[str, str]) -> None:
    """Raises AgentHERError where this node has other packages than the process that was started."""
    here = _packages()
    for name in sorted(here.keys() | there.keys()):
        if (mine := here.get(name, "none")) != (theirs := there.get(name, "none")):
            node = socket.gethostname()
            raise AgentHERError(f"{name}: {theirs} where this was started, {mine} on node {node}; all need the same")


def _remote(desk: Any, name: str, base_url: str | None = None, copy: int = 1) -> Remote:
    return Remote(desk, (name, base_url, copy))


def _check(batch: Batch, times: int) -> None:
    """Raises AgentHERError where this node does not see the logs, and for a batch that was begun too often."""
    for _, entry in batch.entries:
        if isinstance(entry, Log) and not os.path.lexists(entry.path):
            raise AgentHERError(
                f"{entry.path} is not there on node {socket.gethostname()}; LOGS have to lie where all nodes see them"
            )
        if times > TRIES:
            files = f"{len(batch.entries)} files, the first of which is {path_of(entry)}"
            raise AgentHERError(f"a worker died {TRIES} times on a batch of {files}; try without it")

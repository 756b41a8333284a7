"""Work in a thread of its own, where this one has an event loop that runs, as in a notebook.

What waits for it may stop waiting: then the work ends at the next step of which it tells.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import wraps
from itertools import islice
from threading import Event
from typing import Any, ParamSpec, TypeVar

from agenther.errors import AgentHERError

P = ParamSpec("P")
T = TypeVar("T")
Step = TypeVar("Step")
_STOP: ContextVar[Event] = ContextVar("stop")
"""Of work that is awaited: set when nobody waits any more."""


def waited(work: Callable[[Callable[[Step], None]], T], tell: Callable[[Step], None]) -> T:
    """What the work comes to; it is given a function to tell its steps to."""
    stop = _STOP.get(Event())
    told = _until(stop, tell)
    if not _in_loop():
        return work(told)
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(work, told).result()
        finally:
            stop.set()


def awaited(call: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same call for programs with an event loop of their own, which it does not hold up; it is `waited` within."""

    @wraps(call)
    async def begun(*args: P.args, **kwargs: P.kwargs) -> T:
        stop, context = Event(), copy_context()
        context.run(_STOP.set, stop)
        work = asyncio.ensure_future(asyncio.to_thread(lambda: context.run(call, *args, **kwargs)))
        try:
            return await asyncio.shield(work)
        finally:
            stop.set()
            await asyncio.wait([work])

    begun.__doc__ = f"`{call.__name__}`, awaited. Cancelled, it ends at its next step forward.\n\n    {call.__doc__}"
    return begun


def drawn(found: Generator[T, None, None]) -> Iterator[T]:
    """The same, one by one."""
    if not _in_loop():
        yield from found
        return
    with ThreadPoolExecutor(1) as thread:
        try:
            while some := thread.submit(list, islice(found, 1)).result():
                yield from some
        finally:
            thread.submit(found.close).result()


def _in_loop() -> bool:
    """Does this thread have an event loop that runs, so that it can have no other?"""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _until(stop: Event, tell: Callable[[Step], None]) -> Callable[[Step], None]:
    """Tells of steps until the event; then the next is the last."""

    def told(step: Step) -> None:
        if stop.is_set():
            raise AgentHERError("stopped; what is done is kept, and the same call carries on with it")
        tell(step)

    return told

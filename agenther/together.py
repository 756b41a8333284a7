"""Several things at the same time."""

from asyncio import Runner, Task, create_task, gather
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


async def together(asked: Sequence[Awaitable[T]]) -> list[T]:
    """All of them at the same time. The first error is raised when all of them are through."""
    if len(asked) == 1:
        return [await asked[0]]  # without a task of its own
    found = await gather(*asked, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return [one for one in found if not isinstance(one, BaseException)]


async def in_turn(asked: Iterable[Coroutine[None, None, T]], ahead: int) -> AsyncGenerator[T, None]:
    """What they come to, in their order. Up to `ahead` are begun before the first of them is through."""
    begun: deque[Task[T]] = deque()
    try:
        for one in asked:
            begun.append(create_task(one))
            if len(begun) >= ahead:
                yield await begun.popleft()
        while begun:
            yield await begun.popleft()
    finally:
        for task in begun:
            task.cancel()
        await gather(*begun, return_exceptions=True)


def one_by_one(
    asked: Iterable[Coroutine[None, None, T]], ahead: int, close: Callable[[], Coroutine[None, None, None]]
) -> Iterator[T]:
    """The same for who does not wait himself. What was opened meanwhile is closed at the end."""
    found = in_turn(asked, ahead)
    with Runner() as runner:
        try:
            while some := runner.run(_next(found)):
                yield from some
        finally:
            runner.run(found.aclose())
            runner.run(close())


async def _next(found: AsyncIterator[T]) -> list[T]:
    """The next, or none at the end."""
    async for one in found:
        return [one]
    return []

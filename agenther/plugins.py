"""What other packages bring along: readers, judges, stages and dataset formats, by entry points.

A package names them in its `pyproject.toml`:

    [project.entry-points."agenther.readers"]
    toy-logs = "toy_package.logs:READER"

They are taken into the tables of our own. What cannot be taken is told in a line of the log "agenther", which programs
see on stderr unless they say otherwise, and nothing else is the worse for it. Each is called as a `Guest`, and so
whatever it raises names the package; what that costs is decided where it is caught.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Container, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, distributions, entry_points
from inspect import iscoroutinefunction
from itertools import count
from multiprocessing import parent_process
from typing import Any, TypeGuard, TypeVar

from agenther.errors import AgentHERError, PackageError

T = TypeVar("T")
_NAME = re.compile(r"[a-z0-9]++(-[a-z0-9]++)*+")
_LOG = logging.getLogger("agenther")
OURS = "agenther."
"""How the names of all groups begin."""
MOST = 200
"""Characters of what an exception says for itself."""


@dataclass(frozen=True)
class Guest:
    """Something that another package brings. Within `with guest:` it is called, and nothing of ours.

    What it raises becomes a PackageError, but for errors that a user can act upon, and for those that it may raise.
    """

    which: str
    """In words: what it is, its name and its package."""
    may_raise: tuple[type[Exception], ...] = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception | SystemExit) and not isinstance(error, (AgentHERError, *self.may_raise)):
            raise PackageError(self.which, _in_a_line(error)) from error


def taken_in(
    group: str,
    taken: Container[str],
    what: str,
    is_one: Callable[[object], TypeGuard[T]],
    guarded: Callable[[T, Guest], T],
) -> dict[str, T]:
    """By name, what packages bring for a group, loaded and `guarded`, but for what is told to be of no use."""
    found: dict[str, T] = {}
    for point in named(group, taken):
        try:
            found[point.name] = guarded(loaded(point, what, is_one), guest(point, what.lower()))
        except AgentHERError as error:
            _tell(str(error))
    return found


def guest(point: EntryPoint, what: str) -> Guest:
    """As it is called."""
    return Guest(f"the {what} {point.name} of the package {package(point)}")


def tell(error: PackageError) -> None:
    """Tells the first error of each, where the work goes on without it."""
    if next(_times(error.which)) == 0:
        _LOG.warning("agenther: warning: %s", error)


@cache
def _times(_which: str) -> Iterator[int]:
    return count()


def named(group: str, taken: Container[str]) -> Iterator[EntryPoint]:
    """Those of a group whose names can be taken, not loaded yet, in the order of their names."""
    before: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, package(point))):
        if not _NAME.fullmatch(point.name):
            _tell(f"{_which(point)} is left out: a name is of a-z, 0-9 and single hyphens")
        elif point.name in taken:
            _tell(f"{_which(point)} is left out: agenther has one of that name")
        elif point.name in before:
            _tell(f"{_which(point)} is left out: {package(before[point.name])} has one of that name")
        else:
            before[point.name] = point
            yield point


def brought() -> dict[str, str]:
    """The version of each package that brings something."""
    last_first = reversed([*distributions()])
    return {
        one.name: one.version for one in last_first if any(point.group.startswith(OURS) for point in one.entry_points)
    }


def loaded(point: EntryPoint, what: str, is_one: Callable[[object], TypeGuard[T]]) -> T:
    """What it names. Raises AgentHERError where that cannot be imported, or is no `what`."""
    try:
        found = point.load()
        if is_one(found):
            return found
    except Exception as error:  # importing a package of others may do anything
        raise AgentHERError(f"{_which(point)} cannot be loaded: {_in_a_line(error)}") from error
    raise AgentHERError(f"{_which(point)} is of no use: {point.value} is no {what}")


def is_async(found: object) -> TypeGuard[Callable[..., Awaitable[Any]]]:
    """Is it an async function, or an object that is called like one?"""
    return iscoroutinefunction(found) or (callable(found) and iscoroutinefunction(type(found).__call__))


def package(point: EntryPoint) -> str:
    """The package that brings it."""
    return point.dist.name if point.dist else "a package"


def _which(point: EntryPoint) -> str:
    return f"{point.name!r} in {point.group} of the package {package(point)}"


def _in_a_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:MOST]


def _tell(line: str) -> None:
    if parent_process() is None:  # else the first process tells it
        _LOG.warning("agenther: warning: %s", line)

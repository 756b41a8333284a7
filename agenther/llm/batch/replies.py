"""The lines in which answers come back, each of which may hold anything."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from agenther.files import usable
from agenther.llm.clients.chat import completion
from agenther.llm.clients.faults import BROKEN, TransientError
from agenther.llm.clients.manner import part_of
from agenther.llm.clients.told import Told, told

TAUGHT_BY = frozenset({None, 400, 422, *BROKEN})
"""Statuses with which endpoints refuse what they do not know."""


class Reply(NamedTuple):
    """One line of an answer file."""

    status: int | None
    """Of the single call; None if there was none."""
    body: Any
    error: Any

    @property
    def is_good(self) -> bool:
        """Is it a chat completion?"""
        try:
            completion(self.body, "")
        except TransientError:
            return False
        return self.status in {200, None}

    @property
    def is_empty(self) -> bool:
        """Does it say nothing, neither well nor ill?"""
        return not self.body and not self.error

    @property
    def failure(self) -> Told:
        """What went wrong with the call."""
        said = told(self.body)
        return said if said.code or said.message else told(self.error)

    @property
    def refused(self) -> str:
        """The part of the request that the model did not take, if the answer is about one."""
        return (part_of(self.failure) or "") if self.status in TAUGHT_BY else ""


def replies(path: Path) -> Iterator[tuple[int, str, Reply] | None]:
    """(offset, id, answer) of each line of a file of answers; None for one that is no answer, such as half a line."""
    with usable(path), path.open("rb") as file:
        at = 0
        for line in file:
            if found := parsed(line):
                yield at, *found
            elif line.strip():
                yield None
            at += len(line)


def parsed(line: bytes) -> tuple[str, Reply] | None:
    """(id, answer); None if it is no answer."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    custom_id, response = value(found, "custom_id"), value(found, "response")
    if not isinstance(custom_id, str):
        return None
    status = value(response, "status_code")
    known = isinstance(status, int) and not isinstance(status, bool)
    return custom_id, Reply(status if known else None, value(response, "body"), value(found, "error"))


def value(found: Any, name: str) -> Any:
    """What an object has under that name; None if it is none, or has nothing there."""
    return found.get(name) if isinstance(found, dict) else None

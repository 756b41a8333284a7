"""A part of the logs, for those who have a queue of jobs and no cluster."""

import hashlib
import re
from typing import NamedTuple

from agenther.errors import AgentHERError


class Shard(NamedTuple):
    """One of several parts, each of which a start of its own takes. No file is in two, and each is in one."""

    number: int
    """From 1."""
    of: int

    def holds(self, path: str) -> bool:
        """Is the file of this path in it? The path is relative to LOGS, so that every machine says the same."""
        digest = hashlib.sha256(path.encode()).digest()
        return int.from_bytes(digest[:8]) % self.of == self.number - 1


def parsed(text: str) -> Shard:
    """Of I/N. Raises AgentHERError."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.number <= shard.of:
        raise AgentHERError(f"{text!r} is not I/N, the I-th of N parts, from 1/N to N/N")
    return shard

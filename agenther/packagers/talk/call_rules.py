"""The rules for a tool call that hold in every format: what no trainer reads right is in no row."""

from collections.abc import Container
from typing import Any

SMALLEST, LARGEST = -(2**63), 2**64 - 1
"""The integers that JSON loaders keep as integers. One beyond them makes `datasets` misread the whole file."""


def broken(name: str, arguments: Any, listed: Container[str]) -> list[str]:
    """The rules that a call breaks; `listed` are the names of the row's tools."""
    found = []
    if not name:
        found.append("a call without a name")
    elif name not in listed:
        found.append("a call of a tool that is not listed")
    if not isinstance(arguments, dict):
        found.append("the arguments of a call are no JSON object")
    elif not fits(arguments):
        found.append("an integer of more than 64 bits")
    return found


def fits(value: Any) -> bool:
    """Do all integers in `value`, however deep, fit into 64 bits?"""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, int) and not SMALLEST <= item <= LARGEST:
            return False
    return True

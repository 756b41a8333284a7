"""What a file of no known format holds, and what of it the nearest format would need."""

from collections.abc import Iterator, Mapping
from typing import Any

from agenther.readers.base import Reader
from agenther.readers.log import Head
from agenther.readers.values import fields, seen

HALF = 0.5
"""A format of whose places fewer than this are there is no near one."""
FIRST = 8
"""Elements of a list that are looked at."""


def told(head: Head, readers: Mapping[str, Reader]) -> str:
    """What was seen, and what was missed; empty for a file that holds no JSON."""
    if head.value is None:
        return ""
    lists = ((name, value[0]) for name, value in head.first.items() if isinstance(value, list) and value)
    listed = [f"{name[:40]} holds {seen(item)} each" for name, item in lists if fields(item)]
    what = listed[0] if listed else f"it is {seen(head.first or head.value)}"
    near = {name: missed(head.first, reader.needs) for name, reader in readers.items() if reader.needs}
    name, (share, paths) = min(near.items(), key=lambda item: item[1][0])
    if share <= HALF:
        lacking = " and ".join(f"`{path}`" for path in paths) or "other values in them"
        what += f"; {name} is nearest, and needs {lacking}"
    return f": {what}{'; --map can tell what they are' if listed else ''}"


def missed(record: dict[str, Any], needs: tuple[str, ...]) -> tuple[float, list[str]]:
    """(share of the places on the way to what is needed that are not there, paths that lead nowhere)."""
    found = {place: is_there for path in needs for place, is_there in _places(record, path)}
    return list(found.values()).count(False) / len(found), [path for path in needs if not found[path]]


def _places(record: Any, path: str) -> Iterator[tuple[str, bool]]:
    """Each place on a path such as `steps[].action`, and whether it is there in one of the first elements."""
    place, values = "", [record]
    for part in path.split("."):
        name = part.removesuffix("[]")
        values = [fields(value).get(name) for value in values]
        if part != name:
            values = [item for value in values if isinstance(value, list) for item in value[:FIRST]]
        place = f"{place}.{part}".removeprefix(".")
        yield place, any(value is not None for value in values)

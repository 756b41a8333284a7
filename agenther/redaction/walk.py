"""Through any JSON value, however deep, without recursion."""

from collections.abc import Callable, Iterator

from pydantic import JsonValue

Change = Callable[[str, str, str], str]
"""(text, the name under which it stands, its JSON pointer) -> the text to put there."""


def names(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Each key of each object, with the pointer of its place; a key that comes again is left out."""
    seen: set[str] = set()
    pending = [(value, "")]
    while pending:
        box, where = pending.pop()
        for slot, child in _slots(box):
            if isinstance(slot, str) and slot not in seen:
                seen.add(slot)
                yield slot, _below(where, slot)
            if isinstance(child, (dict, list)):
                pending.append((child, _below(where, slot)))


def changed(value: JsonValue, change: Change) -> JsonValue:
    """A copy of `value`, every text changed. A whole number is changed as the text of its digits, if that changes."""
    root: list[JsonValue] = [value]
    pending: list[tuple[list[JsonValue] | dict[str, JsonValue], str, str]] = [(root, "", "")]
    while pending:
        box, name, where = pending.pop()
        named = box.get("name") if isinstance(box, dict) else None
        for slot, child in _slots(box):
            inner = slot if isinstance(slot, str) else name
            if (
                slot == "value"
            ):  # of a cookie or a variable, spelt {"name": ..., "value": ...}, or {NAME: {"value": ...}}
                inner = named if isinstance(named, str) else name
            path = "" if box is root else _below(where, slot)
            if isinstance(child, (dict, list)):
                fresh = child.copy()
                pending.append((fresh, inner, path))
                _put(box, slot, fresh)
            elif isinstance(child, str):
                _put(box, slot, change(child, inner, path))
            elif isinstance(child, int) and not isinstance(child, bool):
                text = change(str(child), inner, path)
                _put(box, slot, child if text == str(child) else text)
    return root[0]


def _slots(box: JsonValue) -> list[tuple[str | int, JsonValue]]:
    if isinstance(box, dict):
        return list(box.items())
    return list(enumerate(box)) if isinstance(box, list) else []


def _put(box: list[JsonValue] | dict[str, JsonValue], slot: str | int, value: JsonValue) -> None:
    if isinstance(box, dict):
        box[str(slot)] = value
    else:
        box[int(slot)] = value


def _below(where: str, slot: str | int) -> str:
    return f"{where}/{str(slot).replace('~', '~0').replace('/', '~1')}"

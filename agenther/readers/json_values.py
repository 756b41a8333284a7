"""The values of a JSON text of any size, one at a time: those on its top floor, or in the list or object that it is."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from agenther.errors import ReadError
from agenther.readers.json_tape import Tape
from agenther.readers.json_text import record
from agenther.records import Reason

Record = tuple[int | None, str, Any]
"""Line, key (the index in a list, the name in an object) and value, which is a ReadError for a bad one."""

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A line, or one of several values, larger than this is rejected."""
MAX_DOCUMENT_BYTES = 1024 * 1024 * 1024
"""A JSON document has to fit into memory as a whole."""
CUT = "not JSON: cut off before its end"
MAX_DAMAGED = 1000
"""So many values in a row that are no objects and no lists end the reading of a text that is not JSON as a whole."""


def values(file: BinaryIO, is_one: Callable[[list[Any]], bool], *, by_id: bool) -> Iterator[Record]:
    """Each element of a list, unless its beginning tells that it `is_one` record; `by_id`: each member of an object.

    Other values come as they are; where several follow each other, each has its line, and those after the first of a
    line their place on it. What is damaged costs only itself. Raises ReadError for no value, or hardly any.
    """
    tape = Tape(file)
    if tape.is_whole and not isinstance(value := record(tape.bytes), ReadError):
        yield from _parsed(value, is_one, by_id=by_id)
        return
    damaged = 0
    for found in _scanned(tape, is_one, by_id=by_id):
        damaged = 0 if isinstance(found[2], dict | list) else damaged + 1
        if damaged > MAX_DAMAGED:
            raise ReadError(Reason.NOT_JSON, f"not JSON: from here on nothing but damage, {MAX_DAMAGED:,} times")
        yield found


def parted(file: BinaryIO, name: str) -> tuple[dict[str, Any], list[Record]]:
    """What an object tells beside the list under `name`, and each element of that list.

    A damaged element costs only itself. Raises ReadError for no object, or damage anywhere else.
    """
    tape = Tape(file)
    if tape.is_whole and isinstance(whole := record(tape.bytes), dict):
        listed = None if isinstance(whole.get(name), dict) else whole.pop(name, None)
        return whole, [(None, str(n), one) for n, one in enumerate(listed)] if isinstance(listed, list) else []
    beside: dict[str, Any] = {}
    found: list[Record] = []
    if tape.next() != b"{":
        raise ReadError(Reason.MALFORMED, "the file holds no JSON object")
    tape.skip()
    while tape.next() not in (b"}", b""):
        key = tape.name()
        if key == name and tape.next() == b"[":
            found += _members(tape, b"[")
            continue
        for line, value in tape.value(MAX_DOCUMENT_BYTES) if tape.next() else ():
            if isinstance(value, ReadError):
                raise ReadError(value.reason, str(value), line=line)
            beside[key] = value
    is_cut = not tape.next()
    tape.skip()
    why = CUT if is_cut else "not JSON: more stands behind the object" if tape.next() else ""
    if why and not any(isinstance(one, ReadError) for _, _, one in found):
        found.append((tape.line(), str(len(found)), ReadError(Reason.NOT_JSON, why)))
    return beside, found


def within(file: BinaryIO, name: str, is_one: Callable[[list[Any]], bool]) -> Iterator[Record]:
    """Each element of the list under `name`, or each member of the object there.

    Where the list `is_one` record, the whole object is, since what stands beside the list is about it.
    """
    beside, found = parted(file, name)
    listed = [value for _, _, value in found]
    if listed and is_one(listed):
        yield None, "", {**beside, name: listed}
    elif name in beside:
        yield from _parsed(beside[name], is_one, by_id=True)
    else:
        yield from found


def _scanned(tape: Tape, is_one: Callable[[list[Any]], bool], *, by_id: bool) -> Iterator[Record]:
    is_first, last, place = True, 0, 0
    while opening := tape.next():
        line = None if is_first else tape.line()
        if (opening == b"[" and not is_one(tape.glimpse())) or (opening == b"{" and by_id):
            yield from ((number or line, key, value) for number, key, value in _members(tape, opening))
        else:
            for number, value in tape.value(MAX_DOCUMENT_BYTES):
                is_alone = is_first and not isinstance(value, ReadError) and not tape.next()
                place = place + 1 if number == last else 0
                yield None if is_alone else number, str(place or ""), value
                is_first, last = False, number
        is_first = False
    if is_first:
        raise ReadError(Reason.EMPTY, "the file is empty")


def _parsed(value: Any, is_one: Callable[[list[Any]], bool], *, by_id: bool) -> Iterator[Record]:
    if isinstance(value, list) and not is_one(value):
        yield from ((None, str(index), item) for index, item in enumerate(value))
    elif isinstance(value, dict) and by_id:
        yield from ((None, key, item) for key, item in value.items())
    else:
        yield None, "", value


def _members(tape: Tape, opening: bytes) -> Iterator[Record]:
    """All in the list or object that begins here; only what is damaged has a line."""
    tape.skip()
    closing, index = {b"[": b"]", b"{": b"}"}[opening], 0
    while found := tape.next():
        if found == closing:
            tape.skip()
            return
        name = tape.name() if closing == b"}" else ""
        for line, value in tape.value(MAX_LINE_BYTES) if tape.next() else ():
            yield line if isinstance(value, ReadError) else None, name or str(index), value
            index += 1
    if not tape.is_broken:
        yield tape.line(), str(index), ReadError(Reason.NOT_JSON, CUT)

"""A JSON text of any size, taken apart into its values without being held as a whole.

A value that does not close ends where the next one opens as it did: after a comma or on a new line, with the same
indentation and the same first key. A string ends with its line, since JSON has no newline in a string.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

from agenther.errors import ReadError
from agenther.readers.json_text import partial, record
from agenther.records import Reason

CHUNK = 16 * 1024 * 1024
"""Bytes that are read in one go."""
NEAR = 1024 * 1024
"""Bytes after a broken value in which the next one is looked for."""

_STRING = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+["\n]'
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{}\[\]])?+", re.DOTALL)
_SPACE = re.compile(rb"[\s,]*+")
_WORD = re.compile(_STRING + rb'|[^\s,{}\[\]"]++|\}++|\]++|.', re.DOTALL)
_WORDS = re.compile(rb'(?:[^{}\[\]"]++|' + _STRING + rb")++|\}++|\]++|.", re.DOTALL)
_NAME = re.compile(rb"(" + _STRING + rb")\s*+:\s*+", re.DOTALL)
_OPENING = re.compile(rb"(?:[{\[]\s*+)++" + _STRING, re.DOTALL)
_INDENT = re.compile(rb"(?:^|[\n,])([ \t]*+)$")
_OPENER = {b"}": b"{", b"]": b"["}


class Tape:
    """The bytes from `start` on are at hand; there begins what is to be taken next."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.bytes = bytearray(file.read(CHUNK).removeprefix(b"\xef\xbb\xbf"))
        self.start = 0
        self.is_whole = len(self.bytes) < CHUNK - 3
        """Is this the whole text?"""
        self.is_broken = False
        """Did what was taken last not close, or was it no value at all?"""
        self._indent = b""
        """What stands before the value on its line, or since the comma before it."""
        self._line, self._counted = 1, 0

    def line(self) -> int:
        """The line of `start`."""
        self._line += self.bytes.count(b"\n", self._counted, self.start)
        self._counted = self.start
        return self._line

    def next(self) -> bytes:
        """Go to the next value, or to what closes the values: its first byte, empty at the end."""
        before = b""
        while True:
            before = (before + self._take(_SPACE))[-200:]
            if self.start < len(self.bytes) or not self._more():
                break
        if before:
            found = _INDENT.search(before)
            self._indent = found[1] if found else b""
        return bytes(self.bytes[self.start : self.start + 1])

    def skip(self) -> None:
        """Go into a list or object, or out of it."""
        self.start += 1
        self.is_broken, self._indent = False, b""

    def name(self) -> str:
        """Go past the name of an object's member; empty if there is none."""
        self._reach(CHUNK // 16)
        found = _NAME.match(self.bytes, self.start)
        name = record(found[1]) if found else None
        self.start = found.end() if found else self.start
        return name if isinstance(name, str) else ""

    def glimpse(self) -> list[Any]:
        """The beginning of the list that opens here."""
        self._reach(CHUNK // 4)
        found = partial(self.bytes[self.start : self.start + CHUNK // 4].decode("utf-8", "replace"))
        return found if isinstance(found, list) else []

    def value(self, most: int) -> Iterator[tuple[int, Any]]:
        """(line, value) of what stands here; of several values, should they not close and take the next one in.

        A value that is damaged, or has more than `most` bytes, is a ReadError. Of words in a row the first is told.
        """
        self._reach(CHUNK // 16)
        line, was_broken = self.line(), self.is_broken
        if self.bytes[self.start] not in b"{[":
            word = self._take(_WORDS if was_broken else _WORD)  # of words in a row the first is told
            if not was_broken:
                value = record(word)
                self.is_broken = isinstance(value, ReadError)
                yield line, value
            return
        size, end, self.is_broken = self._span(most)
        raw = bytes(self.bytes[self.start : end])
        places = _siblings(raw, self._indent) if self.is_broken and size <= most else []
        self.start = self.start + places[-1] if places else self._sibling(raw, end) if self.is_broken else end
        if size > most:
            yield line, ReadError(Reason.TOO_LARGE, f"{size:,} bytes in one record; a record may have {most:,}")
        for start, stop in pairwise([0, *places] if places else [0, size] if size <= most else []):
            yield line + raw.count(b"\n", 0, start), record(raw[start:stop].rstrip(b", \t\r\n"))

    def _sibling(self, raw: bytes, end: int) -> int:
        """Where the next value begins that opens as `raw` does, if it is near; else the end of `raw`."""
        found = _like(raw, self._indent).search(self.bytes, end, end + NEAR)
        return found.start() if found else end

    def _span(self, most: int) -> tuple[int, int, bool]:
        """(size, end, is it broken) of the value that opens here; of one that is too large only the end is kept."""
        dropped, at, brackets = 0, self.start, _Brackets()
        while True:
            found = _BRACKET.match(self.bytes, at)
            assert found, "it matches nothing, too"
            at = found.end()
            if found[1]:
                is_inside = brackets.add(found[1])
                at -= not is_inside
                if not (is_inside and brackets.opened):
                    return dropped + at - self.start, at, brackets.are_broken or not is_inside
                continue
            if dropped or len(self.bytes) - self.start > most:
                places = [] if dropped else _siblings(bytes(self.bytes[self.start :]), self._indent)
                if places:
                    return places[-1], self.start + places[-1], True
                dropped += self._let_go(at)
            at -= self.start
            if not self._more():
                return dropped + len(self.bytes), len(self.bytes), True

    def _let_go(self, at: int) -> int:
        """How many bytes are let go of: all before `at`, and of a string that begins there all but its state."""
        size, self.start = at - self.start, at
        if len(self.bytes) - at > CHUNK:
            escapes = len(self.bytes) - len(self.bytes.rstrip(b"\\"))
            size += len(self.bytes) - at - 1 - escapes
            del self.bytes[at + 1 : len(self.bytes) - escapes]
        return size

    def _take(self, pattern: re.Pattern[bytes]) -> bytes:
        """Go past what of this is at hand."""
        found = pattern.match(self.bytes, self.start)
        taken = found[0] if found else b""
        self.start += len(taken)
        return taken

    def _reach(self, size: int) -> None:
        if len(self.bytes) - self.start < size:
            self._more()

    def _more(self) -> bool:
        """Read on, and let go of what was taken; False at the end of the text."""
        self.line()
        del self.bytes[: self.start]
        self.start = self._counted = 0
        found = self.file.read(max(CHUNK, len(self.bytes)))
        self.bytes += found
        return bool(found)


class _Brackets:
    """Those that are open in a value."""

    def __init__(self) -> None:
        self.opened: list[bytes] = []
        self.are_broken = False
        """Does one close that another should have?"""
        self._count = Counter[bytes]()

    def add(self, bracket: bytes) -> bool:
        """Takes the next one in; not one that closes what is around the value."""
        opener = _OPENER.get(bracket)
        if opener is None:
            self.opened.append(bracket)
            self._count[bracket] += 1
            return True
        if not self._count[opener]:
            return False
        while (last := self.opened.pop()) != opener:
            self._count[last] -= 1
            self.are_broken = True
        self._count[opener] -= 1
        return True


def _siblings(raw: bytes, indent: bytes) -> list[int]:
    """Where, in a value that does not close, others begin that open as it does."""
    return [found.start() for found in _like(raw, indent).finditer(raw)]


def _like(raw: bytes, indent: bytes) -> re.Pattern[bytes]:
    """The opening of another value like this one; of one without a first key nothing is like it."""
    opening = _OPENING.match(raw)
    return re.compile(rb"(?<=[,\n])" + (indent or rb" ?") + re.escape(opening[0]) if opening else rb"(?!)")

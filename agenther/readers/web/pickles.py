"""Pickles, read as data: opcode by opcode, without Python's unpickler. Nothing is imported, called or built.

What a pickle would build by a call comes as a dict with the state that it would be given; one that names something
harmful gives such a dict too, and nothing happens.
"""

import pickletools
from collections.abc import Callable
from typing import Any
from warnings import catch_warnings

from agenther.errors import ReadError
from agenther.readers.json_text import clean
from agenther.records import Reason

MAX_OPCODES = 5_000_000
"""An opcode may need a hundred times the byte that it takes in the file."""
_ALL = -1
"""As many values as lie above the mark."""
_NEW: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": list, "EMPTY_SET": list}
_NEW |= {"NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False}
_ROWS = {"LIST": _ALL, "TUPLE": _ALL, "FROZENSET": _ALL, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_STUBS = {"GLOBAL": 0, "STACK_GLOBAL": 2, "REDUCE": 2, "NEWOBJ": 2, "NEWOBJ_EX": 3, "INST": _ALL, "OBJ": _ALL}
_STUBS |= {"PERSID": 0, "BINPERSID": 1, "EXT1": 0, "EXT2": 0, "EXT4": 0, "NEXT_BUFFER": 0}
_FILLS = {"APPEND": 1, "SETITEM": 2, "BUILD": 1, "APPENDS": _ALL, "SETITEMS": _ALL, "ADDITEMS": _ALL}
_DROPS = {"POP": 1, "POP_MARK": _ALL, "PROTO": 0, "FRAME": 0, "READONLY_BUFFER": 0}


def load(data: bytes) -> Any:
    """The value of a pickle: tuples and sets as lists, dicts with their textual keys, anything else as a dict.

    Raises ReadError for bytes that are no pickle, or one of more than MAX_OPCODES.
    """
    machine = _Machine()
    try:
        with catch_warnings(action="ignore", category=DeprecationWarning):  # of escapes in its texts
            for count, (opcode, arg, _) in enumerate(pickletools.genops(data)):
                if count > MAX_OPCODES:
                    raise ReadError(Reason.TOO_LARGE, f"a pickle may have {MAX_OPCODES:,} opcodes")
                machine.take(opcode.name, arg)
        return machine.stack[-1]
    except (ValueError, IndexError, KeyError) as error:
        raise ReadError(Reason.MALFORMED, f"not a whole pickle: {error}") from None


class _Machine:
    """The stack on which a pickle puts its value together."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def take(self, name: str, arg: Any) -> None:
        """One opcode. Raises IndexError or KeyError where the pickle is none."""
        if name in _NEW:
            self.stack.append(_NEW[name]())
        elif name in _ROWS:
            self.stack.append(self.off(_ROWS[name]))
        elif name in _STUBS:
            self.off(_STUBS[name])
            self.stack.append({})
        elif name == "DICT":
            values = self.off(_ALL)
            self.stack.append({})
            self.fill(name, values)
        elif name in _FILLS:
            self.fill(name, self.off(_FILLS[name]))
        elif name in _DROPS:
            self.off(_DROPS[name])
        elif not self.kept(name, arg) and name != "STOP":
            self.stack.append(clean(arg) if isinstance(arg, str) else arg)

    def kept(self, name: str, arg: Any) -> bool:
        """Was it about the mark or the memo?"""
        if name == "MARK":
            self.marks.append(len(self.stack))
        elif name == "DUP":
            self.stack.append(self.stack[-1])
        elif name.endswith("GET"):
            self.stack.append(self.memo[int(arg)])
        elif name.endswith("PUT") or name == "MEMOIZE":
            self.memo[len(self.memo) if name == "MEMOIZE" else int(arg)] = self.stack[-1]
        else:
            return False
        return True

    def fill(self, name: str, values: list[Any]) -> None:
        """Put values into what lies on top of the stack."""
        into = self.stack[-1]
        if name == "BUILD":
            states = values[0] if isinstance(values[0], list) else values  # state and slots
            values = [part for state in states if isinstance(state, dict) for item in state.items() for part in item]
        if isinstance(into, list):
            into.extend(values)
        elif isinstance(into, dict):
            pairs = zip(values[::2], values[1::2], strict=False)
            into.update((key, value) for key, value in pairs if isinstance(key, str))

    def off(self, count: int) -> list[Any]:
        """So many values, taken off the stack."""
        start = self.marks.pop() if count == _ALL else len(self.stack) - count
        if not 0 <= start <= len(self.stack):
            raise IndexError("a value is missing")
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

"""A lesson without the names of one place, so that an agent elsewhere can use it."""

from collections.abc import Sequence

from agenther.evidence.changes import is_change
from agenther.lessons.changes import Change, How
from agenther.lessons.errors import EMPTY, NAMELESS
from agenther.lessons.group import Key
from agenther.lessons.records import Kind, Signature
from agenther.lessons.write import CHANGES, LOOKS


def is_abstract(key: Key) -> bool:
    signature = key.signature
    return signature.tool in {"", CHANGES, LOOKS} and not (signature.site or signature.domain)


def abstract(key: Key, usual: Sequence[str]) -> Key:
    """The same, of kinds: of tools by what their verb does, of errors by their phrase, of values by their shape.
    `usual` are the shapes in which the arguments that the changes are about work elsewhere.
    """
    signature, changes = key
    phrase = "" if signature.site else signature.error.partition(" #")[0]
    general = Signature(kind=signature.kind, tool=kind(signature.tool), error=phrase)
    return Key(general, tuple(sorted(map(_without_names, changes, usual), key=lambda change: change.model_dump_json())))


def habit(key: Key) -> Key:
    """Of a loop, and of a tool that the agent does not have: the same without its tool. Of all else the key itself."""
    signature, changes = key
    is_loop = signature.kind == Kind.LOOP
    if not is_loop and changes != (Change(how=How.UNKNOWN),):
        return key
    phrase = signature.error.partition(" #")[0]
    error = phrase if phrase in {"", EMPTY} and is_loop else NAMELESS
    return Key(Signature(kind=signature.kind, error=error), changes)


def is_dead_end(key: Key) -> bool:
    """Was something never overcome, and no cause is known?"""
    return key.signature.kind == Kind.UNRECOVERED and not key.changes


def kind(tool: str) -> str:
    """What a tool does, by its name; empty where there is none."""
    if not tool:
        return ""
    return CHANGES if is_change(tool) else LOOKS


def _without_names(change: Change, usual: str) -> Change:
    if change.how in {How.UNKNOWN, How.MISSHAPEN}:
        return change.model_copy(update={"path": "", "after": usual})
    if change.how in {How.SKIPPED, How.UNFIT}:
        return change.model_copy(update={"after": kind(change.after)})
    shapes = {name: "" for name in ("before", "after") if getattr(change, name)[:1] == "“"}
    return change.model_copy(update={"path": "", **shapes})

"""What differs between a call that failed and one of the same tool that worked."""

import re
from collections.abc import Mapping
from enum import StrEnum

from pydantic import JsonValue

from agenther.evidence.trouble import SHORT, troubles
from agenther.lessons.known import RULED, TASK, USER, WORD, Known
from agenther.lessons.shapes import is_same, leaves, shape
from agenther.records import Record, Step

MOST = 2
"""Changes between two calls that are an attempt at the same thing."""
WORDS = 3
"""Of a value that stands for something, at most."""
LARGEST = 1e12
"""Numbers from here on are no amounts."""
_NUMBER = re.compile(r"(?<![\w.])\d{1,12}+(?:,\d{3})*+(?:\.\d{1,4})?(?![\w])", re.ASCII)
TELLING = 3
"""Characters of a value, from which on where it stands is no chance."""


class How(StrEnum):
    ADDED = "added"
    DROPPED = "dropped"
    RESHAPED = "reshaped"
    """The same in another shape, or something of another kind, as an id in the place of a name."""
    SOURCED = "sourced"
    """The first value was made up, the other came from somewhere."""
    SUMMED = "summed"
    """The error names what the values of a list have to be together."""
    REPLACED = "replaced"
    """Both came from somewhere, and are words of the tools or the rules."""
    NONE = "none"
    """The same call worked when it was made again."""
    DEMANDED = "demanded"
    """The error speaks of an argument of the tool that the call has not."""
    UNKNOWN = "unknown"
    """The agent has no such tool; the nearest that it has is `after`."""
    UNHEARD = "unheard"
    """The value was said nowhere before; others, which had been, worked in other runs."""
    MISSHAPEN = "misshapen"
    """No value of that shape ever worked; others worked in other runs."""
    MISTYPED = "mistyped"
    """The schema asks for another type, and the error speaks of the argument."""
    BLAMED = "blamed"
    """The error speaks of the argument, and no value of it worked in the run."""
    SKIPPED = "skipped"
    """A model says, as of all that follow: the tool was called before `after` was, which has to come first."""
    MISGIVEN = "argument"
    """A value did not fit what was wanted; the right one is to be had from the `source`."""
    UNFIT = "wrong-tool"
    """`after` is the tool for it."""
    MISREAD = "misread"
    """Its result was taken for something that it does not say."""
    UNASKED = "unasked"
    """It changed something that nobody had asked for."""
    STOPPED = "stopped"
    """The agent ended before all was done."""
    CLAIMED = "claimed"
    """The user was told something that no result says."""


class Change(Record):
    how: How
    path: str = ""
    """Of the argument, as payments[].amount; empty where it may not be told."""
    before: str = ""
    """Shape of the value that failed, or the value itself where the tool or the rules name it."""
    after: str = ""
    source: str = ""
    """Where the value that worked stood: ERROR, TASK, USER, RESULT."""


ERROR, RESULT = "the error", "a result"
NOTHING = frozenset({"empty text", "null", "an empty list", "an empty object"})
FREE = "one word", "several words", "values"
"""So begin the shapes of what may be any text."""
Leaves = Mapping[str, tuple[JsonValue, ...]]


def changes(failed: Step, worked: Step, known: Known, *, empty: bool) -> tuple[Change, ...]:
    """None where they are no attempts at the same thing, or where nothing tells what made the difference.

    `empty`: the first brought no error, and nothing either.
    """
    one, other = leaves(failed.action.arguments), leaves(worked.action.arguments)
    if not one and not other:
        return ()
    if failed.action == worked.action:
        return (Change(how=How.NONE),)
    added, dropped = _apart(other, one), _apart(one, other)
    differing = [path for path in one if path in other and one[path] != other[path]]
    shared = len(one.keys() & other.keys()) - len(differing)
    if len(added) + len(dropped) + len(differing) > MOST:
        return ()
    pairs = [
        _summed(path, one[path], other[path], failed) or _changed(path, one[path], other[path], failed, worked, known)
        for path in differing
    ]
    told = [change for change in pairs if change]
    if len(told) < len(pairs) or (empty and any(change.how in {How.REPLACED, How.SOURCED} for change in told)):
        return ()
    is_attempt = shared or all(change.source or is_same(one[change.path], other[change.path]) for change in told)
    told += [Change(how=How.DROPPED, path=path) for path in dropped]
    told += [Change(how=How.ADDED, path=path) for path in added]
    if not (shared or (is_attempt and differing)) or any(
        change.how == How.ADDED and not _ours(change.path, known) for change in told
    ):
        return ()
    return tuple(sorted(told, key=lambda change: change.model_dump_json()))


def told_value(values: tuple[JsonValue, ...], known: Known) -> str:
    """The value itself where it is a word of the tools or the rules; empty where it may not be told."""
    word = values[0] if len(values) == 1 else None
    is_ours = isinstance(word, str) and word.isalpha() and len(word) <= WORD and word.casefold() in known.vocabulary
    return f"“{word}”" if is_ours else ""


def _ours(path: str, known: Known) -> bool:
    """What a result asked for is given by nobody who did not know it before."""
    return all(known.is_ours(part) for part in path.replace("[]", "").split("."))


def _apart(one: Leaves, other: Leaves) -> list[str]:
    """The paths of `one` that `other` has not, each cut where it leaves those of `other`."""
    shared = {prefix for path in other for prefix in prefixes(path)}
    found = (next((p for p in prefixes(path) if p not in shared), "") for path in one if path not in other)
    return sorted({path for path in found if path})


def prefixes(path: str) -> list[str]:
    parts = path.replace("[]", "").split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _changed(
    path: str,
    before: tuple[JsonValue, ...],
    after: tuple[JsonValue, ...],
    failed: Step,
    worked: Step,
    known: Known,
) -> Change | None:
    shapes = shape(before), shape(after)
    if is_same(before, after):
        made = Change(how=How.RESHAPED, path=path, before=shapes[0], after=shapes[1])
        return made if shapes[0] != shapes[1] else None
    new = tuple(value for value in after if value not in before)
    old = tuple(value for value in before if value not in after)
    if not (old and new) or any(len(str(value).split()) > WORDS for value in (*old, *new)):
        return None  # a list that is longer or shorter, or any text
    source, was = _source(new, worked, failed, known), known.origin(old, failed)
    is_text = all(one.startswith(FREE) for one in shapes)
    if shapes[0] != shapes[1] and (was or shapes[0] in NOTHING) and not is_text:
        return Change(how=How.RESHAPED, path=path, before=shapes[0], after=shapes[1], source=source)
    if not source or (was and source in {TASK, USER}):  # another request, and no other way to the same
        return None
    if source == ERROR or known.is_made_up(old, failed):
        return Change(how=How.SOURCED, path=path, before=shapes[0], after=shapes[1], source=source)
    said = told_value(old, known), told_value(new, known)
    return Change(how=How.REPLACED, path=path, before=said[0], after=said[1], source=source) if all(said) else None


def _summed(path: str, before: tuple[JsonValue, ...], after: tuple[JsonValue, ...], failed: Step) -> Change | None:
    """Of a list: are the values together now what the error names, and were not before?"""
    total = _total(after)
    is_summed = "[]" in path and total != _total(before) and total in _numbers(failed)
    return Change(how=How.SUMMED, path=path, source=ERROR) if is_summed else None


def _total(values: tuple[JsonValue, ...]) -> float | None:
    """To the cent; None where they are not all numbers that can be added."""
    found = [value for value in values if isinstance(value, (int, float)) and abs(value) < LARGEST]
    return round(float(sum(found)), 2) if len(found) == len(values) else None


def _numbers(step: Step) -> set[float]:
    """Those that stand at the head of what came back."""
    return {round(float(found.replace(",", "")), 2) for found in _NUMBER.findall((step.observation or "")[:SHORT])}


def _source(values: tuple[JsonValue, ...], worked: Step, failed: Step, known: Known) -> str:
    """Where they stood before the call that worked; empty where nowhere, or where it may be chance."""
    origin = known.origin(values, worked)
    if origin is None or max(len(str(value)) for value in values) < TELLING:
        return ""
    if origin.source == failed.action.name and origin.step in troubles(known.run):
        return ERROR
    return {RULED: TASK, TASK: TASK, USER: USER}.get(origin.source, RESULT)

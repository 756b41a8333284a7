"""Was a call given what its tool asks for? Only then does its failure say something of the tool."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from agenther.evidence.trouble import SHORT
from agenther.lessons.changes import Change, How
from agenther.lessons.errors import mark
from agenther.lessons.known import Known
from agenther.lessons.shapes import is_name, leaves, shape
from agenther.records import Step

LEAST = 5
"""Characters of an argument's name, from which on it stands in an error by no chance."""
ECHOED = 2
"""Characters of a value that stands there by chance, at most."""
_TYPES: dict[JsonValue, tuple[tuple[type, ...], str]] = {
    "integer": ((int,), "a number"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "a truth value"),
    "array": ((list,), "a list"),
    "object": ((dict,), "an object"),
}
"""Of what a schema may ask for, what a value is then, and how that is told."""
_KEY = re.compile(r"['\"]\w{1,40}\\?['\"]\s?:")
"""The name of a field, which says nothing of an argument."""
_MARK = re.compile(r"[^\w\s]|_")


class Tried(NamedTuple):
    """What one call was given, as marks."""

    arguments: str
    """Without case and what stands between words; empty where the tool takes none."""
    shapes: str


def tried(step: Step, known: Known) -> Tried:
    """What tells truly different calls apart, and those that are alike."""
    told = {path: [_plain(str(value)) for value in many] for path, many in leaves(step.action.arguments).items()}
    is_fixed = not told and known.schema(step.action.name).get("properties") == {}
    return Tried("" if is_fixed else mark(f"{sorted(told.items())} {step.action.raw or ''}"), shapes(step))


def shapes(step: Step) -> str:
    """Equal for calls of the same arguments in the same shapes."""
    return mark(str(sorted((path, shape(many)) for path, many in leaves(step.action.arguments).items())))


def is_fit(step: Step, known: Known) -> bool:
    """Does nothing speak against what it was given: neither the schema nor its examples, nor the error, nor that an id
    in it was said nowhere before?
    """
    back, said = _back(step), _plain(_KEY.sub(" ", _back(step)))
    given = leaves(step.action.arguments)
    names = (part for path in given for part in path.replace("[]", "").split("."))
    is_told = any(_plain(name) in said for name in names if len(name) >= LEAST)
    is_echoed = any(len(text) > ECHOED and text in back for many in given.values() for text in map(str, many))
    return not (
        is_told
        or is_echoed
        or any(missing(step, known))
        or any(mistyped(step, known))
        or any(_is_unlike(value, example) for value, example in _examples(step, known))
        or any(_is_guess(many, step, known) for many in given.values())
    )


def blamed(step: Step) -> Iterator[str]:
    """The arguments of the call that the error names."""
    said = _plain(_KEY.sub(" ", _back(step)))
    return (name for name in step.action.arguments if len(name) >= LEAST and _plain(name) in said)


def is_turned_away(step: Step) -> bool:
    """Does what came back name the tool, and no argument of the call, as only who looked for the tool in vain does?"""
    name = rf"(?<![\w.-]){re.escape(step.action.name)}(?!\.?[\w-])"
    own = _plain(step.action.name)
    return bool(re.search(name, _back(step))) and all(_plain(one) in own for one in blamed(step))


def _back(step: Step) -> str:
    """The head of what came back, with what the environment says of it."""
    return f"{step.error or ''} {(step.observation or '')[:SHORT]}"


def missing(step: Step, known: Known) -> Iterator[str]:
    """Arguments that the schema requires and the call has not."""
    required = known.schema(step.action.name).get("required")
    names = required if isinstance(required, list) else []
    return (name for name in names if isinstance(name, str) and name not in step.action.arguments)


def mistyped(step: Step, known: Known) -> Iterator[Change]:
    """Arguments of another type than the schema asks for."""
    for name, value in step.action.arguments.items():
        asked = known.parameter(step.action.name, name).get("type")
        kinds, told = _TYPES.get(asked, ((), "")) if isinstance(asked, str) else ((), "")
        is_other = isinstance(value, bool) and bool not in kinds
        if kinds and (is_other or not isinstance(value, kinds)):
            yield Change(how=How.MISTYPED, path=name, before=shape((value,)), after=told)


def _examples(step: Step, known: Known) -> Iterator[tuple[str, str]]:
    """(value, example) of each argument of which the schema shows any."""
    for name, value in step.action.arguments.items():
        shown = [text for key, text in known.parameter(step.action.name, name).items() if key.startswith("example")]
        yield from ((value, text) for text in shown if isinstance(value, str) and isinstance(text, str) and text)


def _is_unlike(value: str, example: str) -> bool:
    """Has it marks, letters or digits where the example has none?"""
    return not _parts(value) <= _parts(example)


def _parts(text: str) -> set[str]:
    classes = {"letter": any(map(str.isalpha, text)), "digit": any(map(str.isdecimal, text))}
    return {*_MARK.findall(text), *(name for name, there in classes.items() if there)}


def _is_guess(many: tuple[JsonValue, ...], step: Step, known: Known) -> bool:
    return all(isinstance(one, str) for one in many) and is_name(many) and known.is_made_up(many, step)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
